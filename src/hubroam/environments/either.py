"""One hub, two builders: the local one what it can, containers the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hubroam.environments.local import LocalBuilder
from hubroam.environments.port import Builder, Origin, Plan
from hubroam.environments.store import EnvironmentStore
from hubroam.errors import RecipeUnsupported
from hubroam.recipes import Files, Recipe


class EitherBuilder:
    """Has each recipe built by the first builder that can.

    Args:
        local: Is asked first.
        containers: Takes what the first one refuses.
    """

    name = "auto"

    def __init__(self, local: LocalBuilder, containers: Builder) -> None:
        self._local = local
        self._containers = containers

    @property
    def recipe_files(self) -> tuple[str, ...]:
        """What a recipe may hold for either."""
        return tuple(dict.fromkeys((*self._local.recipe_files, *self._containers.recipe_files)))

    def collect(self, store: EnvironmentStore) -> list[str]:
        """Remove what both need not keep: see `hubroam.environments.Builder`."""
        return [*self._local.collect(store), *self._containers.collect(store)]

    def read(self, files: Files) -> Recipe:
        """Read a recipe: see `hubroam.environments.Builder`."""
        try:
            return replace(self._local.read(files), tree=files.digest())
        except RecipeUnsupported as refused:
            return Recipe.of_image(files.digest(), refused.reason or refused.message)

    async def plan(
        self,
        recipe: Recipe,
        say: Callable[[str], None] = lambda _: None,
        *,
        origin: Origin | None = None,
    ) -> Plan:
        """Choose who builds: see `hubroam.environments.Builder`."""
        if recipe.kind != "container":
            try:
                return await self._local.plan(recipe, say, origin=origin)
            except RecipeUnsupported as refused:
                recipe = Recipe.of_image(recipe.tree, refused.reason or refused.message)
        return await self._containers.plan(recipe, say, origin=origin)


def make_builder(kind: str, **kwargs: Any) -> Builder:
    """The builder that an operator has chosen.

    Args:
        kind: ``local``, ``container`` or ``auto``.
        kwargs: For the builders: ``parent`` or ``config``.

    Raises:
        ImportError: Containers are wanted, and ``hubroam[container]`` is not installed.
    """
    if kind == "local":
        return LocalBuilder(**kwargs)
    from hubroam.environments.containers.builder import ContainerBuilder

    containers = ContainerBuilder(**kwargs)
    return containers if kind == "container" else EitherBuilder(LocalBuilder(**kwargs), containers)
