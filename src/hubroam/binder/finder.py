"""What a launch is of: a spec's commit, its files, its recipe, and how to build that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from hubroam.binder.together import Together
from hubroam.environments import Builder, Origin, Plan, Source, in_folder
from hubroam.errors import PathNotFound
from hubroam.providerinfo import PROVIDERS
from hubroam.providers import Mirror, MirrorStore, Providers, ResolvedRef
from hubroam.recipes import BuildImage, FolderFiles, Recipe, RunPostBuild, naming
from hubroam.spec import BinderSpec

# Commits whose recipes are remembered; with each, its files' names. As many refs are, too.
_KEPT = 200

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Found:
    """What a spec names, and what it asks for.

    Attributes:
        resolved: The commit.
        mirror: Has it.
        env_path: The folder that the recipe is in; empty for the repository's root.
        names: All files of the repository.
        plan: How its recipe is built.
    """

    resolved: ResolvedRef
    mirror: Mirror
    env_path: str
    names: Sequence[str]
    plan: Plan

    @property
    def recipe(self) -> Recipe:
        """The recipe."""
        return self.plan.recipe

    @property
    def source(self) -> Source:
        """Puts what the build reads at a path that does not exist yet."""

        async def put(target: Path) -> None:
            resolved = self.resolved
            await self.mirror.checkout(resolved.commit, target, origin=resolved.clone_url)

        return in_folder(put, self.env_path)

    def check(self, name: str | None) -> None:
        """See that the file that is to be opened is there, unless the build may make it.

        Args:
            name: The file or folder; None for none.

        Raises:
            PathNotFound: It is not.
        """
        if name is None or name in self.names:
            return
        if any(isinstance(step, RunPostBuild | BuildImage) for step in self.recipe.steps):
            return
        if not any(other.startswith(f"{name}/") for other in self.names):
            raise self.no_such_file(name)

    def no_such_file(self, name: str) -> PathNotFound:
        """The error for a file that is not there; names one that may be meant."""
        spec = self.resolved.spec
        near = get_close_matches(name, list(self.names), n=1)
        hint = f"Perhaps {near[0]} is meant. " if near else ""
        at = f" at {spec.ref}" if spec.ref else ""
        return PathNotFound(
            f"There is no file {name} in {spec.repository}{at}.",
            next_step=f"{hint}Tell the book's author, or open the session without a file.",
        )


class Finder:
    """Finds what specs name.

    Args:
        providers: Resolve specs.
        mirrors: Keep repositories.
        builder: Reads recipes and plans environments.
    """

    def __init__(self, providers: Providers, mirrors: MirrorStore, builder: Builder) -> None:
        self.providers = providers
        self.mirrors = mirrors
        self.builder = builder
        # a class that comes at once asks the repository's host for all once or twice
        self._resolving: Together[BinderSpec, ResolvedRef] = Together(self._resolve)
        self._fetching: Together[tuple[ResolvedRef, str], Found] = Together(
            self._fetch, lasting=True
        )
        self._known: dict[tuple[Path, str, str], tuple[Sequence[str], Recipe]] = {}
        self._last: dict[tuple[BinderSpec, str], Found] = {}

    async def resolve(self, spec: BinderSpec, say: Callable[[str], None]) -> ResolvedRef:
        """Find the commit that a spec names now, or the version of a record.

        Args:
            spec: The spec.
            say: Takes what happens.

        Raises:
            HubroamError: It cannot be found.
        """
        return await self._resolving.ask(spec, say)

    async def fetch(
        self, resolved: ResolvedRef, env_path: str, say: Callable[[str], None]
    ) -> Found:
        """Fetch a commit, read the recipe in a folder of it, plan for it.

        Args:
            resolved: What `resolve` found.
            env_path: The folder; empty for the repository's root.
            say: Takes what happens.

        Raises:
            HubroamError: One of these cannot be done.
        """
        return await self._fetching.ask((resolved, env_path), say)

    async def before(self, resolved: ResolvedRef, env_path: str) -> Found | None:
        """What a ref named when it was launched last, where that was another commit.

        Args:
            resolved: What it names now.
            env_path: The folder that the recipe is in.

        Returns:
            None where the commit need not be fetched, or no other one is known.
        """
        last = self._last.get((resolved.spec, env_path))
        if last is None or resolved.record is not None:
            return None
        if last.resolved.commit == resolved.commit or await last.mirror.has(resolved.commit):
            return None
        return last

    async def _resolve(self, spec: BinderSpec, say: Callable[[str], None]) -> ResolvedRef:
        ref = f"{spec.ref or 'HEAD'} in " if PROVIDERS[spec.provider].ref_enabled else ""
        say(f"Looking up {ref}{spec.repository}")
        resolved = await self.providers.resolve(spec)
        for note in resolved.notes:
            say(note)
        say(resolved.version)
        return resolved

    async def _fetch(self, wanted: tuple[ResolvedRef, str], say: Callable[[str], None]) -> Found:
        resolved, env_path = wanted
        mirror, resolved = await self.mirrors.fetch(resolved, say)
        names, recipe = await self._read(mirror, resolved.commit, env_path)
        plan = await self.builder.plan(
            recipe, say, origin=Origin.of(resolved.spec, resolved.commit, env_path)
        )
        found = Found(resolved, mirror, env_path, names, plan)
        _remember(self._last, (resolved.spec, env_path), found)
        return found

    async def _read(
        self, mirror: Mirror, commit: str, env_path: str
    ) -> tuple[Sequence[str], Recipe]:
        """The files' names and the recipe of a commit, which never change."""
        key = (mirror.path, commit, env_path)
        known = self._known.get(key)
        if known is None:
            files = await mirror.files(commit)
            with naming(env_path):
                recipe = self.builder.read(FolderFiles(files, env_path) if env_path else files)
            known = (files.names(), recipe)
        _remember(self._known, key, known)
        return known


def _remember(memory: dict[K, V], key: K, value: V) -> None:
    """Keep what was used last."""
    memory.pop(key, None)
    memory[key] = value  # the newest is last
    if len(memory) > _KEPT:
        del memory[next(iter(memory))]
