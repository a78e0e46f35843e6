"""Links that launch a spec on a hub, and the address a session opens at.

Every function takes text from strangers and returns an absolute URL that stays
below the base it was given, or raises `LinkError`.  ``protocol/links.json``
holds the vectors that this module and ``web/links.js`` both pass.
"""

from __future__ import annotations

import html
import re
from typing import Literal
from urllib.parse import quote

from hubroam.addresses import (
    check_clone_url,
    check_host,
    check_path,
    check_ref,
    check_text,
    split_url,
)
from hubroam.errors import LinkError, SpecError
from hubroam.spec import BinderSpec

Markup = Literal["markdown", "html", "rst"]
HubKind = Literal["hubroam", "binderhub", "jupyterhub"]

BADGE_IMAGES: dict[HubKind, str] = {
    "hubroam": "badge_logo.svg",
    "binderhub": "badge_logo.svg",
    "jupyterhub": "hub/static/images/jupyterhub-80.png",
}
"""The image that each kind of hub serves to everybody, below its base."""

_FORGES = {
    "gh": "https://github.com/{}",
    "gl": "https://gitlab.com/{}",
    "gist": "https://gist.github.com/{}",
    "git": "{}",
}
# What may stand in a URL as it is: RFC 3986, section 2.2 and 2.3, and what is encoded already.
_URL_SAFE = "%/?#:@!$&'()*+,;="
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def hub_base(hub: str) -> str:
    """Check the address of a hub.

    Args:
        hub: An http(s) URL: the hub's root, or where its Binder service is.

    Returns:
        The same with the scheme and host in small letters and one slash at the end.

    Raises:
        LinkError: It is another URL, or holds credentials, a query or a fragment.
    """
    check_text(hub, LinkError)
    parts = split_url(hub)
    if parts is None or parts.scheme not in ("http", "https"):
        raise LinkError(
            "The hub's address is not an http or https URL.",
            next_step="Give an address such as https://hub.example.org/.",
        )
    check_host(parts, LinkError)
    if "?" in parts.path or "#" in parts.path:
        raise LinkError(
            "The hub's address has a query or a fragment.",
            next_step="Leave out what follows ? or #.",
        )
    check_path(parts.path, LinkError)
    port = f":{parts.port}" if parts.port else ""
    path = _encode_url(parts.path.rstrip("/"))
    return f"{parts.scheme}://{parts.host.lower()}{port}{path}/"


def page_origin(text: str) -> str:
    """Check the origin of a page, as a browser names it.

    Args:
        text: Such as ``https://book.example.org`` or ``http://127.0.0.1:8080``.

    Returns:
        The same: a scheme, a host in small letters, and a port if it is not the scheme's own.

    Raises:
        LinkError: It is no origin, or an opaque one (``null``).
    """
    base = hub_base(text)
    if text != base.rstrip("/") or base.count("/") != 3 or "@" in text:
        raise LinkError(
            "This is not the origin of a page.",
            next_step="Give scheme and host, such as https://book.example.org.",
        )
    return text


def binderhub_link(
    hub: str,
    spec: BinderSpec,
    *,
    urlpath: str | None = None,
    labpath: str | None = None,
    filepath: str | None = None,
    env_path: str | None = None,
) -> str:
    """The link that builds and launches a spec on a BinderHub.

    Args:
        hub: The BinderHub's base URL.
        spec: What to launch.
        urlpath: A URL path below the session, encoded as in a URL.
        labpath: A file of the repository, not encoded, to open in JupyterLab.
        filepath: A file of the repository, not encoded, to open in the classic interface.
            Of the three only the one that BinderHub would use gets into the link.
        env_path: The folder of the repository that the recipe is in, not encoded; BinderHub passes
            over it and takes the root's.

    Raises:
        LinkError: The hub or a path is refused.
    """
    query = {}
    if labpath:
        query["labpath"] = content_path(labpath)
    elif filepath:
        query["filepath"] = content_path(filepath)
    elif urlpath:
        query["urlpath"] = below(urlpath)
    if env_path and (folder := content_path(env_path)):
        query["envpath"] = folder
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return f"{hub_base(hub)}v2/{spec}" + (f"?{pairs}" if pairs else "")


def gitpuller_link(hub: str, *, repo_url: str, branch: str | None, urlpath: str | None) -> str:
    """The link that pulls a repository into the reader's own server on a JupyterHub.

    Args:
        hub: The JupyterHub's base URL.  Its servers must have nbgitpuller.
        repo_url: Where to clone from.
        branch: A branch or tag; None for the repository's default.  nbgitpuller refuses commits.
        urlpath: Where to go afterwards, below the server, encoded as in a URL.

    Raises:
        LinkError: One of them is refused.
    """
    try:
        query = {"repo": check_clone_url(repo_url)}
        if branch:
            check_ref(branch)
            query["branch"] = branch
    except SpecError as error:
        raise LinkError(error.message, next_step=error.next_step) from None
    if urlpath:
        query["urlpath"] = below(urlpath)
    pairs = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
    return f"{hub_base(hub)}hub/user-redirect/git-pull?{pairs}"


def jupyterhub_link(
    hub: str,
    spec: BinderSpec,
    *,
    urlpath: str | None = None,
    labpath: str | None = None,
    filepath: str | None = None,
) -> str:
    """The link that opens a spec's content on a JupyterHub that has no Binder service.

    The reader gets the content, and the environment that the hub has.  A spec that names a
    commit opens at the repository's default branch, since nbgitpuller pulls branches only.

    Raises:
        LinkError: The hub or the path is refused, or the provider is an archive without git.
    """
    query = git_pull_query(spec, urlpath=urlpath, labpath=labpath, filepath=filepath)
    return gitpuller_link(
        hub, repo_url=query["repo"], branch=query.get("branch"), urlpath=query["urlpath"]
    )


def git_pull_query(
    spec: BinderSpec,
    *,
    urlpath: str | None = None,
    labpath: str | None = None,
    filepath: str | None = None,
) -> dict[str, str]:
    """What nbgitpuller is told to open a spec's content: ``repo``, ``branch``, ``urlpath``.

    Returns:
        Nothing in it is encoded but ``urlpath``, as in a URL. ``branch`` is missing where the
        repository's default is to be pulled.

    Raises:
        LinkError: The path is refused, or the provider is an archive without git.
    """
    repo_url = repository_url(spec)
    folder = quote(repository_folder(repo_url), safe="")
    if labpath:
        urlpath = f"lab/tree/{folder}/{quote(content_path(labpath))}"
    elif filepath:
        urlpath = f"tree/{folder}/{quote(content_path(filepath))}"
    query = {"repo": repo_url}
    if spec.ref not in ("", "HEAD") and not COMMIT.fullmatch(spec.ref):
        query["branch"] = spec.ref
    query["urlpath"] = urlpath or f"lab/tree/{folder}"
    return query


def git_pull_note(spec: BinderSpec) -> str | None:
    """What a reader is told when a git-pull link cannot open what the spec names.

    Returns:
        One sentence, or None when the link opens just that.
    """
    if not COMMIT.fullmatch(spec.ref):
        return None
    return (
        f"The link opens the repository's default branch, not the commit {spec.ref[:7]}: "
        "nbgitpuller pulls branches and tags only."
    )


def repository_folder(repo_url: str) -> str:
    """The folder that nbgitpuller clones a repository into; it keeps a ``.git`` at the end."""
    return repo_url.rstrip("/").split("/")[-1]


def app_path(interface: str, path: str = "", *, folder: str = "") -> str:
    """Where an application opens a file, as the ``urlpath`` of a link.

    Args:
        interface: ``lab``, ``notebook`` (Notebook 7 and the classic one), ``rstudio`` (which opens
            no file by its address), or the URL path of any other application below the session.
        path: The file, not encoded; empty for none.
        folder: The folder that the repository is in; empty where the session is in it.

    Raises:
        LinkError: The path leaves the repository, or the application the session.
    """
    parts = [quote(content_path(part)) for part in (folder, path) if part]
    place = "/".join(parts)
    if interface == "lab":
        return f"lab/tree/{place}" if place else "lab"
    if interface == "notebook":
        return f"{'notebooks' if path.endswith('.ipynb') else 'tree'}/{place}".rstrip("/")
    return below("rstudio/" if interface == "rstudio" else interface)


def repository_url(spec: BinderSpec) -> str:
    """Where everybody can clone a spec's repository from.

    Raises:
        LinkError: The provider is an archive that git cannot read.
    """
    if spec.provider not in _FORGES:
        raise LinkError(
            "A record of an archive cannot be opened on a JupyterHub without Binder.",
            next_step="Launch it on a BinderHub.",
        )
    return _FORGES[spec.provider].format(spec.repository)


def session_path(
    urlpath: str | None = None, labpath: str | None = None, filepath: str | None = None
) -> str:
    """The path below a session that a launch asked for; BinderHub's precedence.

    Returns:
        A relative path, encoded as in a URL: ``doc/tree/<labpath>``, else ``tree/<filepath>``,
        else ``urlpath``, else ``""``.

    Raises:
        LinkError: It would leave the session.
    """
    if labpath:
        return f"doc/tree/{quote(content_path(labpath))}"
    if filepath:
        return f"tree/{quote(content_path(filepath))}"
    return below(urlpath or "")


def session_url(url: str, *, token: str | None, urlpath: str | None) -> str:
    """The address to open in a started session.

    Args:
        url: The session's base URL.
        token: Put into the query as ``token``, last, so that no other wins; None for none.
        urlpath: A URL path below the session, encoded as in a URL (see `session_path`).

    Raises:
        LinkError: The address would leave the session.
    """
    address, separator, fragment = below(urlpath or "").partition("#")
    address = hub_base(url) + address
    if token:
        check_text(token, LinkError)
        address += f"{'&' if '?' in address else '?'}token={quote(token, safe='')}"
    return address + separator + fragment


def badge(
    hub: str,
    link: str,
    *,
    kind: HubKind = "binderhub",
    markup: Markup = "markdown",
    label: str = "Launch Binder",
) -> str:
    """A badge: the hub's image, which leads to a launch link.

    Args:
        hub: The hub whose image it is.
        link: Where it leads, from one of the functions here.
        kind: The kind of that hub, which decides the image (`BADGE_IMAGES`).
        markup: The language of the text it is for.
        label: What the image says to those who do not see it.

    Raises:
        LinkError: An address or the label is refused.
    """
    check_text(link, LinkError)
    parts = split_url(link)
    if parts is None or parts.scheme not in ("http", "https"):
        raise LinkError("A badge leads to an http or https URL.", next_step="Give a launch link.")
    check_host(parts, LinkError)
    check_text(label, LinkError, blanks=True)
    image = hub_base(hub) + BADGE_IMAGES[kind]
    link = quote(link, safe="%/?#:@!$&+,;=[]")  # no bracket or quote that ends the markup
    if markup == "html":
        return (
            f'<a href="{html.escape(link)}"><img src="{html.escape(image)}"'
            f' alt="{html.escape(label)}"></a>'
        )
    if markup == "rst":
        return f".. image:: {image}\n   :target: {link}\n   :alt: {label}\n"
    text = re.sub(r"([\\\[\]`*_<>!])", r"\\\1", label)
    return f"[![{text}]({quote(image, safe='%/?#:@!$&+,;=[]')})]({link})"


def content_path(path: str) -> str:
    """A file's path in the repository, without the slashes around it; not encoded."""
    check_text(path, LinkError, blanks=True)
    path = path.removeprefix("/").removesuffix("/")
    if "\\" in path or path.startswith("/") or ".." in path.split("/"):
        raise LinkError(
            "The path leaves the repository.",
            next_step="Give a path below the repository's root, with / between its parts.",
        )
    return path


def below(urlpath: str) -> str:
    """A relative URL that resolves below any base; encoded where it was not."""
    check_text(urlpath, LinkError, blanks=True)
    urlpath = urlpath.removeprefix("/")
    check_path(re.split(r"[?#]", urlpath, maxsplit=1)[0], LinkError)
    if urlpath.startswith("/") or re.match(r"[^/?#]*:", urlpath) or "\\" in urlpath:
        raise LinkError(
            "The path leaves the session.", next_step="Give a path such as lab/tree/index.ipynb."
        )
    return _encode_url(urlpath)


def _encode_url(text: str) -> str:
    """Encode what may not stand in a URL, and nothing that is encoded already."""
    return quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text), safe=_URL_SAFE)
