"""All mirrors: made when a repository is first launched, then fetched by increments."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hubroam.errors import RefNotFound, RepositoryError
from hubroam.providers.base import ResolvedRef
from hubroam.providers.failures import full_disk
from hubroam.providers.keyring import Keyring
from hubroam.providers.mirror import Mirror
from hubroam.providers.process import TIMEOUT, run_git
from hubroam.providers.size import check_size, watched

log = logging.getLogger("hubroam")

_REFS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
# What a killed git leaves.  Its lock files would stop every later fetch; no ref ends in .lock.
_LEFTOVERS = ("*.lock", "refs/**/*.lock", "objects/pack/tmp_*", "objects/*/tmp_obj_*")


class MirrorStore:
    """The mirrors of all repositories that were launched.

    Objects are never collected, so that what was launched once stays launchable after its branch
    has moved.

    Args:
        root: Where they are; made when it is missing.  Several processes may share it.
        timeout: Seconds that fetching one may take, and a checkout.
        keyring: What opens private repositories.
    """

    def __init__(
        self, root: Path, *, timeout: float = TIMEOUT, keyring: Keyring | None = None
    ) -> None:
        self.root = root
        self._keyring = keyring
        self._timeout = timeout
        root.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def fetch(
        self, resolved: ResolvedRef, progress: Callable[[str], None]
    ) -> tuple[Mirror, ResolvedRef]:
        """Have a commit in the mirror of its repository.

        Nothing is fetched when the commit is there; else what is new, once for all who wait,
        those of other processes too.  Each version of an archive's record has a mirror with one
        commit.

        Args:
            resolved: What `Providers.resolve` found.
            progress: Takes lines of progress, a few a second.

        Returns:
            The mirror, and what was resolved, with the commit that a record has become.

        Raises:
            RefNotFound: The repository does not give this commit.
            RepositoryError: The repository cannot be read.
            DiskFull: No space is left.
        """
        what = resolved.record.key if resolved.record else resolved.clone_url
        name = hashlib.sha256(what.encode()).hexdigest()[:24]
        path = self.root / f"{name}.git"
        mirror = Mirror(
            path,
            timeout=self._timeout,
            keyring=self._keyring,
            size_limit=resolved.size_limit,
        )
        here = await _here(mirror, resolved)
        if here is None:
            async with mirror.lock(resolved.repo_url):
                here = await _here(mirror, resolved)
                if here is None:
                    with full_disk():
                        fetch = _Fetch(mirror, resolved, progress, self._timeout, self._keyring)
                        await fetch.run()
                    here = await _here(mirror, resolved)
        if here is None:
            raise RefNotFound(
                f"There is no commit {resolved.commit} in {resolved.spec.repository}.",
                next_step="Check the commit, or launch a branch.",
            )
        return mirror, here


async def _here(mirror: Mirror, resolved: ResolvedRef) -> ResolvedRef | None:
    """What was resolved, with its commit, if the mirror has that."""
    if resolved.record is None:
        return resolved if await mirror.has(resolved.commit) else None
    commit = await mirror.head()
    return replace(resolved, commit=commit) if commit else None


class _Fetch:
    """One fetch, by whoever holds the mirror's lock."""

    def __init__(
        self,
        mirror: Mirror,
        resolved: ResolvedRef,
        progress: Callable[[str], None],
        timeout: float,
        keyring: Keyring | None,
    ) -> None:
        self._mirror = mirror
        self._keyring = keyring
        self._resolved = resolved
        self._progress = progress
        self._timeout = timeout

    async def run(self) -> None:
        """Fetch what is new of all branches and tags, and the commit if it is not among that."""
        path = self._mirror.path
        if not path.exists() or self._resolved.record:
            await self._create()
        else:
            await asyncio.to_thread(_tidy, path)
            try:
                await self._fetch(path, *_REFS)
            except RepositoryError as error:
                await asyncio.to_thread(_tidy, path)
                if type(error) is not RepositoryError:
                    raise  # it is the repository elsewhere that failed
                log.warning("The mirror of %s is made anew: %s", self._resolved.repo_url, error)
                await self._create()
        commit = self._resolved.commit
        if commit and not await self._mirror.has(commit):
            # such as that of a pull request: no branch or tag holds it
            ref = self._resolved.ref
            await self._fetch(path, ref if ref.startswith("refs/") else commit)

    async def _create(self) -> None:
        """Make the mirror aside, then put it in its place: never half there."""
        path = self._mirror.path
        for left in path.parent.glob(f"{path.name}.*"):  # of a process that was killed
            await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)
        aside = path.with_name(f"{path.name}.partial")
        try:
            object_format = "sha256" if len(self._resolved.commit) == 64 else "sha1"
            # a record has one branch, which HEAD names
            options = ["--initial-branch=main"] if self._resolved.record else []
            options += ["--quiet", "--bare", f"--object-format={object_format}"]
            await self._git("init", *options, aside)
            # git's own place for what people should know of a bare repository
            (aside / "description").write_text(f"{self._resolved.clone_url}\n", encoding="utf-8")
            if self._resolved.size and self._resolved.size_limit:
                size = await self._resolved.size()
                check_size(size, self._resolved.size_limit, self._resolved.repo_url)
            if self._resolved.record:
                await self._resolved.record.put(aside, self._progress)
            else:
                await self._fetch(aside, *_REFS)
            if path.exists():
                path.rename(path.with_name(f"{path.name}.broken"))
            aside.rename(path)
        finally:
            for left in path.parent.glob(f"{path.name}.*"):
                await asyncio.to_thread(shutil.rmtree, left, ignore_errors=True)

    async def _fetch(self, folder: Path, *refs: str) -> None:
        # --prune lets a branch `a` make room for `a/b`; it touches only what `refs` name
        options = ("--progress", "--force", "--prune", "--no-tags", "--no-write-fetch-head")
        # small fetches too come as packs, so that what arrives can be counted in one place
        packed = ("-c", "fetch.unpackLimit=1")
        await self._git(
            *(*packed, "fetch", *options, "--", self._resolved.clone_url, *refs), folder=folder
        )

    async def _git(self, *arguments: str | Path, folder: Path | None = None) -> None:
        limit = 0 if self._resolved.record or folder is None else self._resolved.size_limit
        await run_git(
            *map(str, arguments),
            what=self._resolved.repo_url,
            folder=folder,
            allow_file=self._resolved.clone_url.startswith("file:"),
            keyring=self._keyring,
            progress=watched(
                self._progress, folder or self._mirror.path, limit, self._resolved.repo_url
            ),
            timeout=self._timeout,
        )


def _tidy(path: Path) -> None:
    for pattern in _LEFTOVERS:
        for left in path.glob(pattern):
            left.unlink(missing_ok=True)
