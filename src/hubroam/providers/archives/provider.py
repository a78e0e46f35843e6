"""What all archives have in common: limits, whom they ask, how a record becomes a commit."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from traitlets import Float, Int, List, Unicode, validate

from hubroam.asker import Asker, origin_of
from hubroam.errors import RepositoryNotFound, SpecError
from hubroam.providers.archives.entries import Limits, cleaned
from hubroam.providers.archives.importing import import_commit
from hubroam.providers.archives.layouts import Download, Layout
from hubroam.providers.archives.service import RemoteFile, Service, Tell
from hubroam.providers.base import RepoProvider, ResolvedRef
from hubroam.providers.failures import full_disk, time_limit
from hubroam.providers.process import run_git
from hubroam.providers.settings import plain_address
from hubroam.spec import BinderSpec

ListFiles = Callable[[Service, Tell], Awaitable[Sequence[RemoteFile]]]


def known(files: Sequence[RemoteFile]) -> ListFiles:
    """For `Found.files`, where the answer that told the version told the files too."""

    async def listed(service: Service, tell: Tell) -> Sequence[RemoteFile]:
        return files

    return listed


def seconds(moment: str) -> int:
    """A moment in UTC, as ISO 8601 writes it, in whole seconds since 1970.

    Raises:
        ValueError: It is none.
    """
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp())


@dataclass(frozen=True)
class Found:
    """What a spec means at its archive.

    Attributes:
        spec: The spec of this version.
        name: What the version is called, as the beginning of a sentence.
        page: Its address for people.
        source: Where its archive has it; no other archive can claim that, as it could a DOI.
        version: What tells it from other versions there.
        files: Lists its files; asked only when they are not here yet.
        layout: How they become the files of a repository.
        note: What people should know.
        tree: The hash of its files, as git has it, where the archive names one.
    """

    spec: BinderSpec
    name: str
    page: str
    source: str
    version: str
    files: ListFiles
    layout: Layout
    note: str = ""
    tree: str = ""


class ArchiveProvider(RepoProvider):
    """An archive whose records are files, and no repository of git's.

    Attributes:
        archive: What people call the archive.
    """

    archive: str

    size_limit = Int(
        2 * 10**9,
        config=True,
        help="Bytes that a record's files may have, and again what they unpack to.",
    )
    file_limit = Int(20_000, config=True, help="How many files a record may hold.")
    resolve_timeout = Float(30.0, config=True, help="Seconds that an archive gets for an answer.")
    poll_interval = Float(
        5.0, config=True, help="Seconds between questions whether an archive has packed a record."
    )
    fetch_timeout = Float(600.0, config=True, help="Seconds that bringing a record here may take.")

    @property
    def limits(self) -> Limits:
        """How much a record may be."""
        return Limits(self.size_limit, self.file_limit)

    def places(self) -> list[str]:
        """The addresses that the operator named: they may be private, and without https."""
        return []

    async def find(self, service: Service, spec: BinderSpec) -> Found:
        """Ask the archive which version a spec means now.

        Raises:
            RepositoryError: There is none, or it cannot be read.
        """
        raise NotImplementedError

    def pinned(self, repository: object, spec: BinderSpec) -> BinderSpec:
        """The spec of what the archive calls a version, or the one asked for if that is none."""
        try:
            return BinderSpec(self.id, str(repository))
        except SpecError:
            return spec

    @asynccontextmanager
    async def service(self) -> AsyncIterator[Service]:
        """A conversation: only by https and with the public internet, but for `places`."""
        trusted = {origin_of(place) for place in self.places()}
        async with Asker(https_only=True, trusted=trusted, timeout=self.resolve_timeout) as asker:
            yield Service(asker, self.archive)

    async def resolve(self, spec: BinderSpec) -> ResolvedRef:
        """Find the version that a spec means now.

        Raises:
            RepositoryNotFound: There is no such record.
            RepositoryRefused: It is not for everybody.
            RepositoryError: The archive cannot be read.
        """
        async with self.service() as service:
            found = await self.find(service, spec)
        return ResolvedRef(
            spec=spec,
            clone_url=found.page,
            commit="",
            ref=found.version,
            repo_url=found.page,
            ref_url=found.page,
            notes=(found.note,) if found.note else (),
            record=ArchivedRecord(self, found),
        )


class HostsProvider(ArchiveProvider):
    """An archive that is at many places."""

    hosts = List(
        Unicode(),
        config=True,
        help="Where the archive is; empty for every place of the public internet.",
    )

    @validate("hosts")
    def _check_hosts(self, proposal: dict[str, Any]) -> list[str]:
        """Only plain web addresses.

        Raises:
            ConfigurationError: One is another.
        """
        setting = f"{type(self).__name__}.hosts"
        return [plain_address(host, setting) for host in proposal["value"]]

    def places(self) -> list[str]:
        """The addresses that the operator named."""
        return list(self.hosts)

    def host(self, address: str) -> str:
        """The place whose page has an address; an old address may still have http.

        Args:
            address: Where the page is, without what only pages have in their addresses.

        Returns:
            The place; empty when the operator named places and this is none of them.
        """
        bare = address.partition("://")[2]
        if not self.hosts:
            return f"https://{bare}"
        return next((host for host in self.hosts if host.partition("://")[2] == bare), "")


@dataclass(frozen=True)
class ArchivedRecord:
    """A version of a record; implements `hubroam.providers.base.Record`."""

    provider: ArchiveProvider
    found: Found

    @property
    def name(self) -> str:
        """What it is called, as the beginning of a sentence."""
        return self.found.name

    @property
    def key(self) -> str:
        """What tells its content from every other's."""
        return f"{self.provider.id}\n{self.found.source}\n{self.found.version}"

    @property
    def spec(self) -> BinderSpec:
        """The spec of this version."""
        return self.found.spec

    async def put(self, folder: Path, progress: Tell) -> str:
        """Download its files and make them a commit; see `hubroam.providers.base.Record`."""
        downloads = Path(mkdtemp(prefix="downloads-", dir=folder))
        try:
            async with asyncio.timeout(self.provider.fetch_timeout):
                here = await self._download(downloads, progress)
                commit = await self._import(folder, here, progress)
                await self._check(folder, commit, progress)
                return commit
        except TimeoutError:
            raise time_limit(self.name, self.provider.fetch_timeout) from None
        finally:
            await asyncio.to_thread(shutil.rmtree, downloads, ignore_errors=True)

    async def _download(self, folder: Path, progress: Tell) -> list[Download]:
        provider, name = self.provider, self.name
        limits = provider.limits
        async with provider.service() as service:
            files = await self.found.files(service, progress)
            if not files:
                raise RepositoryNotFound(
                    f"{name} holds no files.", next_step="Launch a record that does."
                )
            limits.check_files(len(files), name)
            limits.check_size(sum(file.size or 0 for file in files), name)
            for file in files:
                cleaned(file.path, name)
            downloads: list[Download] = []
            before = 0
            for number, file in enumerate(files):
                here = folder / str(number)
                await service.download(
                    file,
                    here,
                    name,
                    progress,
                    check_size=partial(limits.check_size, what=name, before=before),
                )
                before += here.stat().st_size
                downloads.append(Download(file.path, here))
        return downloads

    async def _import(self, folder: Path, downloads: Sequence[Download], progress: Tell) -> str:
        progress("Unpacking")
        stop = threading.Event()
        work = asyncio.ensure_future(asyncio.to_thread(self._work, folder, downloads, stop))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait([work])  # the folder is removed next
            raise

    async def _check(self, folder: Path, commit: str, progress: Tell) -> None:
        """Say it when the files are not all that the archive's own hash is of.

        No error: what packs them leaves out submodules and what it may not give away.
        """
        if self.found.tree:
            named = ("rev-parse", f"{commit}^{{tree}}")
            tree = await run_git(*named, what=self.name, folder=folder)
            if tree.decode().strip() != self.found.tree:
                progress(f"{self.name} came without some of its parts, such as submodules")

    def _work(self, folder: Path, downloads: Sequence[Download], stop: threading.Event) -> str:
        with full_disk(), self.found.layout(downloads, self.provider.limits, self.name) as entries:
            return import_commit(folder, entries, f"{self.spec}\n", self.name, stop)
