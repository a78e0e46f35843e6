"""The mirror of one repository: its commits, and checkouts of them."""

from __future__ import annotations

import asyncio
import errno
import secrets
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from filelock import AsyncFileLock, Timeout

from hubroam.errors import RefNotFound, RepositoryError
from hubroam.providers.commit import CommitFiles, Listing
from hubroam.providers.failures import full_disk, time_limit
from hubroam.providers.keyring import Keyring
from hubroam.providers.lsremote import FULL_COMMIT
from hubroam.providers.process import TIMEOUT, run_git
from hubroam.providers.size import check_files, watched


class Mirror:
    """One repository, bare.

    Args:
        path: Its folder.
        timeout: Seconds that a checkout, with its submodules, may take.
        keyring: What opens private submodules.
        size_limit: Bytes that the files of a commit may have, and again the submodules of a
            checkout; 0 for any.
    """

    def __init__(
        self,
        path: Path,
        *,
        timeout: float = TIMEOUT,
        keyring: Keyring | None = None,
        size_limit: int = 0,
    ) -> None:
        self._size_limit = size_limit
        self._keyring = keyring
        self.path = path
        self._timeout = timeout

    @asynccontextmanager
    async def lock(self, what: str) -> AsyncIterator[None]:
        """Be the only one who changes the mirror, in all processes.

        Raises:
            RepositoryUnreachable: Whoever has it does not let go in time.
        """
        path = self.path.with_suffix(".lock")
        held = AsyncFileLock(path, timeout=self._timeout, run_in_executor=False)
        try:
            await held.acquire()
        except Timeout:
            raise time_limit(what, self._timeout) from None
        try:
            yield
        finally:
            await held.release()

    async def has(self, commit: str) -> bool:
        """Whether a commit is here, with all that it needs."""
        if not self.path.is_dir():
            return False
        try:
            await self._git("cat-file", "-e", f"{_checked(commit)}^{{commit}}")
        except RepositoryError:
            return False
        return True

    async def head(self) -> str:
        """The commit of the repository's own branch; empty when there is none."""
        if not self.path.is_dir():
            return ""
        try:
            return (await self._git("rev-parse", "--verify", "HEAD^{commit}")).decode().strip()
        except RepositoryError:
            return ""

    async def files(self, commit: str) -> CommitFiles:
        """The files of a commit, without a checkout.

        Args:
            commit: A commit that is here.

        Raises:
            RepositoryTooLarge: Laid out, they would be more than is allowed.
            RepositoryError: The mirror is broken.
        """
        listed = ("ls-tree", "-r", "-l", "-z", "--full-tree", _checked(commit))
        listing = Listing(await self._git(*listed))
        check_files(listing.size, self._size_limit, commit)
        oids = sorted(set(listing.links.values()))
        asked = "".join(f"{oid}\n" for oid in oids).encode()
        output = await self._git("cat-file", "--batch", stdin=asked) if oids else b""
        return await asyncio.to_thread(CommitFiles, self.path, listing, _batch(output))

    async def checkout(self, commit: str, target: Path, *, origin: str) -> None:
        """Make a clone of its own at a commit, with its submodules, HEAD detached.

        The clone shares nothing with the mirror, not even by hard links: a session's code could
        write through those, and what it wrote would be in everybody's next session.  It is made
        aside and renamed into place.

        Args:
            commit: A commit that is here.
            target: Must not exist.
            origin: The URL of the clone's remote, which relative submodules are found by.

        Raises:
            RepositoryError: A submodule cannot be read, or the target is there already.
            DiskFull: No space is left.
        """
        aside = target.with_name(f".{target.name}.partial-{secrets.token_hex(4)}")
        try:
            with full_disk():
                target.parent.mkdir(parents=True, exist_ok=True)
                await self._clone(aside, origin)
                await self._git("checkout", "--quiet", "--detach", _checked(commit), folder=aside)
                if (aside / ".gitmodules").is_file():
                    await self._add_submodules(aside, origin)
                _put(aside, target)
        except BaseException:
            await asyncio.to_thread(shutil.rmtree, aside, ignore_errors=True)
            raise

    async def _clone(self, aside: Path, origin: str) -> None:
        arguments = ("clone", "--quiet", "--no-checkout", "--local", "--no-hardlinks")
        paths = ("--", str(self.path.resolve()), str(aside))
        try:
            await self._git(*arguments, *paths, allow_file=True)
        except RepositoryError:
            # git copies file by file, so one that a fetch renames meanwhile is missed
            async with self.lock(origin):
                await asyncio.to_thread(shutil.rmtree, aside, ignore_errors=True)
                await self._git(*arguments, *paths, allow_file=True)
        await self._git("remote", "set-url", "--", "origin", origin, folder=aside)

    async def _add_submodules(self, folder: Path, origin: str) -> None:
        what = f"A submodule of {origin}"
        modules = folder / ".git" / "modules"
        await self._git(
            *("submodule", "update", "--init", "--recursive", "--progress"),
            folder=folder,
            progress=watched(None, modules, self._size_limit, what),
            allow_file=origin.startswith("file:"),
            keyring=self._keyring,
            what=what,
        )

    async def _git(
        self,
        *arguments: str,
        folder: Path | None = None,
        stdin: bytes = b"",
        allow_file: bool = False,
        keyring: Keyring | None = None,
        progress: Callable[[str], None] | None = None,
        what: str = "The mirror of the repository",
    ) -> bytes:
        return await run_git(
            *arguments,
            what=what,
            folder=folder or self.path,
            stdin=stdin,
            allow_file=allow_file,
            keyring=keyring,
            progress=progress,
            timeout=self._timeout,
        )


def _checked(commit: str) -> str:
    """A commit as a word for git's command line.

    Raises:
        RefNotFound: It is not one in full.
    """
    if not FULL_COMMIT.fullmatch(commit):
        raise RefNotFound(
            "A commit has 40 hex digits.", next_step="Give a commit in full, a branch or a tag."
        )
    return commit


def _batch(output: bytes) -> dict[str, bytes]:
    """What ``git cat-file --batch`` says of objects: their contents, by their names."""
    contents: dict[str, bytes] = {}
    at = 0
    while at < len(output):
        end = output.index(b"\n", at)
        oid, _, size = output[at:end].decode().split()
        contents[oid] = output[end + 1 : end + 1 + int(size)]
        at = end + 1 + int(size) + 1
    return contents


def _put(aside: Path, target: Path) -> None:
    """Rename a checkout into its place.

    Raises:
        RepositoryError: Something is there.
    """
    try:
        aside.rename(target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise
        raise RepositoryError(
            "The repository is being checked out there already.",
            next_step="Wait until the other launch of it is ready.",
        ) from None
