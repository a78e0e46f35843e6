"""Building a recipe's environment outside of a hub."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from traitlets import TraitError
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from hubroam.environments import (
    Builds,
    Environment,
    EnvironmentStore,
    LocalBuilder,
    Origin,
    Plan,
    Source,
    in_folder,
    make_builder,
)
from hubroam.environments.kept import RECIPE, lay_out
from hubroam.environments.lock import EXPLICIT
from hubroam.environments.locked import lock_recipe
from hubroam.errors import (
    BuildError,
    ConfigurationError,
    EngineUnreachable,
    MissingExtra,
    RecipeError,
    RecipeUnsupported,
)
from hubroam.recipes import DirectoryFiles, Files, FolderFiles, Recipe, naming
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
        """The ``--json`` document of ``hubroam build``; an image has no path, and is none."""
        image = self.environment.image
        return {
            "digest": self.environment.digest,
            "path": None if image else str(self.environment.path),
            "image": image.name if image else None,
            "builder": self.environment.builder,
            "cached": self.cached,
            "seconds": round(self.environment.seconds, 3),
            "lock": str(self.environment.lock),
            "substituted": self.environment.substituted,
        }


@dataclass(frozen=True)
class BuildOptions:
    """How to build.

    Attributes:
        env_path: The folder that the recipe is in; empty for the repository's root.
        locked: Whether to install what a lock beside the recipe says, in place of the recipe; only
            the local builder can.
        builder: ``local``, ``container``, or ``auto``: the latter for what the former cannot.
        config: Settings of the builders, the container engine and the providers, as a hub has them
            (`read_config`).
    """

    env_path: str = ""
    locked: bool = False
    builder: str = "auto"
    config: Config = field(default_factory=Config)


_DEFAULT = BuildOptions()


def read_config(path: Path) -> Config:
    """Read a hub's ``jupyterhub_config.py``, which is run for that.

    Raises:
        ConfigurationError: It cannot be.
    """
    try:
        return PyFileConfigLoader(path.name, str(path.parent)).load_config()
    except Exception as error:  # it is a program, which may raise anything
        raise ConfigurationError(
            f"{path} cannot be used: {error}.", next_step="Correct the file, or name another."
        ) from None


async def build_folder(
    folder: Path, data_dir: Path, show: Show, options: BuildOptions = _DEFAULT
) -> Built:
    """Build the recipe of a folder on this machine.

    Args:
        folder: An absolute path; it is copied, so that a build leaves nothing in it.
        data_dir: Where environments are kept.
        show: Takes phase and message of each step.
        options: How.

    Raises:
        PathNotFound: There is no such folder.
        RecipeError: The recipe cannot be read, or not be built here.
        BuildError: The build failed.
        ConfigurationError: A setting is none.
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

    job = _Job(DirectoryFiles(folder), source, Origin("", folder.name, ""), options)
    return await job.run(data_dir, show)


async def build_spec(
    spec: BinderSpec, data_dir: Path, show: Show, options: BuildOptions = _DEFAULT
) -> Built:
    """Build the recipe of a repository; otherwise as `build_folder`.

    Raises:
        RepositoryError: The repository cannot be had.
    """
    resolved, mirror = await fetch(spec, data_dir, show, options.config)

    async def source(target: Path) -> None:
        await mirror.checkout(resolved.commit, target, origin=resolved.clone_url)

    files = await mirror.files(resolved.commit)
    job = _Job(files, source, Origin.of(spec, resolved.commit, options.env_path), options)
    return await job.run(data_dir, show)


async def rebuild(
    digest: str, data_dir: Path, show: Show, options: BuildOptions = _DEFAULT
) -> Built:
    """Build an environment again from its own lock and the recipe's files that it keeps.

    Args:
        digest: Its digest, or how that begins.
        data_dir: Where environments are kept.
        show: Takes phase and message of each step.
        options: Their settings; where a lock is, is known.

    Raises:
        EnvironmentNotFound: None, or more than one, begins so.
        RecipeError: It does not keep all of its recipe, or it is an image.
        LockUnavailable: A package cannot be had any more.
        BuildError: The build failed.
    """
    store = EnvironmentStore(data_dir / "environments")
    environment = store.one(digest)
    facts = store.facts(environment.digest)
    kept = environment.path.parent
    if environment.image is not None:
        raise RecipeError(
            f"Environment {environment.digest[:12]} is an image, which no lock builds again.",
            next_step=f"Build its repository again, or keep the image: {environment.lock} has its "
            "name and what it is.",
        )
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
        options = replace(options, env_path="", locked=True)
        return await _Job(files, source, Origin("", "", ""), options, python).run(data_dir, show)


async def fetch(
    spec: BinderSpec, data_dir: Path, show: Show, config: Config | None = None
) -> tuple[ResolvedRef, Mirror]:
    """Bring a repository onto this machine.

    Args:
        spec: The repository.
        data_dir: Where mirrors are kept.
        show: Takes phase and message of each step.
        config: Settings of the providers.

    Raises:
        RepositoryError: The repository cannot be had.
    """
    from hubroam.providers import MirrorStore, Providers  # a folder's build does without

    show("fetching", f"Looking up {spec}")
    providers = Providers(config=config or Config())
    resolved = await providers.resolve(spec)
    mirrors = MirrorStore(data_dir / "repositories", keyring=providers.keyring)
    mirror, resolved = await mirrors.fetch(resolved, lambda line: show("fetching", line))
    return resolved, mirror


@dataclass(frozen=True)
class _Job:
    """One build.

    Attributes:
        files: The repository's files.
        source: Puts them into a folder.
        origin: What an image is named after.
        options: How to build.
        python: The Python that a lock is of, in place of the recipe's.
    """

    files: Files
    source: Source
    origin: Origin
    options: BuildOptions
    python: str | None = None

    async def run(self, data_dir: Path, show: Show) -> Built:
        files, source, folder = self.files, self.source, self.options.env_path
        if folder:
            files, source = FolderFiles(files, folder), in_folder(source, folder)
        try:
            plan = await self._plan(files, lambda line: show("fetching", line))
        except TraitError as error:
            raise ConfigurationError(
                f"A setting cannot be used: {error}", next_step="Correct it."
            ) from None
        builds = Builds(EnvironmentStore(data_dir / "environments"), plan.builder)
        try:
            build = builds.ensure(plan, source)
            async for event in build.watch():
                show(event.phase or "", event.message.rstrip("\n"))
            return Built(await build.result(), build.cached)
        finally:
            await builds.shutdown()

    async def _plan(self, files: Files, say: Callable[[str], None]) -> Plan:
        """Plan by the first builder that can, as `EitherBuilder`.

        Unlike there, a folder is read as a whole, and the engine asked, only when that is needed.
        """
        kind = "local" if self.options.locked else self.options.builder
        reason, refused = "", None
        if kind != "container":
            try:
                return await self._plan_locally(files, say)
            except RecipeUnsupported as error:
                if kind == "local":
                    raise
                reason, refused = error.reason or error.message, error
        try:
            builder = make_builder("container", config=self.options.config)
            recipe = Recipe.of_image(await asyncio.to_thread(files.digest), reason)
            return await builder.plan(recipe, say, origin=self.origin)
        except (MissingExtra, EngineUnreachable) as missing:
            if refused is None:
                raise
            refused.next_step += f" Containers would build it here: {missing.next_step}"
            raise refused from None

    async def _plan_locally(self, files: Files, say: Callable[[str], None]) -> Plan:
        builder = LocalBuilder(config=self.options.config)
        with naming(self.options.env_path):
            recipe = builder.read(files)
            if self.options.locked:
                recipe = lock_recipe(recipe, files, recipe.directory)
        if self.python:
            recipe = replace(recipe, python=self.python, python_source="the lock")
        return await builder.plan(recipe, say)
