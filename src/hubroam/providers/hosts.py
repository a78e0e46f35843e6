"""Providers for hosts whose repositories have names: GitHub, GitLab, Gist."""

from __future__ import annotations

from urllib.parse import quote

from traitlets import default

from hubroam.providers.git import GitRefProvider
from hubroam.providers.settings import Address
from hubroam.providers.size import kibibytes, repository_bytes, size_from_api
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

    api_url = Address(
        config=True,
        help="Where its API is, which is asked for a repository's size before its first fetch. "
        "[default: GitHub's own; of a GitHub Enterprise server its /api/v3]",
    )

    @default("api_url")
    def _default_api_url(self) -> str:
        ours = self.base_url == "https://github.com"
        return "https://api.github.com" if ours else f"{self.base_url}/api/v3"

    async def size(self, spec: BinderSpec) -> int | None:
        """What the API says."""
        url = f"{self.api_url}/repos/{quote(spec.repository)}"
        token = self.keyring.token(self.repo_url(spec))
        return await size_from_api(url, kibibytes, token=token)

    def ref_url(self, spec: BinderSpec, commit: str) -> str:
        """The commit's page."""
        return f"{self.repo_url(spec)}/tree/{commit}"


class GitLabProvider(HostedProvider):
    """``gl/<group%2Fproject>/<ref>``."""

    id = "gl"
    base_url = Address("https://gitlab.com", config=True, help="Where the GitLab instance is.")

    async def size(self, spec: BinderSpec) -> int | None:
        """What its API says: to nobody without a token of somebody who may see the statistics."""
        token = self.keyring.token(self.repo_url(spec))
        if not token:
            return None
        project = quote(spec.repository, safe="")
        url = f"{self.base_url}/api/v4/projects/{project}?statistics=true"
        return await size_from_api(url, repository_bytes, token=token)

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
