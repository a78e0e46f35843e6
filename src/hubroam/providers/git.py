"""The providers that are git repositories: any clone URL, GitHub, GitLab, Gist."""

from __future__ import annotations

import re

from traitlets import Bool, Float, Unicode

from hubroam.errors import RefNotFound, RepositoryRefused
from hubroam.providers.base import RepoProvider, ResolvedRef
from hubroam.providers.process import SSH_COMMAND, run_git
from hubroam.spec import BinderSpec

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.IGNORECASE)
_SHORT = re.compile(r"[0-9a-f]{7,39}", re.IGNORECASE)
# Branches that are named to somebody whose ref is missing.
_SUGGESTIONS = 5


class GitProvider(RepoProvider):
    """``git/<percent-encoded clone URL>/<ref>``: any repository that git can clone."""

    id = "git"

    allow_file_urls = Bool(
        False,
        config=True,
        help="Whether ``file:`` URLs may be launched: every repository that the hub's own user "
        "can read could then be launched by everybody.",
    )
    resolve_timeout = Float(
        30.0, config=True, help="Seconds that a repository's host gets to name its refs."
    )
    ssh_command = Unicode(SSH_COMMAND, config=True, help="How git calls ssh.")

    def clone_url(self, spec: BinderSpec) -> str:
        """The spec's own URL.

        Raises:
            RepositoryRefused: It is a ``file:`` URL, and the operator did not allow those.
        """
        url = spec.repository
        if url.lower().startswith("file:") and not self.allow_file_urls:
            raise RepositoryRefused(
                "This hub does not launch repositories of its own disk.",
                next_step="Use a URL that begins with https://, or let the hub's operator set "
                "GitProvider.allow_file_urls.",
            )
        return url

    def repo_url(self, spec: BinderSpec) -> str:
        """The repository's address for people."""
        return self.clone_url(spec)

    def ref_url(self, spec: BinderSpec, commit: str) -> str:
        """A commit's address for people; git itself knows none."""
        return self.repo_url(spec)

    async def resolve(self, spec: BinderSpec) -> ResolvedRef:
        """Find the commit that a spec's ref names now, by ``git ls-remote``.

        A full commit is taken as it is, and asked for when the repository is fetched.  A branch
        wins over a tag of the same name, as it does on BinderHub.

        Raises:
            RefNotFound: The repository has no such ref.
            RepositoryError: The repository cannot be read.
        """
        url = self.clone_url(spec)
        ref = spec.ref or "HEAD"
        if _COMMIT.fullmatch(ref):
            return self._resolved(spec, ref.lower(), ref)
        commit = await self._find(url, ref)
        if commit:
            return self._resolved(spec, commit, ref)
        return await self._missing(spec, ref)

    async def _missing(self, spec: BinderSpec, ref: str) -> ResolvedRef:
        """What to do when a repository has no such ref: say so, and what it has.

        Raises:
            RefNotFound: Always, here.
        """
        url = self.clone_url(spec)
        if _SHORT.fullmatch(ref):
            step = "A commit must be given in full, with all of its 40 digits."
        else:
            heads = await self._ls_remote(url, "refs/heads/*")
            names = [name.removeprefix("refs/heads/") for name in heads][:_SUGGESTIONS]
            step = f"It has these branches: {', '.join(names)}." if names else "It is empty."
        raise RefNotFound(f"There is no branch or tag {ref} in {spec.repository}.", next_step=step)

    def _resolved(
        self, spec: BinderSpec, commit: str, ref: str, notes: tuple[str, ...] = ()
    ) -> ResolvedRef:
        return ResolvedRef(
            spec=spec,
            clone_url=self.clone_url(spec),
            commit=commit,
            ref=ref,
            repo_url=self.repo_url(spec),
            ref_url=self.ref_url(spec, commit),
            notes=notes,
        )

    async def _find(self, url: str, ref: str) -> str | None:
        """The commit of a ref; an annotated tag gives the commit that it names."""
        if ref == "HEAD":
            names = ["HEAD"]
        elif ref.startswith("refs/"):
            names = [f"{ref}^{{}}", ref]
        else:
            names = [f"refs/heads/{ref}", f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}"]
        found = await self._ls_remote(url, *names)
        return next((found[name] for name in names if name in found), None)

    async def _ls_remote(self, url: str, *patterns: str) -> dict[str, str]:
        """Refs and what they name; patterns match the ends of names, so more may come."""
        output = await run_git(
            "ls-remote",
            "--quiet",
            "--",
            url,
            *patterns,
            what=url,
            allow_file=url.lower().startswith("file:"),
            timeout=self.resolve_timeout,
            ssh_command=self.ssh_command,
        )
        lines = (line.split("\t", 1) for line in output.decode(errors="replace").splitlines())
        return {name: commit for commit, name in lines}


class _HostedProvider(GitProvider):
    """A host whose repositories have names; where it is, the operator can say."""

    base_url = Unicode(config=True, help="The host, as the beginning of its repositories' URLs.")

    def clone_url(self, spec: BinderSpec) -> str:
        """Where git reads the repository."""
        return f"{self.repo_url(spec)}.git"

    def repo_url(self, spec: BinderSpec) -> str:
        """The repository's page."""
        return f"{self.base_url.rstrip('/')}/{spec.repository}"


class GitHubProvider(_HostedProvider):
    """``gh/<user>/<repo>/<ref>``."""

    id = "gh"
    base_url = Unicode(
        "https://github.com", config=True, help="The host; GitHub Enterprise is one too."
    )

    def ref_url(self, spec: BinderSpec, commit: str) -> str:
        """The commit's page."""
        return f"{self.repo_url(spec)}/tree/{commit}"

    async def _missing(self, spec: BinderSpec, ref: str) -> ResolvedRef:
        """Fall back from ``master`` or ``main`` to HEAD, as BinderHub does.

        Raises:
            RefNotFound: It was another ref.
        """
        if ref in ("master", "main"):
            commit = await self._find(self.clone_url(spec), "HEAD")
            if commit:
                note = f"There is no branch {ref} in {spec.repository}; HEAD is used instead."
                return self._resolved(spec, commit, "HEAD", (note,))
        return await super()._missing(spec, ref)


class GitLabProvider(_HostedProvider):
    """``gl/<group%2Fproject>/<ref>``."""

    id = "gl"
    base_url = Unicode("https://gitlab.com", config=True, help="The GitLab instance.")

    def ref_url(self, spec: BinderSpec, commit: str) -> str:
        """The commit's page."""
        return f"{self.repo_url(spec)}/-/tree/{commit}"


class GistProvider(_HostedProvider):
    """``gist/<user>/<id>[/<commit>]``."""

    id = "gist"
    base_url = Unicode("https://gist.github.com", config=True, help="The host of gists.")

    def clone_url(self, spec: BinderSpec) -> str:
        """Where git reads the gist: its id alone names it."""
        return f"{self.base_url.rstrip('/')}/{spec.repository.rsplit('/', 1)[-1]}.git"

    def ref_url(self, spec: BinderSpec, commit: str) -> str:
        """The revision's page."""
        return f"{self.repo_url(spec)}/{commit}"
