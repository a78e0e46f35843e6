"""Every error that a person may meet, in one tree.

::

    HubroamError
    ├── SpecError               invalid-spec
    │   ├── UnknownProvider     unknown-provider
    │   └── ProviderNotServed   provider-not-served
    ├── LinkError               invalid-link
    ├── RepositoryError         repository-failed
    │   ├── RepositoryNotFound     repository-not-found
    │   ├── RepositoryRefused      repository-refused
    │   ├── RepositoryTooLarge     repository-too-large
    │   ├── RepositoryUnreachable  repository-unreachable
    │   ├── RefNotFound            ref-not-found
    │   └── PathNotFound           path-not-found
    ├── RecipeError             invalid-recipe
    │   └── RecipeUnsupported   recipe-unsupported
    ├── BuildError              build-failed
    │   ├── ResolutionFailed    resolution-failed
    │   ├── IndexUnreachable    index-unreachable
    │   ├── LockUnavailable     lock-unavailable
    │   ├── PostBuildFailed     postbuild-failed
    │   ├── RPackagesFailed     r-packages-failed
    │   ├── BuildTimeout        build-timeout
    │   ├── EngineUnreachable   engine-unreachable
    │   └── DiskFull            disk-full
    ├── EnvironmentNotFound     environment-not-found
    ├── LaunchError             launch-failed
    │   ├── LaunchTimeout       launch-timeout
    │   ├── RateLimited         rate-limited
    │   └── SignInNeeded        sign-in-needed
    ├── HubError                hub-failed
    │   ├── NotAHub             not-a-hub
    │   └── HubUnreachable      hub-unreachable
    │       ├── HubTooSlow         hub-too-slow
    │       ├── HubCertificate     hub-certificate
    │       ├── PrivateAddress     private-address
    │       ├── OriginRefused      origin-refused
    │       └── MixedContent       mixed-content
    ├── BookError               book-failed
    │   ├── LaunchSettingsError  invalid-launch-settings
    │   ├── PageUnreachable      page-unreachable
    │   └── NoRepositoryNamed    no-repository-named
    ├── ConfigurationError      invalid-configuration
    │   └── UnsafeAddress       unsafe-address
    └── MissingExtra            missing-extra

``code`` is stable: programs may test for it.  ``message`` is one sentence for
a person, ``next_step`` says what that person can do now.  Services turn an
error into an HTTP status by its ``status``; any other exception is a bug,
shown as a generic sentence and written to the log.
"""

from __future__ import annotations

from typing import ClassVar, Self


class HubroamError(Exception):
    """The root of the tree.

    Args:
        message: One sentence that a reader understands, without a traceback or a secret.
        next_step: What the person can do now.
    """

    code: ClassVar[str] = "failed"
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, next_step: str) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def to_json(self) -> dict[str, str]:
        """The error as ``--json`` and the launch events carry it."""
        return {"code": self.code, "message": self.message, "next_step": self.next_step}


class SpecError(HubroamError):
    """A Binder spec that cannot be read."""

    code, status = "invalid-spec", 400


class UnknownProvider(SpecError):
    """A provider prefix that Binder does not know."""

    code, status = "unknown-provider", 404


class ProviderNotServed(SpecError):
    """A provider that Binder knows and this hub does not serve."""

    code, status = "provider-not-served", 501


class LinkError(HubroamError):
    """A launch link that cannot be made or read safely."""

    code, status = "invalid-link", 400


class RepositoryError(HubroamError):
    """git failed in a way that has no name of its own here."""

    code, status = "repository-failed", 502


class RepositoryNotFound(RepositoryError):
    """The repository does not exist, or is private."""

    code, status = "repository-not-found", 404


class RepositoryRefused(RepositoryError):
    """The operator or hubroam's own rules do not allow this repository."""

    code, status = "repository-refused", 403


class RepositoryTooLarge(RepositoryError):
    """A repository of more bytes than this hub fetches."""

    code, status = "repository-too-large", 413


class RepositoryUnreachable(RepositoryError):
    """The repository's host does not answer."""

    code, status = "repository-unreachable", 502


class RefNotFound(RepositoryError):
    """The repository has no such branch, tag or commit."""

    code, status = "ref-not-found", 404


class PathNotFound(RepositoryError):
    """The commit holds no such file."""

    code, status = "path-not-found", 404


class RecipeError(HubroamError):
    """A Binder recipe that cannot be read."""

    code, status = "invalid-recipe", 422


class RecipeUnsupported(RecipeError):
    """A recipe that asks for what this hub's builder cannot do.

    Args:
        message: See `HubroamError`.
        next_step: See `HubroamError`.
        reason: What asks for it and for what, as part of a sentence; another builder, which can,
            says it.
    """

    code, status = "recipe-unsupported", 501

    def __init__(self, message: str, *, next_step: str, reason: str = "") -> None:
        super().__init__(message, next_step=next_step)
        self.reason = reason


class BuildError(HubroamError):
    """Building the environment failed."""

    code, status = "build-failed", 500


class ResolutionFailed(BuildError):
    """No set of packages satisfies the recipe."""

    code, status = "resolution-failed", 422


class IndexUnreachable(BuildError):
    """The package index does not answer."""

    code, status = "index-unreachable", 502


class LockUnavailable(BuildError):
    """A package of a lock cannot be had any more, or is another file by now."""

    code, status = "lock-unavailable", 422


class PostBuildFailed(BuildError):
    """The recipe's ``postBuild`` ended with an error."""

    code, status = "postbuild-failed", 422


class RPackagesFailed(BuildError):
    """R's packages of the recipe could not be installed."""

    code, status = "r-packages-failed", 422


class BuildTimeout(BuildError):
    """The build, or a step of it, took longer than the operator allows."""

    code, status = "build-timeout", 504


class EngineUnreachable(BuildError):
    """The engine that runs containers does not answer."""

    code, status = "engine-unreachable", 502


class DiskFull(BuildError):
    """No space is left where environments are kept."""

    code, status = "disk-full", 507

    @classmethod
    def of_hub(cls) -> Self:
        """The error as a reader meets it, who can make no room."""
        return cls(
            "This hub's disk is full.",
            next_step="Tell the people who run this hub; try again later.",
        )


class EnvironmentNotFound(HubroamError):
    """No environment of that digest is kept here."""

    code, status = "environment-not-found", 404


class LaunchError(HubroamError):
    """The environment is there, and the session did not start."""

    code, status = "launch-failed", 500


class LaunchTimeout(LaunchError):
    """The session did not answer in time."""

    code, status = "launch-timeout", 504


class RateLimited(LaunchError):
    """Too many launches from one address."""

    code, status = "rate-limited", 429


class SignInNeeded(LaunchError):
    """The hub launches for readers that it knows, and does not know this one."""

    code, status = "sign-in-needed", 403


class HubError(HubroamError):
    """The hub that was asked failed."""

    code, status = "hub-failed", 502


class NotAHub(HubError):
    """The URL answers, and no hub is there."""

    code, status = "not-a-hub", 404


class HubUnreachable(HubError):
    """Nothing answers at the URL."""

    code, status = "hub-unreachable", 502


class HubTooSlow(HubUnreachable):
    """Something is at the URL, and does not answer in time."""

    code, status = "hub-too-slow", 504


class HubCertificate(HubUnreachable):
    """The hub's certificate is not trusted."""

    code = "hub-certificate"


class PrivateAddress(HubUnreachable):
    """The URL leads into a private network, where the asker was not told to go."""

    code, status = "private-address", 403


class OriginRefused(HubUnreachable):
    """Something answers, and lets no other page read what; only a browser meets this."""

    code = "origin-refused"


class MixedContent(HubUnreachable):
    """An https page may not ask an http hub; only a browser meets this."""

    code = "mixed-content"


class BookError(HubroamError):
    """A book that cannot be read, or not be changed."""

    code, status = "book-failed", 422


class LaunchSettingsError(BookError):
    """What a book or a page says of its launch cannot be used."""

    code = "invalid-launch-settings"


class PageUnreachable(BookError):
    """A book's page does not answer."""

    code, status = "page-unreachable", 502


class NoRepositoryNamed(BookError):
    """Nothing on a published page says which repository it is from."""

    code, status = "no-repository-named", 404


class ConfigurationError(HubroamError):
    """The operator's configuration cannot be used."""

    code, status = "invalid-configuration", 500


class UnsafeAddress(ConfigurationError):
    """The hub was asked to listen where strangers could reach unsandboxed sessions."""

    code = "unsafe-address"


class MissingExtra(HubroamError):
    """The command needs packages of an extra that is not installed."""

    code = "missing-extra"
