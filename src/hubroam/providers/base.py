"""The port of repository providers, and the one entry to all that are served."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from traitlets import List, Unicode
from traitlets.config import LoggingConfigurable
from traitlets.utils.importstring import import_item

from hubroam.errors import ConfigurationError, ProviderNotServed
from hubroam.spec import PROVIDERS, BinderSpec


@dataclass(frozen=True)
class ResolvedRef:
    """A spec whose ref is a commit.

    Attributes:
        spec: What was asked for.
        clone_url: Where git reads the repository.
        commit: 40 hex digits, 64 where the repository uses SHA-256.
        ref: The ref that was resolved; another than the spec's after a fallback.
        repo_url: The repository's address for people.
        ref_url: The commit's address for people.
        notes: What people should know, such as a fallback.
    """

    spec: BinderSpec
    clone_url: str
    commit: str
    ref: str
    repo_url: str
    ref_url: str
    notes: tuple[str, ...] = ()


class RepoProvider(LoggingConfigurable):
    """Resolves the specs of one prefix.

    Attributes:
        id: The prefix.
    """

    id: str

    @abstractmethod
    def clone_url(self, spec: BinderSpec) -> str:
        """Where git reads the repository of a spec.

        Raises:
            RepositoryRefused: The operator does not allow it.
        """

    @abstractmethod
    async def resolve(self, spec: BinderSpec) -> ResolvedRef:
        """Find the commit that a spec's ref names now.

        Raises:
            RefNotFound: The repository has no such ref.
            RepositoryError: The repository cannot be read.
        """


class Providers(LoggingConfigurable):
    """All providers that this hub serves."""

    classes = List(
        Unicode(),
        [
            "hubroam.providers.git.GitHubProvider",
            "hubroam.providers.git.GitLabProvider",
            "hubroam.providers.git.GistProvider",
            "hubroam.providers.git.GitProvider",
        ],
        config=True,
        help="The provider classes that are served, by their importable names.",
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._providers: dict[str, RepoProvider] = {}
        for name in self.classes:
            try:
                provider = import_item(name)(parent=self)
            except ImportError:
                raise ConfigurationError(
                    f"Providers.classes names {name}, which cannot be imported.",
                    next_step="Correct it in the hub's configuration.",
                ) from None
            self._providers[provider.id] = provider

    @property
    def served(self) -> list[str]:
        """The prefixes that are served."""
        return list(self._providers)

    async def resolve(self, spec: BinderSpec) -> ResolvedRef:
        """Find the commit that a spec's ref names now.

        Raises:
            ProviderNotServed: This hub does not serve the spec's provider.
            RepositoryError: As `RepoProvider.resolve`.
        """
        provider = self._providers.get(spec.provider)
        if provider is None:
            names = ", ".join(PROVIDERS[name].display_name for name in self.served)
            raise ProviderNotServed(
                f"{PROVIDERS[spec.provider].display_name} ({spec.provider}/) is not served here "
                "yet.",
                next_step=f"This hub serves: {names} ({', '.join(self.served)}).",
            )
        return await provider.resolve(spec)

    def describe(self) -> list[dict[str, Any]]:
        """What is served, as ``/api/repoproviders`` says it."""
        return [PROVIDERS[name].to_json() for name in self.served]
