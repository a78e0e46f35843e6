"""The port of repository providers, and the one entry to all that are served."""

from __future__ import annotations

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
        id: The prefix, a key of `hubroam.spec.PROVIDERS`.
    """

    id: str

    def clone_url(self, spec: BinderSpec) -> str:
        """Where git reads the repository of a spec.

        Raises:
            RepositoryRefused: The operator does not allow it.
        """
        raise NotImplementedError

    async def resolve(self, spec: BinderSpec) -> ResolvedRef:
        """Find the commit that a spec's ref names now.

        Raises:
            RefNotFound: The repository has no such ref.
            RepositoryError: The repository cannot be read.
        """
        raise NotImplementedError


class Providers(LoggingConfigurable):
    """All providers that this hub serves."""

    classes = List(
        Unicode(),
        [
            "hubroam.providers.GitHubProvider",
            "hubroam.providers.GitLabProvider",
            "hubroam.providers.GistProvider",
            "hubroam.providers.GitProvider",
        ],
        config=True,
        help="The provider classes that are served, by their importable names.",
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        providers = [_provider_class(name)(parent=self) for name in self.classes]
        self._providers: dict[str, RepoProvider] = {each.id: each for each in providers}

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
            name = PROVIDERS[spec.provider].display_name
            served = [f"{PROVIDERS[each].display_name} ({each}/)" for each in self.served]
            raise ProviderNotServed(
                f"{name} ({spec.provider}/) is not served here yet.",
                next_step=f"This hub serves {', '.join(served) or 'no provider'}.",
            )
        return await provider.resolve(spec)

    def describe(self) -> list[dict[str, Any]]:
        """What is served, as ``/api/repoproviders`` says it."""
        return [PROVIDERS[name].to_json() for name in self.served]


def _provider_class(name: str) -> type[RepoProvider]:
    """The class of an importable name.

    Raises:
        ConfigurationError: There is none, or it provides for no prefix that Binder knows.
    """
    try:
        found = import_item(name)
    except ImportError:
        found = None
    if (
        isinstance(found, type)
        and issubclass(found, RepoProvider)
        and getattr(found, "id", None) in PROVIDERS
    ):
        return found
    raise ConfigurationError(
        f"Providers.classes names {name}, which is no provider that can be imported.",
        next_step="Correct it in the hub's configuration.",
    )
