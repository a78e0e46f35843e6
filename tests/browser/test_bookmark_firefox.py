"""The bookmark that brings a reader's hub to any book, in Firefox's own bookmarks bar."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from support.firefox import PROGRAM, Firefox
from support.website import Answer, Website

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        PROGRAM is None, reason="no Firefox here; scripts/browser installs it by apt where it may"
    ),
]

# no script of the page's own, nothing that may be asked, no address set but by a trusted type
STRICT = {
    "Content-Security-Policy": "default-src 'none'; img-src data:; base-uri 'none';"
    " form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
}
EDIT = '<a href="https://github.com/ada/book/edit/main/docs/waves.ipynb">Edit</a>'
KEEP = """PlacesUtils.bookmarks.insert({
  parentGuid: PlacesUtils.bookmarks.toolbarGuid, title: "My hub", url: %s,
}).then(() => setToolbarVisibility(document.getElementById("PersonalToolbar"), true))"""
SHOW = "void (gBrowser.selectedTab = gBrowser.tabs.at(-1))"
BUTTON = """[...document.querySelectorAll("#PlacesToolbarItems toolbarbutton")]
  .find((each) => each.label === "My hub")"""


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    with Firefox(tmp_path_factory.mktemp("firefox"), whole=True) as firefox:
        yield firefox


@pytest.mark.parametrize("headers", [{}, STRICT], ids=["no policy", "a strict policy"])
def test_the_bookmark_in_the_bookmarks_bar(
    firefox: Firefox, roam: str, serve: Callable[..., Website], headers: dict[str, str]
) -> None:
    tab, window = firefox.new_tab(), firefox.window()
    tab.goto(f"{roam}bookmarklet.html")
    bookmark = tab.wait_until(
        "!document.querySelector('#copy').disabled && document.querySelector('#bookmark').href"
    )
    assert bookmark.startswith("javascript:")
    window.evaluate("PlacesUtils.bookmarks.eraseEverything()")
    window.evaluate(KEEP % json.dumps(bookmark))

    page = f"<!doctype html><title>Waves</title><link rel='icon' href='data:,'>{EDIT}"
    book = serve({"/waves.html": Answer(page, headers=headers)})
    tab.goto(f"{book.url}waves.html")
    window.evaluate(SHOW)
    window.wait_until(f"({BUTTON})?.label")
    window.evaluate(f"({BUTTON}).click()")
    address = tab.wait_for_url(f"{roam}#")
    assert address == f"{roam}#gh/ada/book/main?labpath=docs%2Fwaves.ipynb"
    assert tab.wait_until("document.body.textContent.includes('ada/book')")
