"""A real Chromium for the tests of this folder.

The tests here are plain functions.  While Playwright's synchronous interface is open, its event
loop counts as running, and no asynchronous test could run in the same process: so the browser
lives as long as one module's tests, not as long as the whole run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    sync_playwright,
)

from hubroam.cli import hubroam
from support.fileserver import serving
from support.website import Website

_REFUSAL = re.compile("Failed to load resource|Access to (?:fetch|image) at")
_CHROMIUM = Path("/usr/bin/chromium")
_SHELL = Path("/usr/bin/chromium-headless-shell")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def launch_chromium(playwright: Playwright, *, whole: bool = True) -> Browser:
    """The system's Chromium where there is one, else Playwright's own.

    Args:
        playwright: Launches it.
        whole: With its windows, tabs and bars; else its engine alone may do, if it is there.
    """
    path = _SHELL if _SHELL.exists() and not whole else _CHROMIUM
    return playwright.chromium.launch(
        executable_path=path if path.exists() else None, args=_ARGUMENTS
    )


@pytest.fixture(scope="module")
def browsers() -> Iterator[Callable[[bool], Browser]]:
    """Gives the module's browser, whole or not; each is launched when it is first asked for."""
    launched: dict[bool, Browser] = {}
    with sync_playwright() as playwright:

        def give(whole: bool) -> Browser:
            if whole not in launched:
                launched[whole] = launch_chromium(playwright, whole=whole)
            return launched[whole]

        yield give
        for browser in launched.values():
            browser.close()


@pytest.fixture
def browser(browsers: Callable[[bool], Browser], request: pytest.FixtureRequest) -> Browser:
    """A whole Chromium where a test goes to hubs of its own; for pages alone, its engine.

    A window is a page too: it takes five times the work of the page that is looked at in it.
    """
    return browsers(request.node.get_closest_marker("hub") is not None)


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A factory of pages, each in a context of its own.

    Call it as ``new_page(width=1280, dark=False, errors=False, refusals=False)``; other options
    are the context's.  An error in the console or an exception in the page (a breach of the
    content security policy is one too) fails the test, unless ``errors=True``.  With
    ``refusals=True`` requests may fail: asking who is there is what the launch control does.
    """
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def listen(page: Page, refusals: bool) -> None:
        def on_console(message: ConsoleMessage) -> None:
            if message.type == "error" and not (refusals and _REFUSAL.match(message.text)):
                problems.append(f"{message.text} ({message.location.get('url', '')})")

        page.on("console", on_console)
        page.on("pageerror", lambda error: problems.append(str(error)))

    def make(
        *,
        width: int = 1280,
        dark: bool = False,
        errors: bool = False,
        refusals: bool = False,
        **options: Any,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            **options,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        if not errors:
            context.on("page", lambda page: listen(page, refusals))
        return context.new_page()

    yield make
    for context in contexts:
        context.close()
    assert not problems


@pytest.fixture
def serve() -> Iterator[Callable[..., Website]]:
    """Starts a `Website`, which ends with the test."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(Website(*args, **options))


@pytest.fixture
def roam(tmp_path: Path) -> Iterator[str]:
    """A static host with what `hubroam roam` writes; gives where."""
    folder = tmp_path / "roam"
    command = ["roam", "--output", str(folder), "--address", "https://tools.example/roam/"]
    assert CliRunner().invoke(hubroam, command).exit_code == 0
    with serving(folder) as url:
        yield url
