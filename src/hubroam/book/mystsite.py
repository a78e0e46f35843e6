"""What a site that MyST made publishes of a page, beside it, as JSON.

A page's own document has its source (``location``) and where that is edited; ``myst.xref.json``
says where the documents are that are not beside their pages; ``config.json`` has the book's Binder
settings. ``web/myst-site.js`` reads the same.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from hubroam.book.filelink import read_file_link, repository_name
from hubroam.book.repository import read_repository
from hubroam.errors import HubroamError
from hubroam.spec import BinderSpec

Ask = Callable[[str], Awaitable[Any]]

_PROVIDERS = {"github": "gh", "gitlab": "gl"}


@dataclass(frozen=True)
class MystPage:
    """What is published of a page.

    Attributes:
        spec: The repository of its launches.
        path: Its source.
        runs: Whether it has a kernel.
    """

    spec: BinderSpec
    path: str
    runs: bool


async def read_myst_page(url: str, ask: Ask) -> MystPage | None:
    """Ask a site what it publishes of a page; None where it is nothing, or names no repository.

    Args:
        url: Where the page is.
        ask: Asks a URL of the same origin for JSON; gives None where there is none.
    """
    parts = urlsplit(url)
    stem = re.sub(r"\.html?$", "", parts.path.rstrip("/"))
    # a path that ends in a slash is a page, or the first page of a site in a folder
    paths = [stem, f"{stem}/index"] if stem and parts.path.endswith("/") else [stem or "/index"]
    for path in paths:
        beside = parts._replace(path=path, query="", fragment="").geturl()
        if document := await _document(beside, ask):
            break
    else:
        return None
    matter = _mapping(document.get("frontmatter"))
    projects = _mapping(await ask(urljoin(beside, "config.json"))).get("projects")
    project = _mapping(projects[0]) if isinstance(projects, list) and projects else {}
    links = (read_file_link(_text(matter.get(name))) for name in ("edit_url", "source_url"))
    source = next((link for link in links if link), None)
    binder = _binder(matter) or _binder(project)
    try:
        if binder:
            spec = _repository(binder)
        else:
            spec = source.spec if source else read_repository(_text(matter.get("github")))
    except HubroamError:
        return None
    # MyST's own button opens `location`, which is below the project; the link knows more
    below = source and repository_name(source.spec) == repository_name(spec) and source.path
    runs = document.get("kind") == "Notebook"
    return MystPage(spec, below or document["location"].lstrip("/"), runs)


async def _document(beside: str, ask: Ask) -> Mapping[str, Any] | None:
    """A page's document: at its address with ``.json``, or where ``myst.xref.json`` says."""
    document = _mapping(await ask(f"{beside}.json"))
    if not _text(document.get("location")):
        listed = _listed(await ask(urljoin(beside, "myst.xref.json")), beside.rpartition("/")[2])
        document = _mapping(await ask(urljoin(beside, listed.lstrip("/")))) if listed else {}
    return document if _text(document.get("location")) else None


def _listed(index: object, slug: str) -> str:
    """Where ``myst.xref.json`` has a page's document; empty where it has none."""
    references = _mapping(index).get("references")
    wanted = "/" if slug == "index" else f"/{slug}"
    for each in references if isinstance(references, list) else ():
        said = _mapping(each)
        if said.get("kind") == "page" and said.get("url") == wanted:
            return _text(said.get("data"))
    return ""


def _repository(binder: Mapping[str, Any]) -> BinderSpec:
    """The repository of MyST's Binder settings; an address tells its forge by itself."""
    repo, provider = _text(binder["repo"]), _text(binder.get("provider")).lower()
    named = None if "://" in repo else _PROVIDERS.get(provider, provider) or None
    return read_repository(repo, named, _text(binder.get("ref")) or None)


def _binder(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    for name in ("jupyter", "thebe"):
        binder = _mapping(_mapping(settings.get(name)).get("binder"))
        if binder.get("repo"):
            return binder
    return {}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
