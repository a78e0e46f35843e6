"""From a Binder spec to a repository and a commit."""

from hubroam.providers.base import Providers, RepoProvider, ResolvedRef
from hubroam.providers.commit import CommitFiles
from hubroam.providers.git import GitProvider, GitRefProvider
from hubroam.providers.hosts import GistProvider, GitHubProvider, GitLabProvider, HostedProvider
from hubroam.providers.mirror import Mirror
from hubroam.providers.store import MirrorStore

__all__ = [
    "CommitFiles",
    "GistProvider",
    "GitHubProvider",
    "GitLabProvider",
    "GitProvider",
    "GitRefProvider",
    "HostedProvider",
    "Mirror",
    "MirrorStore",
    "Providers",
    "RepoProvider",
    "ResolvedRef",
]
