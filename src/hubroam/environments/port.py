"""The port behind which builders are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from hubroam.recipes import Files, Recipe
from hubroam.spec import BinderSpec

if TYPE_CHECKING:
    from hubroam.environments.installing import Installed
    from hubroam.environments.store import Environment, EnvironmentStore


@dataclass(frozen=True)
class Origin:
    """Where a recipe comes from, for builders that name what they build after it.

    Attributes:
        provider: The spec's provider; empty for a folder of this machine.
        repository: The repository, as the spec has it; or the folder's name.
        version: The commit; empty for a folder.
    """

    provider: str
    repository: str
    version: str

    @classmethod
    def of(cls, spec: BinderSpec, commit: str, folder: str) -> Self:
        """That of a commit; the images of a folder are named after it, so each has its own."""
        repository = "/".join(filter(None, (spec.repository, folder)))
        return cls(spec.provider, repository, commit)


@dataclass(frozen=True)
class Image:
    """An image of a container engine, in which sessions run.

    Attributes:
        name: By which the engine knows it.
        id: What the engine calls its content.
        server: ``hub`` when it has JupyterHub's single-user server, ``plain`` when it has no more
            than JupyterLab or the notebook.
        folder: Where its content is: the folder in which its programs start.
        user: Who its programs run as; empty where it does not say.
    """

    name: str
    id: str
    server: str
    folder: str
    user: str


@dataclass(frozen=True)
class Plan:
    """A recipe that can be built here.

    Attributes:
        recipe: The recipe.
        digest: The environment's name.
        target: What it is built for or by, for people: an interpreter, repo2docker.
        builder: Who builds it.
    """

    recipe: Recipe
    digest: str
    target: str
    builder: PlanBuilder

    def usable(self, environment: Environment) -> bool:
        """Whether an environment of this digest, which the store has, can be used."""
        return True


class Builder(Protocol):
    """Plans environments."""

    name: str

    @property
    def recipe_files(self) -> tuple[str, ...]:
        """What a recipe may hold for it."""
        ...

    def collect(self, store: EnvironmentStore) -> list[str]:
        """Remove what it has built and need not be kept; waits where it works.

        Returns:
            What was removed, for the log.
        """
        ...

    def read(self, files: Files) -> Recipe:
        """Read a repository's recipe.

        Raises:
            RecipeError: It cannot be read, or not be honoured by this builder.
        """
        ...

    async def plan(
        self,
        recipe: Recipe,
        say: Callable[[str], None] = lambda _: None,
        *,
        origin: Origin | None = None,
    ) -> Plan:
        """Decide whether and how to build a recipe, before any work.

        Args:
            recipe: From this builder's ``read``.
            say: Takes what happens.
            origin: Where it comes from.

        Raises:
            RecipeUnsupported: It asks for what this builder cannot do.
        """
        ...


class PlanBuilder(Builder, Protocol):
    """A builder that builds what it plans."""

    @property
    def tools(self) -> dict[str, str]:
        """Versions of what builds."""
        ...

    async def build(
        self, plan: Any, source: Path, target: Path, *, cache: Path, log: Callable[[str], None]
    ) -> Installed:
        """Build an environment.

        Args:
            plan: From this builder.
            source: A checkout of its own, which the build may change.
            target: The folder that becomes the environment.
            cache: Where packages are kept for the builds to come.
            log: Takes lines for people.

        Raises:
            BuildError: It failed; the target is to be thrown away.
        """
        ...
