"""The launch button that Jupyter Book 2 puts on its pages, unmodified: npm's, in a browser."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import expect

from support.fileserver import serving
from support.node import install_packages, run_node
from support.notebooks import notebook

pytestmark = [pytest.mark.browser, pytest.mark.hub, pytest.mark.registry]

HERE = Path(__file__).parent
NOTEBOOK = notebook("import colorama; print('colorama', colorama.__version__)")


@pytest.fixture(scope="module")
def page_url(tmp_path_factory):
    """A page with the button, on an origin that is not the hub's."""
    install_packages(HERE)
    folder = tmp_path_factory.mktemp("jb2")
    run_node("npm", "run", "bundle", "--", f"--outfile={folder / 'page.js'}", folder=HERE)
    shutil.copy(HERE / "page.html", folder)
    with serving(folder) as url:
        yield f"{url}page.html"


@pytest.fixture(scope="module")
def repository(git_server):
    repository = git_server.repo("jb2/book")
    repository.commit({"requirements.txt": "colorama==0.4.5\n", "pages/first one.ipynb": NOTEBOOK})
    return repository


@pytest.mark.parametrize("ending", ["/", ""])
def test_the_button_finds_the_hub_and_opens_a_session(hub, page_url, repository, new_page, ending):
    page = new_page()
    query = urlencode({"repo": repository.url, "location": "/pages/first one.ipynb"})
    page.goto(f"{page_url}?{query}")
    page.get_by_role("button", name="Launch in external computing interface").click()
    page.get_by_role("textbox").fill(hub.url.rstrip("/") + ending)

    # it has asked the hub, and neither takes it for a plain JupyterHub nor has to ask the reader
    expect(page.locator(".myst-fm-launch-status-ready")).to_be_visible()
    expect(page.get_by_text("JupyterHub Requirements")).to_be_hidden()
    expect(page.get_by_role("radio")).to_have_count(0)

    with (
        page.context.expect_event("request", lambda r: r.is_navigation_request()) as asked,
        page.context.expect_page() as opened,
    ):
        page.get_by_role("button", name="Launch", exact=True).click()
    link = f"{hub.url}v2/git/{quote(repository.url, safe='')}/HEAD"
    assert asked.value.url == f"{link}?urlpath=%2Flab%2Ftree%2F%2Fpages%2Ffirst%20one.ipynb"

    session = opened.value
    expect(session).to_have_url(re.compile(r"/user/.*/lab/tree/"), timeout=90_000)
    cell = session.locator(".jp-Notebook .jp-CodeCell").first
    expect(cell).to_be_visible(timeout=60_000)
    expect(session.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)
    cell.locator(".cm-content").click()
    session.keyboard.press("Shift+Enter")
    expect(cell.locator(".jp-OutputArea-output")).to_contain_text("colorama 0.4.5", timeout=60_000)
