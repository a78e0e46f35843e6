"""The port of repository providers, and the one entry to all that are served."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from traitlets import Dict, List, Unicode
from traitlets.config import LoggingConfigurable
from traitlets.utils.importstring import import_item

from hubroam.errors import ConfigurationError, ProviderNotServed
from hubroam.providerinfo import PROVIDERS
from hubroam.providers.keyring import Keyring
from hubroam.spec import BinderSpec


class Record(Protocol):
    """One version of what an archive keeps, which is no repository of git's."""

    @property
    def name(self) -> str:
        """What it is called, as the beginning of a sentence."""

    @property
    def key(self) -> str:
        """What tells its content from every other's, other versions of it too."""

    @property
    def spec(self) -> BinderSpec:
        """The spec of this version."""

    async def put(self, folder: Path, progress: Callable[[str], None]) -> str:
        """Make its files the one commit of a bare repository; the same files give the same.

        Args:
            folder: The repository, without commits.
            progress: Takes lines of progress, a few a second.

        Returns:
            The commit.

        Raises:
            RepositoryError: Its files cannot be had, or must not be unpacked.
            DiskFull: No space is left.
        """


@dataclass(frozen=True)
class ResolvedRef:
    """A spec whose ref is a commit, or the version of a record.

    Attributes:
        spec: What was asked for.
        clone_url: Where git reads the repository; the page of a record.
        commit: 40 hex digits, 64 where the repository uses SHA-256.  Empty for a record until
            `hubroam.providers.MirrorStore.fetch` has it.
        ref: The ref that was resolved; another than the spec's after a fallback.
        repo_url: The repository's address for people.
        ref_url: The commit's address for people.
        notes: What people should know, such as a fallback.
        record: The record, where an archive keeps it.
        size_limit: Bytes that the repository may have; 0 for any.
        size: Asks its host how many it has, which may not say; None where nobody can be asked.
    """

    spec: BinderSpec
    clone_url: str
    commit: str
    ref: str
    repo_url: str
    ref_url: str
    notes: tuple[str, ...] = ()
    record: Record | None = None
    size_limit: int = 0
    size: Callable[[], Awaitable[int | None]] | None = field(
        default=None, repr=False, compare=False
    )

    @property
    def version(self) -> str:
        """What was found, for people."""
        return self.record.name if self.record else f"Commit {self.commit}"

    @property
    def pinned(self) -> BinderSpec:
        """A spec that means this version for as long as it is kept."""
        if self.record is not None:
            return self.record.spec
        return BinderSpec(self.spec.provider, self.spec.repository, self.commit)


class RepoProvider(LoggingConfigurable):
    """Resolves the specs of one prefix.

    Attributes:
        id: The prefix, a key of `hubroam.providerinfo.PROVIDERS`.
    """

    id: str

    async def resolve(self, spec: BinderSpec) -> ResolvedRef:
        """Find the commit, or the record's version, that a spec names now.

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
            "hubroam.providers.archives.ZenodoProvider",
            "hubroam.providers.archives.FigshareProvider",
            "hubroam.providers.archives.DataverseProvider",
            "hubroam.providers.archives.HydroShareProvider",
            "hubroam.providers.archives.CKANProvider",
            "hubroam.providers.archives.SWHIDProvider",
        ],
        config=True,
        help="The provider classes that are served, by their importable names.",
    )

    git_credentials = Dict(
        config=True,
        help="What opens private repositories, by the address of their host: "
        '``{"https://git.example.org": {"username": "reader", "token_file": "/etc/…"}}``, or '
        "``token`` in place of the file.  Everybody who may launch can then read all that the "
        "token can.",
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        #: What opens private repositories, for all that call git.
        self.keyring = Keyring(self.git_credentials)
        providers = [_provider_class(name)(parent=self) for name in self.classes]
        self._providers: dict[str, RepoProvider] = {each.id: each for each in providers}
        for provider in providers:
            if provider.has_trait("keyring"):
                provider.keyring = self.keyring

    @property
    def served(self) -> list[str]:
        """The prefixes that are served."""
        return list(self._providers)

    async def resolve(self, spec: BinderSpec) -> ResolvedRef:
        """Find the commit, or the record's version, that a spec names now.

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
