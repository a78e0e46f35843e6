"""nbgitpuller's links on our hub, in a browser: the environment is that of the recipe."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from support.gitserver import GitServer
from support.notebooks import notebook

pytestmark = [pytest.mark.browser, pytest.mark.hub, pytest.mark.registry]

_NOTEBOOK = notebook("import colorama; print('colorama', colorama.__version__)")


def test_a_git_pull_link_opens_a_notebook_whose_kernel_has_the_recipes_packages(
    hub: Any, git_server: GitServer, new_page: Callable[..., Page]
) -> None:
    repository = git_server.repo("lesson/book")
    repository.commit(
        {"requirements.txt": "colorama==0.4.5\n"}, "the recipe of the branch", branch="lesson"
    )
    repository.commit({"pages/first one.ipynb": _NOTEBOOK}, branch="lesson")
    repository.commit({"requirements.txt": "colorama==0.4.6\n"})
    query = urlencode(
        {
            "repo": repository.url,
            "branch": "lesson",
            "urlpath": "lab/tree/book.git/pages/first one.ipynb",
        }
    )
    page = new_page(errors=True)  # JupyterLab's own console is not ours
    page.goto(f"{hub.url}hub/user-redirect/git-pull?{query}")
    expect(page).to_have_url(
        re.compile("/user/.*/lab/tree/pages/first%20one.ipynb"), timeout=90_000
    )
    cell = page.locator(".jp-Notebook .jp-CodeCell").first
    expect(cell).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    expect(cell.locator(".jp-OutputArea-output")).to_contain_text("colorama 0.4.5", timeout=60_000)
