"""From the pages of books, each built by its own tool, onto a real hub: a cell of the page runs."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from nbconvert import HTMLExporter
from playwright.sync_api import Page

from book.test_themes import visit
from browser.test_reader import open_notebook
from hubroam.cli import hubroam
from support.fileserver import serving
from support.sphinxbook import Tools, conf, notebook, write

pytestmark = [pytest.mark.browser, pytest.mark.hub, pytest.mark.registry]

NewPage = Callable[..., Page]
WAVES = notebook("Waves", "print('six by seven is', 6 * 7)")


@pytest.fixture
def repository(git_server: Any, request: pytest.FixtureRequest) -> Any:
    """A repository with a book in ``docs``."""
    name = request.node.name.replace("[", "-").rstrip("]")
    repository = git_server.repo(f"onto/{name}")
    repository.commit({"docs/nb/waves.ipynb": WAVES, "requirements.txt": ""})
    return repository


def launch(new_page: NewPage, hub: Any, address: str) -> None:
    """Open a page, press its button, choose the hub that its author suggests, and run a cell."""
    assert not address.startswith(hub.url)  # two origins
    page = visit(new_page, address)
    page.locator("hub-launch").get_by_role("button", name="Launch", exact=True).click()
    with page.context.expect_page(timeout=30_000) as opened:
        page.get_by_role("dialog").locator(".choice").first.click()
    session = opened.value
    open_notebook(session, "docs/nb/waves.ipynb")
    cell = session.locator(".jp-Notebook .jp-CodeCell").first
    cell.locator(".cm-content").click()
    session.keyboard.press("Shift+Enter")
    output = cell.locator(".jp-OutputArea-output").first
    output.get_by_text("six by seven is 42").wait_for(timeout=60_000)


@pytest.mark.parametrize("theme", ["sphinx_book_theme", "pydata_sphinx_theme", "furo"])
def test_sphinx(
    hub: Any, repository: Any, sphinx: Tools, new_page: NewPage, tmp_path: Path, theme: str
) -> None:
    if theme == "sphinx_book_theme":  # by its own settings alone
        options = {
            "repository_url": repository.url,
            "repository_branch": "main",
            "repository_provider": "gitlab",  # it asks for one where the host tells none
            "path_to_docs": "docs",
            "launch_buttons": {"jupyterhub_url": hub.url},
        }
        settings: dict[str, Any] = {"html_theme_options": options}
        place = tmp_path / "book"
    else:
        said = {"repo": repository.url, "provider": "git", "ref": "main", "hubs": [hub.url]}
        settings = {"hubroam_launch": said}
        clone = ["git", "clone", "--quiet", repository.url, tmp_path / "clone"]
        subprocess.run(clone, check=True)
        place = tmp_path / "clone" / "docs"
    index = "# Waves\n\n```{toctree}\nnb/waves\n```\n"
    config = conf(html_theme=theme, **settings)
    write(place, {"conf.py": config, "index.md": index, "nb/waves.ipynb": WAVES})
    sphinx.sphinx(place, tmp_path / "site")
    with serving(tmp_path / "site") as url:
        launch(new_page, hub, f"{url}nb/waves.html")


def test_jupyter_book_1(
    hub: Any, repository: Any, jupyter_book_1: Tools, new_page: NewPage, tmp_path: Path
) -> None:
    clone = ["git", "clone", "--quiet", repository.url, tmp_path / "clone"]
    subprocess.run(clone, check=True)
    said = {"repo": repository.url, "provider": "git", "ref": "main", "hubs": [hub.url]}
    config = (
        "title: Waves\nexecute: {execute_notebooks: 'off'}\n"
        f"sphinx:\n  config:\n    hubroam_launch: {json.dumps(said)}\n"
    )
    toc = "format: jb-book\nroot: intro\nchapters: [{file: nb/waves}]\n"
    files = {"_config.yml": config, "_toc.yml": toc, "intro.md": "# Intro\n"}
    book = write(tmp_path / "clone" / "docs", files)
    jupyter_book_1.run("hubroam", "book", "add", "--yes", book)
    jupyter_book_1.run("jupyter-book", "build", book)
    with serving(book / "_build" / "html") as url:
        launch(new_page, hub, f"{url}nb/waves.html")


def test_html_of_nbconvert(hub: Any, repository: Any, new_page: NewPage, tmp_path: Path) -> None:
    said = {"repo": repository.url, "provider": "git", "ref": "main", "hubs": [hub.url]}
    settings = json.dumps({"launch": said, "sources": "docs"})  # JSON is YAML
    site = write(tmp_path / "site", {"hubroam.yml": settings, "nb/waves.ipynb": WAVES})
    html, _ = HTMLExporter(embed_images=True).from_filename(str(site / "nb/waves.ipynb"))
    write(site, {"nb/waves.html": html, "index.html": "<h1>Waves</h1>"})
    assert CliRunner().invoke(hubroam, ["book", "add", str(site), "--yes"]).exit_code == 0
    with serving(site) as url:
        launch(new_page, hub, f"{url}nb/waves.html")
