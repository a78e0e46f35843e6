"""What a published page tells of the repository that it is from.

``web/foreign.js`` reads the same; ``protocol/foreign-pages.json`` holds what both must do. Where it
looks, in this order, and why:

1. ``hub-launch``: the launch control. Its author said what to launch, for this very use.
2. ``binder-spec``: the ``<meta>`` that our Sphinx extension writes; the same for programs.
3. ``launch-link``: a link of a BinderHub or a JupyterHub, or a universal one. Its author said it
   for another hub. Pages quote such links too, so one counts only if it names the page, or if it
   leads to the repository that the page is edited in.
4. ``myst-json``: what MyST publishes beside a page: its source and the book's Binder settings.
5. ``file-link``: a link that opens, edits or shows the page's source; it names repository, ref and
   file, and nobody said that it runs.
6. ``repository-link``: the book's repository, and not which file of it the page is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import unquote, urlsplit

from hubroam.book.filelink import (
    FileLink,
    read_file_link,
    read_repository_link,
    repository_name,
)
from hubroam.book.mystsite import Ask, read_myst_page
from hubroam.errors import HubroamError
from hubroam.launchlink import LaunchLink
from hubroam.links import below, content_path
from hubroam.providerinfo import PROVIDERS
from hubroam.roam import read_universal_link
from hubroam.spec import BinderSpec

_NOWHERE = "https://hub.invalid/"
_LINKS = 5000  # of a page that are read; more stand on no page of a book
_LAUNCHES = re.compile(r"/v2/|git-pull\?")
_UNIVERSAL = re.compile(rf"https?://[^#]*#/?(?:{'|'.join(PROVIDERS)})/.+")
_IN_AN_APP = re.compile(r"(?:lab/tree|doc/tree|notebooks|tree)/([^?#]+\.ipynb)")
_MARKED = re.compile(r"\b(?:source|repository|repo|github|gitlab|code|issue)\b", re.IGNORECASE)
# the tools that books are made with, which their themes link to
_TOOLS = {"executablebooks", "jupyter-book", "pradyunsg", "pydata", "quarto-dev", "readthedocs"}
_TEXTS = (".md", ".myst", ".qmd", ".rmd", ".py")


@dataclass(frozen=True)
class Element:
    """An element of a page: its name in small letters, and its attributes."""

    tag: str
    attributes: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where an ``<a>`` or ``<link>`` leads, as it is written."""
        return self.attributes.get("href", "").strip() if self.tag in ("a", "link") else ""


@dataclass(frozen=True)
class Found:
    """What a page launches.

    Attributes:
        launch: Repository and place; the hub in it is none that exists.
        found_by: One of the words in this module's description.
        lacks: ``path`` where the page's file is not known, ``notebook`` where it is a text,
            ``choice`` where the page names other repositories as well.
    """

    launch: LaunchLink
    found_by: str
    lacks: tuple[str, ...] = ()


async def read_page(url: str, elements: Iterable[Element], ask: Ask) -> Found | None:
    """What a page says of its repository; None where it says nothing.

    Args:
        url: Where the page is, after redirects.
        elements: Its ``<hub-launch>``, ``<meta>``, ``<a>`` and ``<link>``, in their order.
        ask: Asks a URL of the same origin for JSON; gives None where there is none.
    """
    page = list(islice(elements, _LINKS))
    if found := _own(page):
        return found
    files = [link for each in page if (link := read_file_link(each.url))]
    own = _own_file(url, files)
    repositories = _repositories(page)
    home = [link.spec for link in ([own] if own else repositories)]
    if found := _launch_link(url, page, home, own):
        return found
    if not _made_elsewhere(page) and (site := await read_myst_page(url, ask)):
        try:
            found = _placed(LaunchLink(_NOWHERE, "binder", site.spec), site.path, "myst-json")
        except HubroamError:  # a path that climbs
            return None
        return replace(found, lacks=()) if site.runs and found.launch.labpath else found
    if own:
        return _placed(LaunchLink(_NOWHERE, "binder", own.spec), own.path, "file-link")
    if repositories:
        names = {repository_name(link.spec) for link in repositories}
        lacks = ("path", "choice") if len(names) > 1 else ("path",)
        launch = LaunchLink(_NOWHERE, "binder", repositories[0].spec)
        return Found(launch, "repository-link", lacks)
    return None


def _own(page: list[Element]) -> Found | None:
    """What our own control or our own ``<meta>`` says."""
    for element in page:
        said = element.attributes
        if element.tag == "hub-launch":
            values = {name: said.get(name, "") for name in ("provider", "repo", "ref")}
            env = {name: said.get(f"env-{name}", "") for name in values}
            try:
                content = _spec(**values)
                environment = _spec(**env) if env["repo"] else None
                return _said("hub-launch", content, environment, said, said.get("env-path"))
            except HubroamError:
                continue
    meta = {
        element.attributes.get("name", ""): element.attributes.get("content", "")
        for element in reversed(page)
        if element.tag == "meta"
    }
    try:
        if spec := meta.get("binder-spec"):
            env_spec = meta.get("binder-environment")
            environment = BinderSpec.parse(env_spec) if env_spec else None
            place = {"path": meta.get("binder-path", ""), "urlpath": meta.get("binder-urlpath", "")}
            folder = meta.get("binder-environment-path")
            return _said("binder-spec", BinderSpec.parse(spec), environment, place, folder)
    except HubroamError:
        pass
    return None


def _spec(provider: str, repo: str, ref: str) -> BinderSpec:
    known = PROVIDERS.get(provider or "gh")
    return BinderSpec(provider or "gh", repo, ref or (known and known.ref_default) or "")


def _said(
    found_by: str,
    content: BinderSpec,
    environment: BinderSpec | None,
    place: Mapping[str, str],
    env_path: str | None,
) -> Found:
    path, urlpath = place.get("path"), place.get("urlpath")
    link = LaunchLink(
        _NOWHERE,
        "binder",
        environment or content,
        labpath=content_path(path) if path else None,
        urlpath=below(urlpath) if urlpath and not path else None,
        content=content if environment else None,
        env_path=content_path(env_path or "") or None,
    )
    return Found(link, found_by, () if path or urlpath else ("path",))


def _launch_link(
    url: str, page: list[Element], home: list[BinderSpec], own: FileLink | None
) -> Found | None:
    """The page's launch link, of all that stand on it."""
    homes = {repository_name(spec) for spec in home}
    ranked = []
    for element in page:
        if link := _read_launch_link(element.url):
            content = link.content or link.spec
            at_home = content is not None and repository_name(content) in homes
            path = link.labpath or link.filepath or unquote(link.urlpath or "")
            named = bool(path) and _names(url, path)
            if named or at_home or not homes:
                ranked.append(((named, at_home, bool(path)), link))
    if not ranked:
        return None
    rank, best = max(ranked, key=lambda each: each[0])
    best = _in_lab(replace(best, hub=_NOWHERE, kind="binder"))
    specs = {repository_name(link.content or link.spec) for _, link in ranked if link.spec}
    lacks = ("choice",) if len(specs) > 1 and not rank[0] else ()
    if rank[2]:
        return Found(best, "launch-link", lacks)
    if own and rank[1]:
        return _placed(best, own.path, "launch-link", lacks)
    return Found(best, "launch-link", ("path", *lacks))


def _in_lab(link: LaunchLink) -> LaunchLink:
    """The link with its file named as a file, so that hubs of other kinds open it too."""
    found = _IN_AN_APP.fullmatch(link.urlpath or "")
    if found is None or link.content:
        return link
    try:
        path = content_path(unquote(found[1], errors="strict"))
    except (HubroamError, ValueError):
        return link
    return replace(link, urlpath=None, labpath=path)


def _read_launch_link(url: str) -> LaunchLink | None:
    try:
        if _LAUNCHES.search(url):
            link = LaunchLink.parse(url)
            return link if link.spec else None  # a JupyterLite site has its own content
        return read_universal_link(url) if _UNIVERSAL.fullmatch(url) else None
    except HubroamError:
        return None


def _own_file(url: str, files: list[FileLink]) -> FileLink | None:
    """The link to the page's own source, of all that lead into repositories.

    A link to edit is the page's own; others are quoted in texts, and must name the page.
    """
    for verb in ("open", "edit", "view"):
        for link in files:
            if link.verb == verb and (verb == "edit" or _names(url, link.path or "")):
                return link
    return None


def _repositories(page: list[Element]) -> list[FileLink]:
    """The repositories that the page links to, those that are marked as its own first."""
    marked, bare = [], []
    for element in page:
        if link := read_repository_link(element.url):
            said = [element.attributes.get(name, "") for name in ("class", "title", "aria-label")]
            words = " ".join(said)
            if _MARKED.search(words) or "/issues/new" in element.url:
                marked.append(link)
            elif link.spec.repository.split("/")[0].lower() not in _TOOLS:
                bare.append(link)
    return marked or bare


def _made_elsewhere(page: list[Element]) -> bool:
    """Whether a page shows that another tool than MyST made it, so that it need not be asked."""
    return any(
        "_sources/" in element.url
        or (
            element.attributes.get("name", "").lower() == "generator"
            and not re.search("myst|jupyter", element.attributes.get("content", ""), re.IGNORECASE)
        )
        for element in page
    )


def _placed(
    launch: LaunchLink, path: str | None, found_by: str, lacks: tuple[str, ...] = ()
) -> Found:
    """A launch at a file, if a reader could work with it in JupyterLab."""
    path = content_path(path or "")
    ending = f".{path.rpartition('.')[2].lower()}"
    if ending == ".ipynb":
        return Found(replace(launch, labpath=path), found_by, lacks)
    if ending in _TEXTS:
        return Found(replace(launch, labpath=path), found_by, ("notebook", *lacks))
    return Found(launch, found_by, ("path", *lacks))


def _names(url: str, path: str) -> bool:
    """Whether a file may be a page's source, by their names."""
    parts = [part for part in urlsplit(url).path.split("/") if part]
    page = _plain(re.sub(r"\.html?$", "", unquote(parts[-1]))) if parts else "index"
    *above, last = path.partition("?")[0].split("/")
    name = _plain(last.rpartition(".")[0])
    in_folder = name in ("index", "readme") and bool(above) and _plain(above[-1]) == page
    return name == page or in_folder


def _plain(name: str) -> str:
    return re.sub(r"[ _]+", "-", name).lower()
