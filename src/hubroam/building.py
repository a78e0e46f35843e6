"""Building a recipe's environment outside of a hub."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hubroam.environments import Builds, Environment, EnvironmentStore, LocalBuilder, in_folder
from hubroam.errors import BuildError
from hubroam.providers import Mirror, MirrorStore, Providers, ResolvedRef
from hubroam.recipes import DirectoryFiles, Files, FolderFiles, read_recipe
from hubroam.spec import BinderSpec

Show = Callable[[str, str], None]

_NOT_COPIED = shutil.ignore_patterns(".venv", "node_modules", "__pycache__")


@dataclass(frozen=True)
class Built:
    """An environment, and whether it was there already."""

    environment: Environment
    cached: bool

    def to_json(self) -> dict[str, Any]:
        """The ``--json`` document of ``hubroam build``."""
        return {
            "digest": self.environment.digest,
            "path": str(self.environment.path),
            "builder": self.environment.builder,
            "cached": self.cached,
            "seconds": round(self.environment.seconds, 3),
            "lock": str(self.environment.lock),
        }


async def build_folder(folder: Path, data_dir: Path, show: Show, *, env_path: str = "") -> Built:
    """Build the recipe of a folder on this machine.

    Args:
        folder: An absolute path; it is copied, so that a build leaves nothing in it.
        data_dir: Where environments are kept.
        show: Takes phase and message of each step.
        env_path: The folder in it that the recipe is in; empty for its root.

    Raises:
        PathNotFound: There is no such folder.
        RecipeError: The recipe cannot be read, or not be built here.
        BuildError: The build failed.
    """

    def left_out(where: str, names: list[str]) -> set[str]:
        own = {name for name in names if Path(where, name) == data_dir.resolve()}
        return own | _NOT_COPIED(where, names)

    async def source(target: Path) -> None:
        try:
            await asyncio.to_thread(shutil.copytree, folder, target, symlinks=True, ignore=left_out)
        except shutil.Error as error:  # of every file that was not copied its path and why
            name, _, reason = error.args[0][0]
            if os.strerror(errno.ENOSPC) in reason:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
            raise BuildError(
                f"{name} could not be copied: {reason}", next_step="Mend that, or move it away."
            ) from None

    return await _build(DirectoryFiles(folder), source, data_dir, show, env_path)


async def build_spec(spec: BinderSpec, data_dir: Path, show: Show, *, env_path: str = "") -> Built:
    """Build the recipe of a repository; otherwise as `build_folder`.

    Raises:
        RepositoryError: The repository cannot be had.
    """
    resolved, mirror = await fetch(spec, data_dir, show)

    async def source(target: Path) -> None:
        await mirror.checkout(resolved.commit, target, origin=resolved.clone_url)

    return await _build(await mirror.files(resolved.commit), source, data_dir, show, env_path)


async def fetch(spec: BinderSpec, data_dir: Path, show: Show) -> tuple[ResolvedRef, Mirror]:
    """Bring a repository onto this machine.

    Args:
        spec: The repository.
        data_dir: Where mirrors are kept.
        show: Takes phase and message of each step.

    Raises:
        RepositoryError: The repository cannot be had.
    """
    show("fetching", f"Looking up {spec}")
    resolved = await Providers().resolve(spec)
    mirrors = MirrorStore(data_dir / "repositories")
    mirror, resolved = await mirrors.fetch(resolved, lambda line: show("fetching", line))
    return resolved, mirror


async def _build(
    files: Files,
    source: Callable[[Path], Awaitable[None]],
    data_dir: Path,
    show: Show,
    env_path: str,
) -> Built:
    if env_path:
        files, source = FolderFiles(files, env_path), in_folder(source, env_path)
    builder = LocalBuilder()
    builds = Builds(EnvironmentStore(data_dir / "environments"), builder)
    try:
        build = builds.ensure(
            await builder.plan(read_recipe(files), lambda line: show("fetching", line)), source
        )
        async for event in build.watch():
            show(event.phase, event.message)
        return Built(await build.result(), build.cached)
    finally:
        await builds.shutdown()
