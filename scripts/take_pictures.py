"""The pictures of ``docs/images``, taken of the demo in a real Chromium; see ``scripts/pictures``.

Each scene is a function of the same name as its picture. They run in order, since the launch page
is one only while the environment is not there yet.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tests"))

from browser.conftest import launch_chromium  # noqa: E402
from support.book import STYLE, Book  # noqa: E402
from support.demo import Demo, running_demo  # noqa: E402
from support.thebe import fetch_thebe, with_thebe  # noqa: E402
from support.website import Website  # noqa: E402

IMAGES = ROOT / "docs" / "images"
SCALE = 1.5  # pixels of a picture for each of the page's: sharp enough, and small
PATIENCE = 120_000  # milliseconds, for what a hub does

CELLS = """
<p>Two tuning forks sound at almost the same pitch. The air adds up what both do.</p>
<div class="cell docutils"><div class="cell_input"><pre>import numpy as np
import matplotlib.pyplot as plt

seconds = np.linspace(0, 1, 2000)
first, second = 40, 44  # hertz
print("beats in a second:", abs(second - first))</pre></div><div class="cell_output"></div></div>
<div class="cell docutils"><div class="cell_input">
<pre>waves = [np.sin(2 * np.pi * hertz * seconds) for hertz in (first, second)]
plt.figure(figsize=(7, 2))
plt.plot(seconds, sum(waves))
plt.show()</pre></div><div class="cell_output"></div></div>
"""
CELL_STYLE = ".cell_input pre { overflow-x: auto; background: #f5f5f5; padding: 0.6rem 0.8rem }"


@dataclass
class Studio:
    """Where pictures are taken.

    Attributes:
        browser: The browser.
        demo: The demo.
        folder: For what has to be kept until the end.
        launch: The launch page, where one was opened.
    """

    browser: Browser
    demo: Demo
    folder: Path
    launch: Page | None = None

    def open(self, url: str, width: int, height: int) -> Page:
        """A page of a size, in a context of its own and in light colours."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=SCALE,
            color_scheme="light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(url)
        return page


def dialog(studio: Studio) -> Page:
    """The dialog of the control: where do you want to run it?"""
    page = studio.open(f"{studio.demo.book}waves.html", 760, 500)
    page.get_by_role("button", name="Launch", exact=True).click()
    logo = page.get_by_role("dialog").locator("img")
    logo.evaluate("image => image.decode()")
    return page


def launch_page(studio: Studio) -> Page:
    """The hub builds the environment of the book."""
    page = dialog(studio)
    with page.context.expect_page() as opened:
        page.get_by_role("dialog").get_by_role("button", name=re.compile("hubroam")).click()
    launch = studio.launch = opened.value
    launch.set_viewport_size({"width": 760, "height": 580})
    build = launch.locator('[data-step="build"][data-state="active"]')
    expect(build).to_be_visible(timeout=PATIENCE)
    expect(launch.locator("#message")).to_contain_text(
        re.compile("Download|Prepared|Install"), timeout=PATIENCE
    )
    return launch


def session(studio: Studio) -> Page:
    """The page's notebook in JupyterLab; its first two cells have run."""
    page = studio.launch or launch_page(studio)
    page.set_viewport_size({"width": 1000, "height": 720})
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=PATIENCE)
    cells = page.locator(".jp-Notebook .jp-CodeCell")
    for number in range(2):
        cells.nth(number).locator(".cm-content").click()
        page.keyboard.press("Shift+Enter")
        output = cells.nth(number).locator(".jp-OutputArea-output")
        expect(output.first).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=PATIENCE)
    return page


def live_cells(studio: Studio) -> Page:
    """The cells of a page of plain HTML, run in place."""
    thebe = fetch_thebe(studio.folder)
    control = (
        f'<hub-launch provider="git" repo="{studio.demo.book}book.git" ref="main"'
        f' path="notebooks/waves.ipynb" hub="{studio.demo.hub}"></hub-launch>'
        '<script type="module" src="hub-live.js"></script>'
        '<hub-live thebe="thebe/"></hub-live>'
    )
    book = Book({"/": control + CELLS}, style=STYLE + CELL_STYLE)

    with Website(with_thebe(book, thebe)) as site:
        page = studio.open(site.url, 820, 860)
        start = page.get_by_role("button", name="Run the cells here")
        start.click()
        page.get_by_role("dialog").get_by_role("button", name=re.compile("hubroam")).click()
        with page.context.expect_page() as opened:
            start.click()
        opened.value.get_by_role("button", name="Run its cells").click()
        page.get_by_role("button", name="Run all").click()
        output = page.locator(".cell").nth(1).locator(".cell_output")
        expect(output.locator("img")).to_be_visible(timeout=PATIENCE)
        expect(page.locator("hub-live")).to_have_attribute("data-kernel", "idle")
        return page


SCENES: tuple[Callable[[Studio], Page], ...] = (dialog, launch_page, session, live_cells)


def main(names: list[str]) -> None:
    """Take the pictures of these names, or all."""
    with (
        tempfile.TemporaryDirectory() as temporary,
        running_demo(Path(temporary) / "demo") as demo,
        sync_playwright() as playwright,
    ):
        browser = launch_chromium(playwright)
        studio = Studio(browser, demo, Path(temporary))
        for scene in SCENES:
            name = scene.__name__.replace("_", "-")
            if names and name not in names:
                continue
            page = scene(studio)
            picture = IMAGES / f"{name}.png"
            page.screenshot(path=picture, animations="disabled")
            print(f"{picture.relative_to(ROOT)}: {picture.stat().st_size // 1000} kB")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
