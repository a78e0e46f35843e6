"""Pages of books whose authors did nothing, opened on the reader's hub: in a real Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, Route, expect

from browser import axe
from hubroam.resources import web_module
from support.gitserver import GitServer
from support.notebooks import notebook
from support.vectors import vectors
from support.website import Answer, Website

pytestmark = pytest.mark.browser

NewPage = Callable[..., Page]
Serve = Callable[..., Website]
# as strict as a book's site may be; a user's own bookmark and what Playwright runs are not under it
STRICT = {"Content-Security-Policy": "default-src 'none'; img-src data:"}
EDIT = '<a href="https://github.com/ada/book/edit/main/docs/waves.ipynb">Edit</a>'
BOOKMARK = "Open this page on my hub"
MODULE = "https://book.example/foreign.js"
READ = """async ({ url, html, documents = {} }) => {
  const { readForeignPage, formatSpec } = await import("/foreign.js");
  const page = new DOMParser().parseFromString(html, "text/html");
  const found = await readForeignPage(page, url, async (asked) => documents[asked] ?? null);
  if (!found) return null;
  const { spec, content, ...rest } = found;
  return { ...rest, spec: formatSpec(spec), ...(content && { content: formatSpec(content) }) };
}"""


def test_every_vector(new_page: NewPage) -> None:
    def answer(route: Route) -> None:
        if route.request.url == MODULE:
            # the module's own text, and a function of one that it is joined with
            text = web_module("foreign.js").decode() + "\nexport { formatSpec };"
            route.fulfill(body=text, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>x</title>", content_type="text/html")

    page = new_page()
    page.route("https://book.example/**", answer)
    page.goto("https://book.example/")
    wrong: dict[str, Any] = {}
    for (vector,) in (each.values for each in vectors("foreign-pages")):
        found = page.evaluate(READ, vector["input"])
        if found != vector["expected"]:
            wrong[vector["name"]] = found
    assert wrong == {}


def book_page(body: str, **headers: str) -> Answer:
    icon = '<link rel="icon" href="data:,">'
    return Answer(f"<!doctype html><title>Waves</title>{icon}{body}", headers=headers)


def bookmarklet(page: Page, address: str) -> str:
    """The code of the bookmark that a page offers."""
    page.goto(address)
    bookmark = page.get_by_role("link", name=BOOKMARK)
    expect(page.get_by_role("button", name="Copy")).to_be_enabled()
    href = bookmark.get_attribute("href") or ""
    assert href.startswith("javascript:")
    assert len(href) < 65_536  # Firefox keeps no longer address: 2**16 - 1
    return unquote(href.removeprefix("javascript:"))


def test_the_bookmark_leads_to_the_roam_page_beside_it(
    roam: str, new_page: NewPage, serve: Serve
) -> None:
    page = new_page(errors=True)  # the policy forbids to ask for MyST's documents
    code = bookmarklet(page, f"{roam}bookmarklet.html")
    book = serve({"/waves.html": book_page(EDIT, **STRICT)})
    page.goto(f"{book.url}waves.html")
    with page.expect_request(roam) as asked:
        page.evaluate(code)
    assert "referer" not in asked.value.headers
    expect(page).to_have_url(f"{roam}#gh/ada/book/main?labpath=docs%2Fwaves.ipynb")
    expect(page.get_by_text("ada/book")).to_be_visible()
    page.keyboard.press("Escape")
    page.go_back()
    expect(page).to_have_url(f"{book.url}waves.html")


def test_mysts_document_is_asked_for_on_the_books_own_site(
    roam: str, new_page: NewPage, serve: Serve
) -> None:
    page = new_page()
    code = bookmarklet(page, f"{roam}bookmarklet.html")
    text = '{"kind": "Notebook", "location": "/waves.ipynb", "frontmatter": {"github": "https://github.com/ada/book"}}'
    none = Answer("null", "application/json")
    book = serve(
        {
            "/waves": book_page("<p>Words</p>"),
            "/waves.json": Answer(text, "application/json"),
            "/config.json": none,
        }
    )
    page.goto(f"{book.url}waves")
    page.evaluate(code)
    expect(page).to_have_url(f"{roam}#gh/ada/book/HEAD?labpath=waves.ipynb")
    assert book.paths == ["/waves", "/waves.json", "/config.json"]


def test_a_page_that_says_nothing(roam: str, new_page: NewPage, serve: Serve) -> None:
    page = new_page(errors=True)  # MyST's documents are not there
    code = bookmarklet(page, f"{roam}bookmarklet.html")
    page.goto(serve({"/": book_page("<p>Words</p>", **STRICT)}).url)
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.accept()))
    with page.expect_event("dialog"):
        page.evaluate(code)
    assert said == ["Nothing on this page says which repository it is from."]


def test_the_user_script_puts_it_into_the_menu(roam: str, new_page: NewPage, serve: Serve) -> None:
    page = new_page(errors=True)
    script = page.request.get(f"{roam}hubroam.user.js").text()
    assert "// @grant GM_registerMenuCommand\n" in script
    page.route("https://tools.example/**", lambda route: route.fulfill(body="roam"))
    page.goto(serve({"/waves.html": book_page(EDIT, **STRICT)}).url + "waves.html")
    page.evaluate(
        f"globalThis.GM_registerMenuCommand = (...menu) => {{ globalThis.menu = menu }};{script}"
    )
    assert page.evaluate("menu[0]") == BOOKMARK
    page.evaluate("menu[1]()")
    expect(page).to_have_url(
        "https://tools.example/roam/#gh/ada/book/main?labpath=docs%2Fwaves.ipynb"
    )


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_bookmarks_page(
    roam: str, new_page: NewPage, width: int, dark: bool, tmp_path: Path
) -> None:
    page = new_page(width=width, dark=dark)
    bookmarklet(page, f"{roam}bookmarklet.html")
    page.get_by_role("link", name=BOOKMARK).click()
    expect(page.get_by_role("status")).to_contain_text("Drag it")
    expect(page.get_by_role("link", name="install the user script")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe.check(page)


@pytest.mark.hub
@pytest.mark.registry
def test_from_a_foreign_page_into_a_session(
    hub: Any, git_server: GitServer, new_page: NewPage, serve: Serve
) -> None:
    repository = git_server.repo("foreign/session")
    repository.commit({"binder/requirements.txt": "ipykernel", "waves.ipynb": notebook("6 * 7")})
    badge = f"https://binder.example/v2/{repository.spec}?urlpath=lab/tree/waves.ipynb"
    book = serve({"/waves.html": book_page(f'<a href="{badge}">Binder</a>', **STRICT)})
    page = new_page(errors=True)  # JupyterLab's own console is not ours
    page.goto(f"{hub.url}roam")
    page.get_by_role("link", name="a bookmark").click()
    code = bookmarklet(page, page.url)
    assert (
        f"{hub.url}roam"
        in page.request.get(page.url.replace("bookmarklet.html", "hubroam.user.js")).text()
    )
    page.goto(f"{book.url}waves.html")
    page.evaluate(code)
    expect(page).to_have_url(f"{hub.url}roam#{repository.spec}?labpath=waves.ipynb")
    page.get_by_label("Your hub’s address").fill(hub.url)
    page.get_by_label("Your hub’s address").press("Enter")
    expect(page).to_have_url(re.compile(r"/user/.*waves\.ipynb"), timeout=180_000)
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(timeout=90_000)
