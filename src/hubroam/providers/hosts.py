"""Providers for hosts whose repositories have names: GitHub, GitLab, Gist."""

from __future__ import annotations

from typing import Any

from traitlets import Unicode, validate

from hubroam.addresses import split_url
from hubroam.errors import ConfigurationError
from hubroam.providers.git import GitRefProvider
from hubroam.spec import BinderSpec


def plain_address(url: str, setting: str) -> str:
    """A web address that the operator wrote, without a slash at its end.

    Args:
        url: The address; shown to readers, so it must hold no credentials.
        setting: The setting's name.

    Raises:
        ConfigurationError: It is no plain web address.
    """
    parts = split_url(url)
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or parts.userinfo is not None
        or {"?", "#"} & set(parts.path)
    ):
        raise ConfigurationError(
            f"{setting} is not a plain web address.",
            next_step="Write it like https://git.example.org, without user name or password.",
        )
    return url.rstrip("/")


class HostedProvider(GitRefProvider):
    """A host whose repositories have names; where it is, the operator can say."""

    base_url = Unicode(
        config=True,
        help="Where the host is: what its repositories' web addresses begin with.  A mirror, an "
        "instance of one's own, a path on a server.",
    )

    @validate("base_url")
    def _check_base_url(self, proposal: dict[str, Any]) -> str:
        """Only a plain web address: it is shown to readers, so it must hold no credentials.

        Raises:
            ConfigurationError: It is another.
        """
        return plain_address(proposal["value"], f"{type(self).__name__}.base_url")

    def clone_url(self, spec: BinderSpec) -> str:
        """Where git reads the repository."""
        return f"{self.repo_url(spec)}.git"

    def repo_url(self, spec: BinderSpec) -> str:
        """The repository's page."""
        return f"{self.base_url}/{spec.repository}"


class GitHubProvider(HostedProvider):
    """``gh/<user>/<repo>/<ref>``."""

    id = "gh"
    renamed_defaults = ("master", "main")
    base_url = Unicode(
        "https://github.com", config=True, help="Where GitHub, or a GitHub Enterprise server, is."
    )

    def ref_url(self, spec: BinderSpec, commit: str) -> str:
        """The commit's page."""
        return f"{self.repo_url(spec)}/tree/{commit}"


class GitLabProvider(HostedProvider):
    """``gl/<group%2Fproject>/<ref>``."""

    id = "gl"
    base_url = Unicode("https://gitlab.com", config=True, help="Where the GitLab instance is.")

    def ref_url(self, spec: BinderSpec, commit: str) -> str:
        """The commit's page."""
        return f"{self.repo_url(spec)}/-/tree/{commit}"


class GistProvider(HostedProvider):
    """``gist/<user>/<id>[/<commit>]``."""

    id = "gist"
    renamed_defaults = ("master", "main")
    base_url = Unicode("https://gist.github.com", config=True, help="Where the gists are.")

    def clone_url(self, spec: BinderSpec) -> str:
        """Where git reads the gist: its id alone names it."""
        return f"{self.base_url}/{spec.repository.rsplit('/', 1)[-1]}.git"

    def ref_url(self, spec: BinderSpec, commit: str) -> str:
        """The revision's page."""
        return f"{self.repo_url(spec)}/{commit}"
