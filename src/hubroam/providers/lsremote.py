"""What a repository says of its refs, without fetching it: ``git ls-remote``."""

from __future__ import annotations

import re

from hubroam.providers.keyring import Keyring
from hubroam.providers.process import run_git

#: A full commit: SHA-1 or SHA-256.
FULL_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

# A branch's name that is longer, or that cannot be printed, is not told to people.
_LONGEST_NAME = 80


class Remote:
    """A repository elsewhere.

    Args:
        url: Its clone URL, allowed to be read; ``file:`` too.
        what: What it is called in errors.
        timeout: Seconds that one question may take.
        keyring: What opens private repositories.
    """

    def __init__(
        self, url: str, *, what: str, timeout: float, keyring: Keyring | None = None
    ) -> None:
        self._keyring = keyring
        self._url = url
        self._what = what
        self._timeout = timeout

    async def find(self, ref: str) -> str | None:
        """The commit that a ref names; an annotated tag gives the commit that it is of.

        A branch wins over a tag of the same name, as in ``git checkout`` and on BinderHub
        (``git rev-parse`` has it the other way round).  What is neither may be the end of a full
        ref, such as ``pull/1/head``.

        Args:
            ref: A branch, a tag, ``HEAD`` or a full ref such as ``refs/pull/1/head``; checked by
                `hubroam.addresses.check_ref`, so that it is no pattern and no option.

        Returns:
            The commit, or None when there is no such ref.

        Raises:
            RepositoryError: The repository cannot be read.
        """
        if ref == "HEAD":
            return await self._first("HEAD")
        if ref.startswith("refs/"):
            return await self._first(f"{ref}^{{}}", ref)
        # --heads and --tags spare the server from sending, say, every pull request
        wanted = (f"refs/heads/{ref}", f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}")
        commit = await self._first(*wanted, only=("--heads", "--tags"))
        if commit is None and "/" in ref:
            commit = await self._first(f"refs/{ref}^{{}}", f"refs/{ref}")
        return commit

    async def branches(self) -> list[str]:
        """The names of all branches that can be told to people.

        Raises:
            RepositoryError: The repository cannot be read.
        """
        names = (name.removeprefix("refs/heads/") for name in await self._ask("--heads"))
        return [name for name in names if name.isprintable() and len(name) <= _LONGEST_NAME]

    async def _first(self, *names: str, only: tuple[str, ...] = ()) -> str | None:
        found = await self._ask(*only, patterns=names)
        return next((found[name] for name in names if name in found), None)

    async def _ask(self, *options: str, patterns: tuple[str, ...] = ()) -> dict[str, str]:
        """Refs and what they name; a pattern fits the ends of names, so more may come."""
        output = await run_git(
            *("ls-remote", "--quiet", *options, "--", self._url, *patterns),
            what=self._what,
            allow_file=self._url.startswith("file:"),
            keyring=self._keyring,
            timeout=self._timeout,
        )
        # a ref of other bytes than UTF-8 cannot be asked for in a URL
        lines = (line.split("\t", 1) for line in output.decode(errors="replace").split("\n"))
        rows = (line for line in lines if len(line) == 2)
        return {name: commit for commit, name in rows if FULL_COMMIT.fullmatch(commit)}
