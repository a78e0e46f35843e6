"""A MyST site's page in a real browser, as its theme's own renderers put it together."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect

from hubroam.book.myst import PLUGIN, plugin
from support.node import install_packages, node_environment, run_node

pytestmark = [pytest.mark.browser, pytest.mark.hub, pytest.mark.registry]

THEME = Path(__file__).parent / "theme"
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# Waves\n\nWater."},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": "import colorama; print('colorama', colorama.__version__)",
        },
    ],
    "metadata": {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
    },
    "nbformat": 4,
    "nbformat_minor": 5,
}


class Quiet(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site_url(jupyter_book, git_server, tmp_path_factory):
    """Where the site is: built of a clone of the book's repository, on an origin of its own."""
    repository = git_server.repo("myst/book")
    configuration = {
        "version": 1,
        "project": {
            "title": "Waves",
            "plugins": [PLUGIN],
            "jupyter": {"binder": {"provider": "git", "repo": repository.url}},
        },
        "site": {"template": str(jupyter_book.template)},
    }
    repository.commit(
        {
            "requirements.txt": "colorama==0.4.5\n",
            "book/myst.yml": json.dumps(configuration),  # JSON is YAML
            f"book/{PLUGIN}": plugin(),
            "book/water waves.ipynb": json.dumps(NOTEBOOK),
        }
    )
    folder = tmp_path_factory.mktemp("myst")
    subprocess.run(["git", "clone", "-q", repository.url, folder / "clone"], check=True)
    jupyter_book(folder / "clone" / "book", "build", "--site")
    built = folder / "clone" / "book" / "_build" / "site"

    site = shutil.copytree(built / "public", folder / "site")
    install_packages(THEME)
    run_node("npm", "run", "browser", "--", f"--outfile={site / 'theme.js'}", folder=THEME)
    run_node("npm", "run", "server", "--", f"--outfile={folder / 'server.cjs'}", folder=THEME)
    (content,) = (built / "content").glob("*.json")
    html = subprocess.run(
        ["node", folder / "server.cjs"],
        input=content.read_bytes(),
        env=node_environment(),
        check=True,
        capture_output=True,
    ).stdout
    (site / "waves.html").write_bytes(html)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site)) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/waves.html"
        server.shutdown()
        thread.join()


def test_the_control_takes_the_links_place(site_url, new_page):
    page = new_page()
    page.goto(site_url)
    expect(page.get_by_role("button", name="Launch", exact=True)).to_be_visible()
    expect(page.locator("a", has_text="Launch")).to_have_count(1)
    expect(page.locator("a", has_text="Launch")).to_be_hidden()
    expect(page.get_by_text("Failed to load")).to_have_count(0)


def test_the_link_is_there_without_scripts(site_url, browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site_url)
    link = page.get_by_role("link", name="Launch")
    expect(link).to_be_visible()
    assert re.search(
        r"^https://mybinder\.org/v2/git/.*/HEAD\?labpath=book%2Fwater%20waves\.ipynb$",
        link.get_attribute("href") or "",
    )
    context.close()


def test_the_control_speaks_the_pages_language(site_url, new_page):
    page = new_page()
    page.route("**/waves.html", lambda route: route.fulfill(body=german(route.fetch().text())))
    page.goto(site_url)
    expect(page.get_by_role("button", name="Starten")).to_be_visible()


def german(html: str) -> str:
    return html.replace('<html lang="en">', '<html lang="de">')


def test_from_the_page_to_a_cell_that_runs(hub, site_url, new_page):
    page = new_page()
    page.goto(site_url)
    page.get_by_role("button", name="Launch", exact=True).click()
    address = page.get_by_label("Your hub’s address")
    address.fill(hub.url)
    with page.context.expect_page(timeout=20_000) as opened:
        address.press("Enter")
    session = opened.value
    expect(session).to_have_url(re.compile(r"/user/.*/tree/book/water%20waves"), timeout=90_000)
    cell = session.locator(".jp-Notebook .jp-CodeCell").first
    expect(cell).to_be_visible(timeout=60_000)
    expect(session.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)
    cell.locator(".cm-content").click()
    session.keyboard.press("Shift+Enter")
    expect(cell.locator(".jp-OutputArea-output")).to_contain_text("colorama 0.4.5", timeout=60_000)
