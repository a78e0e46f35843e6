"""Asking a service that keeps records: its answers, its files, and what goes wrong."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hubroam.asker import Asker, NoReply, Stream
from hubroam.errors import (
    HubroamError,
    RepositoryError,
    RepositoryNotFound,
    RepositoryRefused,
    RepositoryUnreachable,
)
from hubroam.providers.archives.entries import shown, size_text
from hubroam.providers.progress import PACE

_LONGEST_JSON = 32 * 2**20
_REDIRECTS = 5
_CHECKSUMS = ("md5", "sha1", "sha256", "sha512")

Tell = Callable[[str], None]


@dataclass(frozen=True)
class RemoteFile:
    """A file of a record.

    Attributes:
        path: Its path in the record.
        url: Where it is.
        size: Bytes; None when the service does not say.
        checksum: ``md5:…``, ``sha1:…``, ``sha256:…`` or ``sha512:…``; empty without one.
    """

    path: str
    url: str
    size: int | None = None
    checksum: str = ""


class Service:
    """A conversation with one service.

    Args:
        asker: Asks.
        name: What people call the service, such as Zenodo.
    """

    def __init__(self, asker: Asker, name: str) -> None:
        self._asker = asker
        self.name = name

    async def places(self, url: str, what: str) -> AsyncIterator[str]:
        """Where a DOI's resolver leads, step by step, until the caller has seen enough.

        Args:
            url: The DOI at its resolver.
            what: What it is called in errors.

        Raises:
            RepositoryNotFound: There is no such DOI.
            RepositoryUnreachable: It cannot be resolved now.
        """
        for _ in range(_REDIRECTS):
            try:
                reply = await self._asker.ask(url, follow=False, read=False)
            except NoReply as error:
                raise self._no_reply(error, what) from None
            if reply.status >= 400:
                raise self._failed(reply.status, what)
            onward = reply.onward
            if not onward:
                return
            yield onward
            url = onward

    async def json(
        self, url: str, what: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> Any:
        """What the service answers.

        Args:
            url: Where to ask.
            what: What is asked about, as the beginning of a sentence.
            method: The HTTP method.
            headers: More headers.

        Raises:
            RepositoryNotFound: The service has no such thing.
            RepositoryRefused: It is not for everybody.
            RepositoryUnreachable: There is no answer.
            RepositoryError: The answer is not understood.
        """
        asked = {"Accept": "application/json", **(headers or {})}
        async with self.opened(url, what, method=method, headers=asked) as reply:
            body = bytearray()
            async for block in reply.blocks:
                body += block
                if len(body) > _LONGEST_JSON:
                    raise self.not_understood(what)
        try:
            return json.loads(bytes(body))
        except (ValueError, RecursionError):
            raise self.not_understood(what) from None

    @asynccontextmanager
    async def opened(
        self, url: str, what: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[Stream]:
        """An answer that is no failure; its errors are those of `json`."""
        try:
            async with self._asker.stream(url, method=method, headers=headers) as reply:
                if reply.last.status >= 300:
                    raise self._failed(reply.last.status, what)
                yield reply
        except NoReply as error:
            raise self._no_reply(error, what) from None

    async def download(
        self,
        file: RemoteFile,
        target: Path,
        what: str,
        tell: Tell,
        *,
        check_size: Callable[[int], None],
    ) -> None:
        """Bring a file here, and check that it is the one that the record names.

        Args:
            file: The file.
            target: Where to put it.
            what: The record, as the beginning of a sentence.
            tell: Takes lines of progress, a few a second.
            check_size: Refuses a number of bytes that is too large.

        Raises:
            RepositoryRefused: It is too large, or not for everybody.
            RepositoryError: It is another, or cannot be had.
        """
        name = shown(file.path)
        kind, _, wanted = file.checksum.partition(":")
        digest = hashlib.new(kind, usedforsecurity=False) if kind in _CHECKSUMS else None
        size, told = 0, time.monotonic()
        plain = {"Accept-Encoding": "identity"}  # its size and checksum are those of what is stored
        async with self.opened(file.url, f"{name} of {what}", headers=plain) as reply:
            length = reply.last.headers.get("Content-Length", "")
            total = file.size if file.size is not None else int(length) if length.isdigit() else 0
            check_size(total)
            with target.open("wb") as output:
                async for block in reply.blocks:
                    size += len(block)
                    check_size(size)
                    output.write(block)
                    if digest:
                        digest.update(block)
                    if time.monotonic() - told >= PACE:
                        told = time.monotonic()
                        tell(f"Receiving {name}: {_of(size, total)}")
        tell(f"Receiving {name}: {size_text(size)}, done.")
        differs = "size" if file.size not in (None, size) else ""
        if digest and digest.hexdigest() != wanted.lower():
            differs = differs or f"{kind} checksum"
        if differs:
            raise RepositoryError(
                f"{name} of {what} is not what {self.name} describes: its {differs} differs.",
                next_step="Try again later; tell the record's author if it stays so.",
            )

    @contextmanager
    def understood(self, what: str) -> Iterator[None]:
        """Where an answer is read: one of another form than the service documents has its error.

        Raises:
            RepositoryError: The answer is not understood.
        """
        try:
            yield
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, StopIteration):
            raise self.not_understood(what) from None

    def not_understood(self, what: str) -> RepositoryError:
        """The error for an answer of a form that is not known."""
        return RepositoryError(
            f"{self.name} answers for {what} in a way that is not understood.",
            next_step="Try again later, or tell the people who run this hub.",
        )

    def _failed(self, status: int, what: str) -> HubroamError:
        if status in (404, 410):
            return RepositoryNotFound(f"{what} does not exist.", next_step="Check its spelling.")
        if status in (401, 403):
            return restricted(what)
        if status == 429:
            return RepositoryUnreachable(
                f"{what} cannot be read now: {self.name} has had too many requests.",
                next_step="Try again in some minutes.",
            )
        return RepositoryUnreachable(
            f"{what} cannot be read now: {self.name} answers with an error ({status}).",
            next_step="Try again later.",
        )

    def _no_reply(self, error: NoReply, what: str) -> HubroamError:
        refused = {
            "private": "leads into a private network",
            "insecure": "leads to a place without https",
            "loop": "leads round and round",
        }
        if error.reason in refused:
            return RepositoryRefused(
                f"{what} cannot be read: it {refused[error.reason]}.",
                next_step="Tell its author, or the people who run this hub.",
            )
        why = {
            "timeout": "does not answer in time",
            "certificate": "does not prove who it is",
        }.get(error.reason, "does not answer")
        return RepositoryUnreachable(
            f"{what} cannot be read now: its host {why}.", next_step="Try again later."
        )


def restricted(what: str, until: str = "") -> RepositoryRefused:
    """The error for a record whose files are not for everybody."""
    when = f" until {until}" if until else ""
    return RepositoryRefused(
        f"{what} is restricted{when}: its files are not for everybody.",
        next_step="Launch a record that is open, or ask its author to open it.",
    )


def _of(size: int, total: int) -> str:
    return f"{size_text(size)} of {size_text(total)}" if total >= size else size_text(size)
