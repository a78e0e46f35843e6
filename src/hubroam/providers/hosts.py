"""Providers for hosts whose repositories have names: GitHub, GitLab, Gist."""

from __future__ import annotations

from hubroam.providers.git import GitRefProvider
from hubroam.providers.settings import Address
from hubroam.spec import BinderSpec


class HostedProvider(GitRefProvider):
    """A host whose repositories have names; where it is, the operator can say."""

    base_url = Address(
        config=True,
        help="Where the host is: what its repositories' web addresses begin with.  A mirror, an "
        "instance of one's own, a path on a server.",
    )

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
    base_url = Address(
        "https://github.com", config=True, help="Where GitHub, or a GitHub Enterprise server, is."
    )

    def ref_url(self, spec: BinderSpec, commit: str) -> str:
        """The commit's page."""
        return f"{self.repo_url(spec)}/tree/{commit}"


class GitLabProvider(HostedProvider):
    """``gl/<group%2Fproject>/<ref>``."""

    id = "gl"
    base_url = Address("https://gitlab.com", config=True, help="Where the GitLab instance is.")

    def ref_url(self, spec: BinderSpec, commit: str) -> str:
        """The commit's page."""
        return f"{self.repo_url(spec)}/-/tree/{commit}"


class GistProvider(HostedProvider):
    """``gist/<user>/<id>[/<commit>]``."""

    id = "gist"
    renamed_defaults = ("master", "main")
    base_url = Address("https://gist.github.com", config=True, help="Where the gists are.")

    def clone_url(self, spec: BinderSpec) -> str:
        """Where git reads the gist: its id alone names it."""
        return f"{self.base_url}/{spec.repository.rsplit('/', 1)[-1]}.git"

    def ref_url(self, spec: BinderSpec, commit: str) -> str:
        """The revision's page."""
        return f"{self.repo_url(spec)}/{commit}"
