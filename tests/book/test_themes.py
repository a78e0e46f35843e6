"""Books in their themes, in a real browser, and from their pages onto a real hub."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from support.fileserver import serving
from support.sphinxbook import THEMES, Tools, conf, notebook, text_notebook, write

pytestmark = [pytest.mark.browser, pytest.mark.registry]

NewPage = Callable[..., Page]


def visit(new_page: NewPage, url: str, **options: object) -> Page:
    """Open a page; what its theme asks of other hosts is refused, and its scripts may miss it."""
    page = new_page(errors=True, **options)
    page.route(re.compile(r"^https?://(?!127\.0\.0\.1)"), lambda route: route.abort())
    page.goto(url, wait_until="domcontentloaded")
    return page


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme(sphinx: Tools, new_page: NewPage, tmp_path: Path, theme: str) -> None:
    settings = {"repo": "ada/book", "ref": "main", "hubs": ["https://hub.example.org"]}
    files = {
        "conf.py": conf(html_theme=theme, hubroam_launch=settings, language="de"),
        "index.md": "# Waves\n\n```{toctree}\nnb/waves\n```\n",
        "nb/waves.ipynb": notebook("Waves", "6 * 7"),
    }
    sphinx.sphinx(write(tmp_path / "book", files), tmp_path / "site")
    with serving(tmp_path / "site") as url:
        page = visit(new_page, f"{url}nb/waves.html")
        control = page.locator("h1 + hub-launch")
        for name, value in {
            "provider": "gh",
            "repo": "ada/book",
            "ref": "main",
            "path": "nb/waves.ipynb",
            "hubs": "https://hub.example.org/",
        }.items():
            expect(control).to_have_attribute(name, value)
        # in the page's language: the other modules came along
        expect(control.get_by_role("button", name="Starten", exact=True)).to_be_enabled()

        phone = visit(new_page, f"{url}nb/waves.html", width=390, dark=True)
        box = phone.locator("h1 + hub-launch").bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        phone.get_by_role("button", name="Starten", exact=True).click()
        dialog = phone.get_by_role("dialog")
        expect(dialog).to_be_visible()
        colours = dialog.evaluate(
            "e => [getComputedStyle(e).color, getComputedStyle(e).background]"
        )
        assert colours[0] not in colours[1]


def test_jupyter_book_1(jupyter_book_1: Tools, new_page: NewPage, tmp_path: Path) -> None:
    files = {
        "_config.yml": "title: Waves  # mine\nexecute:\n  execute_notebooks: 'off'\n"
        "repository:\n  url: https://github.com/ada/book\n  branch: main\n  path_to_book: docs\n"
        "launch_buttons:\n  binderhub_url: https://binder.example.org\n",
        "_toc.yml": "format: jb-book\nroot: intro\nchapters:\n- file: waves\n- file: text\n",
        "intro.md": "# Intro\n",
        "waves.ipynb": notebook("Waves", "6 * 7"),
        "text.md": text_notebook("Text"),
    }
    book = write(tmp_path / "book", files)
    jupyter_book_1.run("hubroam", "book", "add", "--yes", book)
    said = jupyter_book_1.run("jupyter-book", "build", book)
    assert "[hubroam" not in said
    with serving(book / "_build" / "html") as url:
        for name, path in (("waves", "docs/waves.ipynb"), ("text", "docs/text.md")):
            page = visit(new_page, f"{url}{name}.html")
            control = page.locator("h1 + hub-launch")
            expect(control).to_have_attribute("path", path)
            expect(control).to_have_attribute("repo", "ada/book")
            expect(control).to_have_attribute("hubs", "https://binder.example.org/")
            expect(control.get_by_role("button", name="Launch", exact=True)).to_be_enabled()
        page = visit(new_page, f"{url}intro.html")
        expect(page.locator("hub-launch")).to_have_count(0)
    jupyter_book_1.run("hubroam", "book", "add", "--yes", "--undo", book)
    assert (book / "_config.yml").read_text() == files["_config.yml"]
