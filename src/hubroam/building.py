"""Building a recipe's environment outside of a hub."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hubroam.environments import Builds, Environment, EnvironmentStore, LocalBuilder, in_folder
from hubroam.environments.kept import RECIPE, lay_out
from hubroam.environments.lock import EXPLICIT
from hubroam.environments.locked import lock_recipe
from hubroam.errors import BuildError, RecipeError
from hubroam.recipes import DirectoryFiles, Files, FolderFiles, naming, read_recipe
from hubroam.spec import BinderSpec

if TYPE_CHECKING:
    from hubroam.providers import Mirror, ResolvedRef

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
            "substituted": self.environment.substituted,
        }


async def build_folder(
    folder: Path,
    data_dir: Path,
    show: Show,
    *,
    env_path: str = "",
    locked: bool = False,
    prefer_pypi: bool = False,
) -> Built:
    """Build the recipe of a folder on this machine.

    Args:
        folder: An absolute path; it is copied, so that a build leaves nothing in it.
        data_dir: Where environments are kept.
        show: Takes phase and message of each step.
        env_path: The folder in it that the recipe is in; empty for its root.
        locked: Whether to install what a lock beside the recipe says, in place of the recipe.
        prefer_pypi: As `LocalBuilder.prefer_pypi`.

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

    builder = LocalBuilder(prefer_pypi=prefer_pypi)
    files = DirectoryFiles(folder)
    return await _build(files, source, data_dir, show, env_path, locked, builder=builder)


async def build_spec(
    spec: BinderSpec,
    data_dir: Path,
    show: Show,
    *,
    env_path: str = "",
    locked: bool = False,
    prefer_pypi: bool = False,
) -> Built:
    """Build the recipe of a repository; otherwise as `build_folder`.

    Raises:
        RepositoryError: The repository cannot be had.
    """
    resolved, mirror = await fetch(spec, data_dir, show)

    async def source(target: Path) -> None:
        await mirror.checkout(resolved.commit, target, origin=resolved.clone_url)

    files = await mirror.files(resolved.commit)
    builder = LocalBuilder(prefer_pypi=prefer_pypi)
    return await _build(files, source, data_dir, show, env_path, locked, builder=builder)


async def rebuild(digest: str, data_dir: Path, show: Show) -> Built:
    """Build an environment again from its own lock and the recipe's files that it keeps.

    Args:
        digest: Its digest, or how that begins.
        data_dir: Where environments are kept.
        show: Takes phase and message of each step.

    Raises:
        EnvironmentNotFound: None, or more than one, begins so.
        RecipeError: It does not keep all of its recipe.
        LockUnavailable: A package cannot be had any more.
        BuildError: The build failed.
    """
    store = EnvironmentStore(data_dir / "environments")
    environment = store.one(digest)
    facts = store.facts(environment.digest)
    kept = environment.path.parent
    if facts.left_out or (facts.steps and not (kept / RECIPE).is_dir()):
        missing = ", ".join(facts.left_out) or "its recipe"
        raise RecipeError(
            f"Environment {environment.digest[:12]} does not keep {missing}.",
            next_step=f"Put {environment.lock} beside the recipe, and build that: "
            "hubroam build --locked FOLDER.",
        )
    with TemporaryDirectory(prefix="hubroam-") as folder:
        await asyncio.to_thread(lay_out, kept, Path(folder))

        async def source(target: Path) -> None:
            await asyncio.to_thread(shutil.copytree, folder, target, symlinks=True)

        # conda's Python is a package of the lock
        conda = (kept / EXPLICIT).exists()
        python = None if conda else facts.interpreter.split(",")[0].rsplit(" ", 1)[-1]
        files = DirectoryFiles(Path(folder))
        builder = LocalBuilder()
        return await _build(files, source, data_dir, show, "", True, builder=builder, python=python)


async def fetch(spec: BinderSpec, data_dir: Path, show: Show) -> tuple[ResolvedRef, Mirror]:
    """Bring a repository onto this machine.

    Args:
        spec: The repository.
        data_dir: Where mirrors are kept.
        show: Takes phase and message of each step.

    Raises:
        RepositoryError: The repository cannot be had.
    """
    from hubroam.providers import MirrorStore, Providers  # a folder's build does without

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
    locked: bool,
    *,
    builder: LocalBuilder,
    python: str | None = None,
) -> Built:
    if env_path:
        files, source = FolderFiles(files, env_path), in_folder(source, env_path)
    builds = Builds(EnvironmentStore(data_dir / "environments"), builder)
    try:
        with naming(env_path):
            recipe = read_recipe(files)
            if locked:
                recipe = lock_recipe(recipe, files, recipe.directory)
        if python:
            recipe = replace(recipe, python=python, python_source="the lock")
        plan = await builder.plan(recipe, lambda line: show("fetching", line))
        build = builds.ensure(plan, source)
        async for event in build.watch():
            show(event.phase or "", event.message.rstrip("\n"))
        return Built(await build.result(), build.cached)
    finally:
        await builds.shutdown()
