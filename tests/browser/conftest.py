"""A real Chromium for the tests of this folder.

The tests here are plain functions.  While Playwright's synchronous interface is open, its event
loop counts as running, and no asynchronous test could run in the same process: so the browser
lives as long as one module's tests, not as long as the whole run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

_CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium where there is one, else Playwright's own."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=_CHROMIUM if _CHROMIUM.exists() else None, args=_ARGUMENTS
        )
        yield chromium
        chromium.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A factory of pages, each in a context of its own.

    Call it as ``new_page(width=1280, dark=False, errors=False)``.  An error in the console or an
    exception in the page (a breach of the content security policy is one too) fails the test,
    unless ``errors=True``.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def listen(page: Page) -> None:
        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error":
                problems.append(f"{message.text} ({message.location.get('url', '')})")

        page.on("console", on_console)
        page.on("pageerror", lambda error: problems.append(str(error)))

    def make(*, width: int = 1280, dark: bool = False, errors: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        if not errors:
            context.on("page", listen)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    assert not problems
