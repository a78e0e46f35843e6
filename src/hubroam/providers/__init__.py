"""From a Binder spec to a repository and a commit."""

from hubroam.providers.base import Providers, RepoProvider, ResolvedRef
from hubroam.providers.git import GistProvider, GitHubProvider, GitLabProvider, GitProvider
from hubroam.providers.mirror import CommitFiles, Mirror, MirrorStore

__all__ = [
    "CommitFiles",
    "GistProvider",
    "GitHubProvider",
    "GitLabProvider",
    "GitProvider",
    "Mirror",
    "MirrorStore",
    "Providers",
    "RepoProvider",
    "ResolvedRef",
]
