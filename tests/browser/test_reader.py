"""The reader's whole path: the demo, a real browser, a book and a hub on different origins."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from browser import axe
from support.demo import Demo, running_demo
from support.processes import processes_of

pytestmark = [pytest.mark.browser, pytest.mark.hub, pytest.mark.registry]

NewPage = Callable[..., Page]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


def open_notebook(page: Page, name: str) -> None:
    """Wait until JupyterLab shows a notebook with a kernel that is idle."""
    expect(page).to_have_url(re.compile(rf"/user/.*{name}"), timeout=90_000)
    expect(page.locator(".jp-Notebook .jp-CodeCell").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)


def test_from_the_books_page_to_a_cell_that_runs(demo: Demo, new_page: NewPage) -> None:
    page = new_page()
    page.goto(f"{demo.book}waves.html")
    page.get_by_role("button", name="Launch", exact=True).click()
    address = page.get_by_label("Your hub’s address")
    address.fill(demo.hub.removeprefix("http://"))
    with page.context.expect_page(timeout=20_000) as opened:
        address.press("Enter")
    session = opened.value
    assert session.url.startswith(demo.hub)
    assert not demo.hub.startswith(demo.book.rstrip("/"))  # two origins

    open_notebook(session, "notebooks/waves.ipynb")
    first = session.locator(".jp-Notebook .jp-CodeCell").first
    first.locator(".cm-content").click()
    session.keyboard.press("Shift+Enter")
    expect(first.locator(".jp-OutputArea-output").first).to_contain_text(
        "the book's recipe brought them", timeout=60_000
    )

    # the next page of the book knows the hub: one press
    page.goto(f"{demo.book}wildlife.html")
    with page.context.expect_page(timeout=20_000) as again:
        page.locator("hub-launch").get_by_role("button", name=re.compile("^Launch")).click()
    open_notebook(again.value, "notebooks/wildlife.ipynb")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_in_the_book(
    demo: Demo, new_page: NewPage, width: int, dark: bool
) -> None:
    page = new_page(width=width, dark=dark)
    for name in ("index.html", "waves.html", "wildlife.html"):
        page.goto(demo.book + name)
        axe.check(page)
        page.get_by_role("button", name="Launch", exact=True).click()
        expect(page.get_by_role("dialog").locator("img")).to_be_visible()
        axe.check(page)


def test_a_hub_that_is_none(demo: Demo, new_page: NewPage) -> None:
    page = new_page(errors=True)
    page.goto(f"{demo.book}waves.html")
    page.get_by_role("button", name="Launch", exact=True).click()
    address = page.get_by_label("Your hub’s address")
    address.fill("http://127.0.0.1:1/")
    address.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("status")).to_contain_text("127.0.0.1:1", timeout=15_000)
    expect(address).to_be_focused()


def test_a_file_that_the_book_does_not_have(demo: Demo, new_page: NewPage) -> None:
    page = new_page(width=390, dark=True)
    page.goto(demo.book)
    repository = page.locator("hub-launch").get_attribute("repo") or ""
    repository = quote(repository, safe="")
    page.goto(f"{demo.hub}v2/git/{repository}/main?labpath=nosuch.ipynb")
    expect(page.locator("#failure")).to_contain_text("nosuch.ipynb", timeout=30_000)
    expect(page.locator("#next-step")).to_be_visible()
    expect(page.get_by_role("button", name="Retry")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_ctrl_c_leaves_nothing_running(demo: Demo) -> None:
    assert any("traefik" in command for command in processes_of(demo.folder))
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(60) == 0
    assert processes_of(demo.folder) == []
