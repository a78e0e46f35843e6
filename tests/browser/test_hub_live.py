"""Live cells: a page's cells run in place, on a session that the reader's hub hands to the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from support.book import Book
from support.thebe import fetch_thebe, with_thebe
from support.website import Website, jupyterhub

pytestmark = [pytest.mark.browser, pytest.mark.hub, pytest.mark.registry]

NewPage = Callable[..., Page]
Serve = Callable[..., Website]
CELLS = """
<div class="cell docutils container"><div class="cell_input docutils"><div class="highlight">
<pre><span>import cowsay</span>\nwho = "<span>a reader</span>"\nprint("hello", who)
</pre></div></div>
<div class="cell_output"><pre>an old answer</pre></div></div>
<div class="cell docutils container"><div class="cell_input docutils"><pre>1 / 0</pre></div></div>
<div class="cell docutils container"><div class="cell_input docutils">
<pre>import time\nfor second in range(600): time.sleep(1)</pre></div></div>
"""
NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="session")
def thebe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fetch_thebe(tmp_path_factory.mktemp("thebe"))


@pytest.fixture(scope="module")
def repository(git_server):
    repository = git_server.repo("live/book")
    repository.commit({"requirements.txt": "cowsay==6.1\n", "lessons/one.ipynb": NOTEBOOK})
    return repository


@pytest.fixture
def open_book(new_page: NewPage, serve: Serve, repository, thebe: Path) -> Callable[..., Page]:
    control = (
        f'<hub-launch provider="git" repo="{escape(repository.url)}" ref="main"'
        ' path="lessons/one.ipynb"></hub-launch>'
        '<script type="module" src="hub-live.js"></script>'
        '<hub-live thebe="thebe/"></hub-live>'
    )
    book = Book({"/": control + CELLS, "/none": control})

    site = serve(with_thebe(book, thebe))

    def open_book(path: str = "", **options: object) -> Page:
        page = new_page(refusals=True, **options)
        page.goto(site.url.rstrip("/") + path)
        return page

    return open_book


def name_hub(page: Page, address: str) -> None:
    page.get_by_role("button", name="Run the cells here").click()
    field = page.get_by_label("Your hub’s address")
    field.fill(address)
    field.press("Enter")
    expect(page.locator("hub-live")).to_contain_text("Press again")


def state(page: Page, status: str) -> None:
    expect(page.locator("hub-live")).to_have_attribute("data-kernel", status, timeout=60_000)


def test_cells_run_in_place_in_the_recipes_environment(hub, open_book: Callable[..., Page]) -> None:
    page = open_book()
    name_hub(page, hub.url)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Run the cells here").click()
    window = opened.value
    origin = page.evaluate("location.origin")
    expect(window.get_by_role("heading", name=f"{origin} asks for a session here")).to_be_visible()
    window.get_by_role("button", name="Run its cells").click()
    state(page, "idle")
    assert window.is_closed()

    cells = page.locator(".cell")
    first = cells.nth(0)
    expect(first.locator(".cell_output")).to_contain_text("an old answer")
    # pressed twice it runs twice, one after the other
    first.get_by_role("button", name="Run", exact=True).dblclick()
    expect(first.locator(".cell_output")).to_contain_text("hello a reader", timeout=30_000)
    expect(first.locator(".cell_output")).not_to_contain_text("an old answer")

    # what the reader writes is what runs
    code = first.get_by_role("textbox", name="Code of cell 1")
    code.fill("print('changed', who)")
    code.press("Shift+Enter")
    expect(first.locator(".cell_output")).to_contain_text("changed a reader")

    # an error is shown, and stops a run of all
    page.get_by_role("button", name="Run all").click()
    expect(page.get_by_text("ZeroDivisionError").first).to_be_visible()
    state(page, "idle")

    # what takes long can be ended, and the kernel started anew
    cells.nth(2).get_by_role("button", name="Run", exact=True).click()
    state(page, "busy")
    page.get_by_role("button", name="Interrupt").click()
    expect(page.get_by_text("KeyboardInterrupt").first).to_be_visible(timeout=20_000)
    # its reply has come too: a restart would cancel it, which thebe-core writes to the console
    expect(cells.nth(2)).not_to_have_attribute("aria-busy", "true")
    page.get_by_role("button", name="Restart").click()
    code.fill("print('who' in globals())")
    state(page, "idle")
    code.press("Shift+Enter")
    expect(first.locator(".cell_output")).to_contain_text("False", timeout=20_000)

    # the same session opens in JupyterLab, on the page's notebook with the kernel that runs
    with page.context.expect_page() as lab:
        page.get_by_role("link", name="Open in JupyterLab").click()
    expect(lab.value.get_by_role("tab", name="one.ipynb")).to_be_visible(timeout=60_000)
    assert "/lab/tree/lessons/one.ipynb" in lab.value.url


def test_the_hub_asks_and_the_reader_declines(hub, open_book: Callable[..., Page]) -> None:
    page = open_book()
    name_hub(page, hub.url)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Run the cells here").click()
    opened.value.get_by_role("button", name="Not now").click()
    status = page.locator("hub-live").get_by_role("status")
    expect(status).to_contain_text("The hub’s window was closed before the session was there.")
    expect(page.get_by_role("button", name="Run the cells here")).to_be_enabled()


def test_a_hub_that_hands_over_no_sessions(serve: Serve, open_book: Callable[..., Page]) -> None:
    page = open_book()
    name_hub(page, serve(jupyterhub()).url)
    page.get_by_role("button", name="Run the cells here").click()
    status = page.locator("hub-live").get_by_role("status")
    expect(status).to_contain_text("does not run the cells of other sites’ pages")


def test_a_page_without_cells_has_no_control(open_book: Callable[..., Page]) -> None:
    page = open_book("/none")
    expect(page.locator("hub-launch")).to_be_visible()
    expect(page.locator("hub-live")).to_be_hidden()


def test_only_the_page_that_was_named_is_told(
    hub, repository, new_page: NewPage, serve: Serve
) -> None:
    """Another site that opens the hub's page and names a third gets nothing."""
    page = new_page(errors=True)
    page.goto(serve(Book({"/": "<button>Open</button>"})).url)
    target = f"{hub.url}v2/{repository.spec}?live=https://book.example"
    page.evaluate(
        """target => {
          globalThis.told = [];
          addEventListener("message", ({ data }) => told.push(data));
          document.querySelector("button").onclick = () => open(target, "_blank", "popup");
        }""",
        target,
    )
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Open").click()
    opened.value.get_by_role("button", name="Run its cells").click()
    opened.value.wait_for_event("close", timeout=60_000)
    assert page.evaluate("told") == []
