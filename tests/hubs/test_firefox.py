"""What matters most, once more in Firefox: Debian's, where it is installed."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest

from hubroam import __version__
from hubroam.hub.ports import free_port
from support.firefox import PROGRAM, Firefox

pytestmark = [
    pytest.mark.browser,
    pytest.mark.hub,
    pytest.mark.registry,
    pytest.mark.skipif(
        PROGRAM is None, reason="no Firefox here; scripts/browser installs it by apt where it may"
    ),
]


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    with Firefox(tmp_path_factory.mktemp("firefox")) as firefox:
        yield firefox


@pytest.fixture(scope="module")
def ask(firefox, book):
    tab = firefox.new_tab()
    tab.goto(book)
    return lambda text, timeout=5000: tab.evaluate(f"ask({text!r}, {{timeout: {timeout}}})")


@pytest.mark.parametrize(
    ("name", "page", "kind", "version", "found_by"),
    [
        ("ours", "hub/home", "hubroam", __version__, "profile"),
        ("jupyterhub-6-base", "user/ada/lab", "jupyterhub", "6.1.1", "hub-api"),
        ("jupyterhub-5.2", "hub/home", "jupyterhub", None, "image"),
        ("jupyterhub-4.1-base", "hub/login", "jupyterhub", None, "image"),
        ("jupyter-server", "lab", "jupyter-server", None, "image"),
        ("lite", "lab/index.html", "jupyterlite", None, "image"),
        ("lite-open", "", "jupyterlite", "0.8.6", "jupyter-lite-json"),
    ],
)
def test_it_finds_a_hub(urls, ask, name, page, kind, version, found_by):
    found = ask(urls[name] + page)
    assert (found["url"], found["kind"], found["version"], found["found_by"], found["problem"]) == (
        urls[name],
        kind,
        version,
        found_by,
        None,
    )


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("html", "origin-refused"),
        ("html-open", "not-a-hub"),
        ("json-version", "not-a-hub"),
        ("silent", "hub-too-slow"),
        ("nobody", "hub-unreachable"),
    ],
)
def test_what_is_no_hub(sites, ask, name, problem):
    found = ask(sites.get(name) or f"http://127.0.0.1:{free_port()}/", timeout=2000)
    assert (found["kind"], found["problem"]) == ("none", problem)


def test_a_launch(firefox, places, book, repository):
    hub = places["jupyterhub-5.2-base"]  # found by its image alone
    # JupyterHub's own page of a server that starts loses its events here when that takes 8 seconds
    hub.start("grace")
    book_page = firefox.new_tab()
    query = {"provider": "git", "repo": repository.url, "ref": repository.branch}
    book_page.goto(f"{book}?{urlencode({**query, 'path': repository.page})}")
    book_page.click("document.querySelector('hub-launch').shadowRoot.querySelector('.launch')")
    book_page.type(f"{hub.url}hub/home", enter=True)

    tab = firefox.opened_tab()
    tab.wait_for_url(f"{hub.url}hub/login")
    tab.click("document.querySelector('[name=username]')")
    tab.type("grace")
    tab.click("document.querySelector('[name=password]')")
    tab.type("x", enter=True)
    tab.wait_for_url(f"{hub.url}user/grace/lab/tree/book.git/{quote(repository.page)}")
    text = "document.querySelector('.jp-Notebook .jp-RenderedMarkdown')?.textContent"
    assert tab.wait_until(text).strip() == repository.text
