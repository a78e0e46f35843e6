"""Real hubs, asked by the package and by a page on another origin."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from hubroam import __version__
from hubroam.discovery import discover

pytestmark = [pytest.mark.browser, pytest.mark.hub, pytest.mark.registry]

LIMIT = 5000  # milliseconds that a page waits for an answer


@dataclass(frozen=True)
class Expected:
    """What is at a place: ``by_page`` is how a page finds it out, where it is another way."""

    kind: str
    version: str
    by: str
    by_page: str


PLACES = {
    "ours": Expected("hubroam", __version__, "profile", "profile"),
    "jupyterhub-6": Expected("jupyterhub", "6.1.1", "hub-api", "hub-api"),
    "jupyterhub-6-base": Expected("jupyterhub", "6.1.1", "hub-api", "hub-api"),
    "jupyterhub-5.2": Expected("jupyterhub", "5.2.1", "hub-api", "image"),
    "jupyterhub-5.2-base": Expected("jupyterhub", "5.2.1", "hub-api", "image"),
    "jupyterhub-4.1": Expected("jupyterhub", "4.1.6", "hub-api", "image"),
    "jupyterhub-4.1-base": Expected("jupyterhub", "4.1.6", "hub-api", "image"),
    "jupyter-server": Expected("jupyter-server", "2.21.1", "api", "image"),
    "lite": Expected("jupyterlite", "0.8.6", "jupyter-lite-json", "image"),
    "lite-open": Expected("jupyterlite", "0.8.6", "jupyter-lite-json", "jupyter-lite-json"),
}
HUB_PAGES = [
    "",
    "hub/home",
    "hub/login?next=%2Fhub%2Fhome",
    "hub/spawn/ada",
    "user/ada/lab/tree/book/first%20one.ipynb?reset#x",
    "services/announcement/",
    "versions",
]
PAGES = {
    "jupyter-server": ["", "lab", "lab/tree/a.ipynb?token=secret", "tree", "login?next=%2Flab"],
    "lite": ["", "index.html", "lab/index.html?path=a.ipynb", "tree", "notebooks/index.html"],
}


def forms(base, pages):
    """What people paste: pages of a hub, without the last slash, without the scheme."""
    yield from (base + page for page in pages)
    yield base.rstrip("/")
    yield base.removeprefix("http://")
    yield f" {base.replace('http', 'HTTP')}{pages[1]} "


@pytest.fixture(scope="module")
def ask(browsers, book):
    page = browsers(True).new_page()
    page.goto(book)
    yield lambda text, **options: page.evaluate(
        "([text, options]) => ask(text, options)", [text, options]
    )
    page.close()


@pytest.mark.parametrize("name", PLACES)
def test_the_package_finds_it(urls, name):
    expected, url = PLACES[name], urls[name]
    for text in forms(url, PAGES.get(name.removesuffix("-open"), HUB_PAGES)):
        found = discover(text, allow_private=True)
        assert found.problem is None, text
        assert (found.url, found.kind, found.version, found.found_by) == (
            url,
            expected.kind,
            expected.version,
            expected.by,
        ), text


@pytest.mark.parametrize("name", PLACES)
def test_a_page_of_another_origin_finds_it(urls, ask, name):
    expected, url = PLACES[name], urls[name]
    for text in forms(url, PAGES.get(name.removesuffix("-open"), HUB_PAGES)):
        found = ask(text)
        assert found["problem"] is None, text
        assert (found["url"], found["kind"], found["found_by"]) == (
            url,
            expected.kind,
            expected.by_page,
        ), text
        # an image tells no version
        assert found["version"] == (None if expected.by_page == "image" else expected.version)
        assert found["milliseconds"] < LIMIT, text


@pytest.mark.parametrize(
    ("name", "by_package", "by_page"),
    [
        ("html", "not-a-hub", "origin-refused"),
        ("html-open", "not-a-hub", "not-a-hub"),
        ("json", "not-a-hub", "origin-refused"),
        ("json-open", "not-a-hub", "not-a-hub"),
        ("json-version", "not-a-hub", "not-a-hub"),
        ("silent", "hub-too-slow", "hub-too-slow"),
    ],
)
def test_what_is_no_hub(sites, ask, name, by_package, by_page):
    for text in (sites[name], f"{sites[name]}lab", f"{sites[name]}hub/home"):
        found = discover(text, timeout=1.5, allow_private=True)
        assert (found.kind, found.problem and found.problem.code) == ("none", by_package), text
        page = ask(text, timeout=1500)
        assert (page["kind"], page["problem"]) == ("none", by_page), text
