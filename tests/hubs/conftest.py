"""Real hubs of several ages, sites that are none, and a page of a book on an origin of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from browser.conftest import browser, browsers, new_page
from support.fileserver import serving
from support.gitserver import GitServer
from support.places import OPEN, JupyterServer, build_jupyterlite, jupyterhub, write_book
from support.software import install
from support.together import together
from support.webserver import HANG, Answer, WebServer

__all__ = ["browser", "browsers", "new_page"]

PAGE = "pages/first one.ipynb"
BRANCH = "autumn/2026"
HTML = {"Content-Type": "text/html"}
JSON = {"Content-Type": "application/json"}


def notebook(text: str) -> str:
    """A notebook with one cell of text."""
    cell = {"cell_type": "markdown", "id": "one", "metadata": {}, "source": text}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@dataclass(frozen=True)
class Book:
    """A book's repository: where, the page to open, a branch, and what the page says there."""

    url: str
    page: str
    branch: str
    text: str


@pytest.fixture(scope="session")
def repository(git_server: GitServer) -> Book:
    """A book whose page says something else on its main branch."""
    repository = git_server.repo("hubs/book")
    repository.commit({PAGE: notebook("The page of main")})
    repository.branch(BRANCH)
    repository.commit({PAGE: notebook("The page of autumn")}, branch=BRANCH)
    return Book(repository.url, PAGE, BRANCH, "The page of autumn")


@pytest.fixture(scope="session")
def cache(pytestconfig: pytest.Config) -> Path:
    """What was installed stays there from one run to the next, until ``--cache-clear``."""
    assert pytestconfig.cache
    return pytestconfig.cache.mkdir("software")


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[dict[str, Any]]:
    """The hubs and Jupyter's other programs, by name, all running at once."""

    def hub(name: str, version: str, base: str, nbgitpuller: bool) -> AbstractContextManager[Any]:
        folder = tmp_path_factory.mktemp(name)
        return jupyterhub(version, folder, cache, base=base, nbgitpuller=nbgitpuller)

    started = {
        "jupyterhub-6": hub("jupyterhub-6", "6.1", "/", True),
        "jupyterhub-6-base": hub("jupyterhub-6-base", "6.1", "/some/base/", False),
        "jupyterhub-5.2": hub("jupyterhub-5.2", "5.2", "/", False),
        "jupyterhub-5.2-base": hub("jupyterhub-5.2-base", "5.2", "/some/base/", True),
        "jupyterhub-4.1": hub("jupyterhub-4.1", "4.1", "/", True),
        "jupyterhub-4.1-base": hub("jupyterhub-4.1-base", "4.1", "/some/base/", False),
        "jupyter-server": JupyterServer(
            tmp_path_factory.mktemp("jupyter-server"), python=install("jupyterhub-6.1", cache)
        ),
    }
    with together(started) as running:
        yield running


@pytest.fixture(scope="session")
def lite(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """A web server's folder with a JupyterLite site in ``lite/``."""
    folder = tmp_path_factory.mktemp("lite")
    build_jupyterlite(folder, cache, {PAGE: notebook("The page of the site")})
    (folder / "site").rename(folder / "lite")
    return folder


@pytest.fixture(scope="session")
def sites(lite: Path) -> Iterator[dict[str, str]]:
    """Addresses of everything that a web server answers, by name."""
    html = b"<!doctype html><title>Everything is fine</title>"
    same = {
        "html": Answer(headers=HTML, body=html),
        "html-open": Answer(headers={**HTML, **OPEN}, body=html),
        "json": Answer(headers=JSON, body={"ok": True}),
        "json-open": Answer(headers={**JSON, **OPEN}, body={"ok": True}),
        "json-version": Answer(headers={**JSON, **OPEN}, body={"version": "1.2"}),
        "silent": HANG,
    }
    with ExitStack() as stack:
        files = {"lite": serving(lite), "lite-open": serving(lite, OPEN)}
        servers = {name: WebServer(lambda _, answer=same[name]: answer) for name in same}
        yield {
            **{name: stack.enter_context(each) for name, each in files.items()},
            **{name: stack.enter_context(each).url for name, each in servers.items()},
        }


@pytest.fixture(scope="session")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a book's page, on an origin that is no hub's."""
    folder = tmp_path_factory.mktemp("book")
    write_book(folder)
    with serving(folder) as url:
        yield f"{url}page.html"


@pytest.fixture(scope="session")
def urls(places: dict[str, Any], sites: dict[str, str], hub: Any) -> dict[str, str]:
    """The base of everything that can be launched on, by name."""
    started = {name: place.url for name, place in places.items()}
    lites = {name: f"{sites[name]}lite/" for name in ("lite", "lite-open")}
    return {**started, **lites, "ours": hub.url}
