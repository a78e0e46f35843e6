"""Live cells on pages as Sphinx's themes make them, in a real browser and on a real hub."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from book.test_themes import visit
from support.fileserver import serving
from support.sphinxbook import Tools, conf, notebook, text_notebook, write
from support.thebe import fetch_thebe

pytestmark = [pytest.mark.browser, pytest.mark.hub, pytest.mark.registry]

NewPage = Callable[..., Page]
OLD = {"output_type": "stream", "name": "stdout", "text": "an old answer\n"}


def cell(number: int, source: str, *tags: str) -> dict[str, Any]:
    """A cell that was run before."""
    return {
        "cell_type": "code",
        "id": f"cell-{number}",
        "metadata": {"tags": list(tags)},
        "source": source,
        "outputs": [OLD],
        "execution_count": 1,
    }


def waves() -> str:
    made = json.loads(
        notebook("Waves", "import cowsay\ncowsay.cow('six by seven is ' + str(6 * 7))")
    )
    made["cells"] += [
        cell(1, "answer = 43\nanswer", "hide-input"),
        cell(2, "print('never seen')", "remove-input"),
        cell(3, "answer + 1", "hide-output"),
    ]
    return json.dumps(made)


@pytest.fixture(scope="module")
def thebe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fetch_thebe(tmp_path_factory.mktemp("thebe"))


@pytest.mark.parametrize("theme", ["sphinx_book_theme", "pydata_sphinx_theme", "furo"])
def test_the_cells_of_a_page_run(
    hub, git_server, sphinx: Tools, thebe: Path, new_page: NewPage, tmp_path: Path, theme: str
) -> None:
    repository = git_server.repo(f"live/{theme}")
    files = {"nb/waves.ipynb": waves(), "nb/text.md": text_notebook("Text")}
    repository.commit({"binder/requirements.txt": "cowsay==6.1\n", **files})
    launch = {
        "repo": repository.url,
        "provider": "git",
        "ref": "main",
        "live": "/thebe/",
        "hubs": [hub.url],
    }
    config = conf(html_theme=theme, hubroam_launch=launch)
    index = "# Book\n\n```{toctree}\nnb/waves\nnb/text\n```\n"
    book = write(tmp_path / "book", {**files, "conf.py": config, "index.md": index})
    said = sphinx.sphinx(book, tmp_path / "site")
    assert "[hubroam" not in said
    shutil.copytree(thebe, tmp_path / "site" / "thebe")

    with serving(tmp_path / "site") as url:
        assert not hub.url.startswith(url)  # two origins
        page = visit(new_page, f"{url}nb/waves.html")
        page.get_by_role("button", name="Run the cells here").click()
        page.get_by_role("dialog").locator(".choice").first.click()
        run_here(page, f"{url}".rstrip("/"))

        first, hidden, folded = (page.locator(".cell").nth(number) for number in (0, 1, 3))
        first.get_by_role("button", name="Run", exact=True).click()
        expect(page.get_by_text("six by seven is 42")).to_be_visible(timeout=30_000)

        # code that the page folds away, and an output that it does
        hidden.locator("summary").click()
        hidden.get_by_role("button", name="Run", exact=True).click()
        expect(hidden.locator(".cell_output")).to_contain_text("43")
        expect(hidden.locator(".cell_output")).not_to_contain_text("an old answer")
        expect(folded.locator(".cell_output")).to_be_hidden()
        folded.get_by_role("button", name="Run", exact=True).click()
        expect(folded.locator(".cell_output")).to_be_visible()
        expect(folded.locator(".cell_output")).to_contain_text("44")
        # whose code is not on the page is left as it is
        expect(page.locator(".cell").nth(2)).to_contain_text("an old answer")

        code = first.get_by_role("textbox", name="Code of cell 1")
        code.fill("print('as changed', answer)")
        code.press("Shift+Enter")
        expect(page.get_by_text("as changed 43")).to_be_visible(timeout=30_000)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

        # a page in MyST, with the hub that is known by now
        page.goto(f"{url}nb/text.html", wait_until="domcontentloaded")
        run_here(page, f"{url}".rstrip("/"))
        page.get_by_role("button", name="Run all").click()
        expect(page.locator(".hub-live-output")).to_contain_text("42", timeout=30_000)


def run_here(page: Page, origin: str) -> None:
    """Press the button, agree in the hub's window, and wait for the kernel."""
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Run the cells here").click()
    asked = opened.value.get_by_role("heading", name=f"{origin} asks for a session here")
    expect(asked).to_be_visible(timeout=30_000)
    opened.value.get_by_role("button", name="Run its cells").click()
    expect(page.locator("hub-live")).to_have_attribute("data-kernel", "idle", timeout=120_000)
