"""Repositories, kept as bare mirrors and fetched by increments."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import shutil
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from filelock import AsyncFileLock

from hubroam.errors import RecipeError, RefNotFound, RepositoryError
from hubroam.providers.base import ResolvedRef
from hubroam.providers.process import TIMEOUT, run_git
from hubroam.recipes.files import tree_digest

_REFS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
# Bytes of the largest file that is read as part of a recipe.
_FILE_LIMIT = 10 * 2**20
# Symbolic links that are followed from one file to the next.
_LINK_LIMIT = 10
_SYMLINK, _SUBMODULE = "120000", "160000"


class MirrorStore:
    """The mirrors of all repositories that were launched.

    Args:
        root: Where they are; made when it is missing.
        timeout: Seconds that fetching one may take.
    """

    def __init__(self, root: Path, *, timeout: float = TIMEOUT) -> None:
        self.root = root
        self._timeout = timeout
        root.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def fetch(self, resolved: ResolvedRef, progress: Callable[[str], None]) -> Mirror:
        """Have a commit in the mirror of its repository.

        Nothing is fetched when the commit is there; else what is new, once for all who wait,
        those of other processes too.

        Args:
            resolved: What `Providers.resolve` found.
            progress: Takes git's lines of progress.

        Raises:
            RefNotFound: The repository does not give this commit.
            RepositoryError: The repository cannot be read.
        """
        url = resolved.clone_url
        name = hashlib.sha256(url.encode()).hexdigest()[:24]
        mirror = Mirror(self.root / f"{name}.git", timeout=self._timeout)
        if await mirror.has(resolved.commit):
            return mirror
        async with AsyncFileLock(self.root / f"{name}.lock", run_in_executor=False):
            if not mirror.path.is_dir():
                await self._create(mirror.path, url, progress)
            elif not await mirror.has(resolved.commit):
                await self._update(mirror.path, url, progress)
            if not await mirror.has(resolved.commit):
                await self._fetch_one(mirror, resolved, progress)
        return mirror

    async def _create(self, path: Path, url: str, progress: Callable[[str], None]) -> None:
        """Make a mirror aside, then put it in its place: never half there."""
        for left in self.root.glob(f"{path.name}.partial-*"):
            shutil.rmtree(left, ignore_errors=True)  # of a process that was killed
        aside = self.root / f"{path.name}.partial-{secrets.token_hex(4)}"
        try:
            await run_git("init", "--quiet", "--bare", "--template=", str(aside), what=url)
            await run_git("remote", "add", "origin", url, what=url, folder=aside)
            await self._update(aside, url, progress)
            aside.rename(path)
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, aside, ignore_errors=True)
            raise

    async def _update(self, path: Path, url: str, progress: Callable[[str], None]) -> None:
        # --prune lets a branch `a` make room for `a/b`; objects stay, since nothing collects them
        await self._git_fetch(path, url, progress, "--prune", "origin", *_REFS)

    async def _fetch_one(
        self, mirror: Mirror, resolved: ResolvedRef, progress: Callable[[str], None]
    ) -> None:
        """Ask for a commit that no branch or tag holds, such as that of a pull request."""
        url = resolved.clone_url
        wanted = resolved.ref if resolved.ref.startswith("refs/") else resolved.commit
        with suppress(RepositoryError):  # whether it worked, the next line sees
            await self._git_fetch(mirror.path, url, progress, "origin", wanted)
        if not await mirror.has(resolved.commit):
            raise RefNotFound(
                f"There is no commit {resolved.commit} in {resolved.spec.repository}.",
                next_step="Check the commit, or launch a branch.",
            )

    async def _git_fetch(
        self, path: Path, url: str, progress: Callable[[str], None], *arguments: str
    ) -> None:
        await run_git(
            "fetch",
            "--progress",
            "--force",
            "--no-tags",
            "--no-write-fetch-head",
            *arguments,
            what=url,
            folder=path,
            allow_file=url.lower().startswith("file:"),
            progress=progress,
            timeout=self._timeout,
        )


class Mirror:
    """One repository, bare.

    Args:
        path: Its folder.
        timeout: Seconds that a checkout, with its submodules, may take.
    """

    def __init__(self, path: Path, *, timeout: float = TIMEOUT) -> None:
        self.path = path
        self._timeout = timeout

    async def has(self, commit: str) -> bool:
        """Whether a commit is here."""
        if not self.path.is_dir():
            return False
        try:
            await self._git("cat-file", "-e", f"{commit}^{{commit}}")
        except RepositoryError:
            return False
        return True

    async def files(self, commit: str) -> CommitFiles:
        """The files of a commit, without a checkout."""
        listing = await self._git("ls-tree", "-r", "-z", "-l", "--full-tree", commit)
        return CommitFiles(self.path, listing)

    async def checkout(self, commit: str, target: Path, *, origin: str) -> None:
        """Make a clone of its own at a commit, with its submodules.

        Its objects are hard links on the same disk; nothing that is done in the clone reaches the
        mirror.  It is made aside and renamed into place.

        Args:
            commit: A commit that is here.
            target: Must not exist.
            origin: The URL of the clone's remote.

        Raises:
            RepositoryError: A submodule cannot be read.
            DiskFull: No space is left.
        """
        aside = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
        try:
            await self._git(
                *("clone", "--quiet", "--no-checkout", "--local", "--template="),
                *("--", str(self.path), str(aside)),
                allow_file=True,
            )
            await self._git("remote", "set-url", "origin", origin, folder=aside)
            await self._git("checkout", "--quiet", "--detach", commit, folder=aside)
            if (aside / ".gitmodules").is_file():
                await self._git(
                    *("submodule", "--quiet", "update", "--init", "--recursive"),
                    folder=aside,
                    allow_file=origin.lower().startswith("file:"),
                )
            aside.rename(target)
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, aside, ignore_errors=True)
            raise

    async def _git(
        self, *arguments: str, folder: Path | None = None, allow_file: bool = False
    ) -> bytes:
        return await run_git(
            *arguments,
            what="the repository or one of its submodules",
            folder=folder or self.path,
            allow_file=allow_file,
            timeout=self._timeout,
        )


class _Entry(NamedTuple):
    mode: str
    oid: str
    size: int


class CommitFiles:
    """The files of one commit; implements `hubroam.recipes.Files`.

    Args:
        repository: The bare repository.
        listing: What ``git ls-tree -r -z -l`` says of it.
    """

    def __init__(self, repository: Path, listing: bytes) -> None:
        self._repository = repository
        self._entries: dict[str, _Entry] = {}
        for line in listing.split(b"\0"):
            if line:
                facts, name = line.decode(errors="surrogateescape").split("\t", 1)
                mode, _, oid, size = facts.split()
                if mode == _SUBMODULE:
                    continue
                self._entries[name] = _Entry(mode, oid, int(size) if size.isdigit() else 0)
        self._names = sorted(self._entries)

    def names(self) -> Sequence[str]:
        """Every file, sorted; submodules are none."""
        return self._names

    def read(self, name: str) -> bytes:
        """The bytes of a file; a symbolic link is followed inside the repository.

        Raises:
            KeyError: There is no such file.
            RecipeError: It is too large to be part of a recipe.
        """
        for _ in range(_LINK_LIMIT):
            entry = self._entries[name]
            if entry.size > _FILE_LIMIT:
                raise RecipeError(
                    f"{name} is too large to be part of a recipe ({entry.size} bytes).",
                    next_step="Keep data out of the recipe's files.",
                )
            content = self._blob(entry.oid)
            if entry.mode != _SYMLINK:
                return content
            name = _linked(name, content)
        raise KeyError(name)

    def digest(self, prefix: str = "") -> str:
        """What identifies the content of a folder, empty for all of the commit.

        Raises:
            KeyError: There is no such file or folder.
        """
        return tree_digest(((name, self._entries[name].oid) for name in self._names), prefix)

    def _blob(self, oid: str) -> bytes:
        return subprocess.run(
            ["git", "cat-file", "blob", oid],
            cwd=self._repository,
            capture_output=True,
            check=True,
        ).stdout


def _linked(name: str, content: bytes) -> str:
    """Where a symbolic link leads.

    Raises:
        KeyError: Out of the repository.
    """
    link = PurePosixPath(content.decode(errors="surrogateescape"))
    parts: list[str] = []
    for part in (PurePosixPath(name).parent / link).parts:
        if part == "..":
            if not parts:
                raise KeyError(name)
            parts.pop()
        elif part == "/":
            raise KeyError(name)
        else:
            parts.append(part)
    return "/".join(parts)
