"""A launch link as an object: made from its parts, or read back into them.

`hubroam.links` makes the links; this module reads any of them, so that what one hub's link names
can be launched on another. ``protocol/launch-links.json`` holds what this module and
``web/launch-link.js`` both pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypedDict
from urllib.parse import parse_qsl, quote, unquote

from hubroam.addresses import check_host, check_text, split_url
from hubroam.errors import LinkError, SpecError
from hubroam.links import (
    below,
    binderhub_link,
    content_path,
    git_pull_query,
    gitpuller_link,
    hub_base,
    repository_folder,
)
from hubroam.providerinfo import PROVIDERS
from hubroam.spec import BinderSpec

_BINDER = re.compile(rf"(?P<base>.*?/)v2/(?P<spec>(?:{'|'.join(PROVIDERS)})/.+)")
_GIT_PULL = re.compile(r"(?P<base>.*?/)(?P<hub>hub/user-redirect/)?git-pull")
_LITE = re.compile(r"(?P<base>.*?/)lab(?:/index\.html)?/?")
# An application's page of a file; the first part is the folder of the repository.
_FILE = re.compile(r"(?P<app>lab/tree|tree)/(?P<folder>[^/?#]+)(?:/(?P<path>[^?#]+)?)?")


class _Place(TypedDict, total=False):
    urlpath: str | None
    labpath: str | None
    filepath: str | None


@dataclass(frozen=True)
class LaunchLink:
    """What a launch link names. At most one of the three places is given.

    Attributes:
        hub: The hub's base URL.
        kind: ``binder``, ``git-pull`` (through a JupyterHub), ``server`` (git-pull on a Jupyter
            server) or ``content`` (a JupyterLite site).
        spec: The repository that brings the environment, and the content where `content` is None;
            None for a JupyterLite site, which has its own content.
        urlpath: A URL path below the session, encoded as in a URL.
        labpath: A file, not encoded, to open in JupyterLab.
        filepath: A file, not encoded, to open in the classic interface.
        content: The repository of the content, where the environment is another's.
        env_path: The folder of the environment's repository that the recipe is in, not encoded;
            None for its root.  Only links of kind ``binder`` can say it.
    """

    hub: str
    kind: Literal["binder", "git-pull", "server", "content"]
    spec: BinderSpec | None
    urlpath: str | None = None
    labpath: str | None = None
    filepath: str | None = None
    content: BinderSpec | None = None
    env_path: str | None = None

    @property
    def url(self) -> str:
        """The link.

        Raises:
            LinkError: The hub or the path is refused, or a part that the kind needs is missing.
        """
        place: _Place = {
            "urlpath": self.urlpath,
            "labpath": self.labpath,
            "filepath": self.filepath,
        }
        if self.kind == "content":
            path = content_path(self.labpath or self.filepath or "")
            return f"{hub_base(self.hub)}lab/index.html" + (
                f"?path={quote(path, safe='')}" if path else ""
            )
        if self.spec is None:
            raise LinkError("The link names no repository.", next_step="Give a Binder spec.")
        if self.kind == "binder":
            if self.content is None:
                return binderhub_link(self.hub, self.spec, **place, env_path=self.env_path)
            pull = _pull_link(hub_base(self.hub), self.content, place, "git-pull")
            urlpath = pull.removeprefix(hub_base(self.hub))
            return binderhub_link(self.hub, self.spec, urlpath=urlpath, env_path=self.env_path)
        where = "hub/user-redirect/git-pull" if self.kind == "git-pull" else "git-pull"
        return _pull_link(self.hub, self.spec, place, where)

    @staticmethod
    def query_of(url: str) -> dict[str, str]:
        """A link's query, decoded; of a name that comes twice the first value.

        Raises:
            LinkError: Its percent-encoding is broken.
        """
        return _query(url.partition("#")[0].partition("?")[2])

    @classmethod
    def parse(cls, url: str) -> LaunchLink:
        """Read a launch link of a BinderHub, a JupyterHub with nbgitpuller or a JupyterLite site.

        Raises:
            LinkError: It is another address, or its path leaves the session.
            SpecError: Its spec or repository is none.
        """
        check_text(url, LinkError)
        parts = split_url(url)
        if parts is None or parts.scheme not in ("http", "https"):
            raise _no_launch_link()
        check_host(parts, LinkError)
        address, _, query = parts.path.partition("#")[0].partition("?")
        values = _query(query)
        origin = url[: len(url) - len(parts.path)]
        if found := _BINDER.fullmatch(address):
            spec = BinderSpec.parse(found["spec"])
            return _binder(hub_base(origin + found["base"]), spec, values)
        if (found := _GIT_PULL.fullmatch(address)) and "repo" in values:
            content, place = _read_pull(values)
            kind: Literal["git-pull", "server"] = "git-pull" if found["hub"] else "server"
            return cls(hub_base(origin + found["base"]), kind, content, **place)
        if found := _LITE.fullmatch(address):
            path = content_path(values["path"]) if values.get("path") else None
            return cls(hub_base(origin + found["base"]), "content", None, labpath=path)
        raise _no_launch_link()


def _binder(hub: str, spec: BinderSpec, values: dict[str, str]) -> LaunchLink:
    folder = content_path(values.get("envpath", "")) or None
    if path := values.get("labpath"):
        return LaunchLink(hub, "binder", spec, labpath=content_path(path), env_path=folder)
    if path := values.get("filepath"):
        return LaunchLink(hub, "binder", spec, filepath=content_path(path), env_path=folder)
    urlpath = below(values.get("urlpath", ""))
    pull, _, query = urlpath.partition("?")
    inner = _query(query)
    if pull == "git-pull" and "repo" in inner:
        content, place = _read_pull(inner)
        return LaunchLink(hub, "binder", spec, content=content, env_path=folder, **place)
    return LaunchLink(hub, "binder", spec, urlpath=urlpath or None, env_path=folder)


def _pull_link(hub: str, spec: BinderSpec, place: _Place, where: str) -> str:
    query = git_pull_query(spec, **place)
    link = gitpuller_link(
        hub, repo_url=query["repo"], branch=query.get("branch"), urlpath=query["urlpath"]
    )
    return link.replace("hub/user-redirect/git-pull?", f"{where}?", 1)


def _read_pull(values: dict[str, str]) -> tuple[BinderSpec, _Place]:
    """The repository and the place of a git-pull link."""
    repo = values["repo"]
    spec = _repository(repo, values.get("branch") or "HEAD")
    target = values.get("targetPath") or values.get("targetpath")
    folder = (target or repository_folder(repo)).strip("/")
    urlpath = below(values.get("urlpath", ""))
    found = _FILE.fullmatch(urlpath)
    if found is None or _decode(found["folder"]) != folder:
        return spec, {"urlpath": urlpath or None}
    if not found["path"]:
        return spec, {} if found["app"] == "lab/tree" else {"urlpath": urlpath}
    path = content_path(_decode(found["path"]))
    return spec, {"labpath": path} if found["app"] == "lab/tree" else {"filepath": path}


def _repository(repo: str, ref: str) -> BinderSpec:
    """The spec of a clone URL: a forge's own where it is one's."""
    try:
        spec = BinderSpec.from_text(repo)
    except SpecError:
        return BinderSpec("git", repo, ref)
    if spec.provider not in ("gh", "gl", "gist"):
        return BinderSpec("git", repo, ref)
    return BinderSpec(
        spec.provider, spec.repository, "" if spec.provider == "gist" and ref == "HEAD" else ref
    )


def _query(text: str) -> dict[str, str]:
    """A query's values; of a name that comes twice the first."""
    try:
        return dict(reversed(parse_qsl(text, errors="strict")))
    except ValueError:
        raise _bad_encoding() from None


def _decode(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except ValueError:
        raise _bad_encoding() from None


def _bad_encoding() -> LinkError:
    return LinkError("The percent-encoding is broken.", next_step="Copy the link anew.")


def _no_launch_link() -> LinkError:
    return LinkError(
        "This is no launch link.",
        next_step="Give a link of a BinderHub (…/v2/…), or of a JupyterHub (…/git-pull?repo=…).",
    )
