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
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def launch_chromium(playwright: Playwright) -> Browser:
    """The system's Chromium where there is one, else Playwright's own."""
    return playwright.chromium.launch(
        executable_path=_CHROMIUM if _CHROMIUM.exists() else None, args=_ARGUMENTS
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """See `launch_chromium`."""
    with sync_playwright() as playwright:
        chromium = launch_chromium(playwright)
        yield chromium
        chromium.close()


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
