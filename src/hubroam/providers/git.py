"""Providers whose repositories git reads, and the plain one: any clone URL."""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import quote

from traitlets import Bool, Dict, Float, Instance, Int, Unicode

from hubroam.errors import RefNotFound, RepositoryRefused
from hubroam.providers.base import RepoProvider, ResolvedRef
from hubroam.providers.keyring import Keyring
from hubroam.providers.lsremote import FULL_COMMIT, Remote
from hubroam.providers.settings import plain_address
from hubroam.providers.size import kibibytes, size_from_api
from hubroam.spec import BinderSpec

_SHORT_COMMIT = re.compile(r"[0-9a-f]{7,63}", re.IGNORECASE)
# Branches that are named to somebody whose ref is missing.
_SUGGESTIONS = 5


class GitRefProvider(RepoProvider):
    """Resolves refs by asking the repository itself."""

    resolve_timeout = Float(
        30.0, config=True, help="Seconds that a repository's host gets to name its refs."
    )

    size_limit = Int(
        2 * 10**9,
        config=True,
        min=0,
        help="Bytes that a repository may have, again its submodules, and again the files of a "
        "commit; 0 for any number. A larger one is refused before it is fetched where its host's "
        "API says its size, else while it is.",
    )

    keyring = Instance(Keyring, (), help="What opens private repositories; `Providers` gives it.")

    #: Refs that fall back to HEAD where they are missing: default branches were renamed, and
    #: links were not.
    renamed_defaults: tuple[str, ...] = ()

    async def size(self, spec: BinderSpec) -> int | None:
        """Ask the repository's host how many bytes it has; None where that is not to be had."""
        return None

    def clone_url(self, spec: BinderSpec) -> str:
        """Where git reads the repository of a spec.

        Raises:
            RepositoryRefused: The operator does not allow it.
        """
        raise NotImplementedError

    def repo_url(self, spec: BinderSpec) -> str:
        """The repository's address for people."""
        return self.clone_url(spec)

    def ref_url(self, spec: BinderSpec, commit: str) -> str:
        """A commit's address for people; git itself knows none."""
        return self.repo_url(spec)

    async def resolve(self, spec: BinderSpec) -> ResolvedRef:
        """Find the commit that a spec's ref names now.

        No ref means HEAD.  A full commit is taken as it is, without asking: whether it is there
        shows when the repository is fetched.

        Raises:
            RefNotFound: The repository has no such ref.
            RepositoryRefused: The operator does not allow this repository.
            RepositoryError: The repository cannot be read.
        """
        remote = Remote(
            self.clone_url(spec),
            what=self.repo_url(spec),
            timeout=self.resolve_timeout,
            keyring=self.keyring,
        )
        ref = spec.ref or "HEAD"
        if FULL_COMMIT.fullmatch(ref.lower()):
            return self._resolved(spec, ref.lower(), ref.lower())
        if commit := await remote.find(ref):
            return self._resolved(spec, commit, ref)
        if ref in self.renamed_defaults and (commit := await remote.find("HEAD")):
            note = f"There is no branch {ref} in {spec.repository}; using HEAD."
            return self._resolved(spec, commit, "HEAD", note)
        raise _not_found(spec.repository, ref, await remote.branches())

    def _resolved(self, spec: BinderSpec, commit: str, ref: str, *notes: str) -> ResolvedRef:
        return ResolvedRef(
            spec=spec,
            clone_url=self.clone_url(spec),
            commit=commit,
            ref=ref,
            repo_url=self.repo_url(spec),
            ref_url=self.ref_url(spec, commit),
            notes=notes,
            size_limit=self.size_limit,
            size=partial(self.size, spec),
        )


def _not_found(repository: str, ref: str, branches: list[str]) -> RefNotFound:
    if not branches:
        return RefNotFound(
            f"There is no branch or tag {ref} in {repository}, which has no branch at all.",
            next_step="Commit something to it, then launch it again.",
        )
    if _SHORT_COMMIT.fullmatch(ref):
        step = "Give a commit in full, with all of its 40 digits, or a branch or tag."
    else:
        more = ", …" if len(branches) > _SUGGESTIONS else ""
        step = f"It has these branches: {', '.join(branches[:_SUGGESTIONS])}{more}."
    return RefNotFound(f"There is no branch or tag {ref} in {repository}.", next_step=step)


class GitProvider(GitRefProvider):
    """``git/<percent-encoded clone URL>/<ref>``: any repository that git can clone."""

    id = "git"

    allow_file_urls = Bool(
        False,
        config=True,
        help="Whether ``file:`` URLs may be launched: every repository that the hub's own user "
        "can read could then be launched by everybody.",
    )

    size_apis = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        default_value={"https://codeberg.org": "https://codeberg.org/api/v1"},
        config=True,
        help="APIs of Forgejo and Gitea, by the address of their host: they are asked for a "
        "repository's size before its first fetch.",
    )

    async def size(self, spec: BinderSpec) -> int | None:
        """What its host's API says, if the operator named one."""
        url = spec.repository
        for host, api in self.size_apis.items():
            if url.startswith(f"{host}/"):
                path = url.removeprefix(f"{host}/").rstrip("/").removesuffix(".git")
                address = f"{plain_address(api, 'GitProvider.size_apis')}/repos/{quote(path)}"
                return await size_from_api(address, kibibytes, token=self.keyring.token(host))
        return None

    def clone_url(self, spec: BinderSpec) -> str:
        """The spec's own URL.

        Raises:
            RepositoryRefused: It is a ``file:`` URL, and the operator did not allow those.
        """
        url = spec.repository
        if url.startswith("file:") and not self.allow_file_urls:
            raise RepositoryRefused(
                "This hub does not launch repositories of its own disk.",
                next_step="Use a URL that begins with https://, or let the hub's operator set "
                "GitProvider.allow_file_urls.",
            )
        return url
