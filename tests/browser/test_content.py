"""Content from another repository than the environment, by a link of nbgitpuller's page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from support.gitserver import GitServer, TestRepository
from support.hubs import up
from support.notebooks import notebook

pytestmark = [pytest.mark.browser, pytest.mark.hub, pytest.mark.registry]

# The steps of nbgitpuller's link generator for Binder (docs/_static/link_gen/link.js), in the
# browser's own URL and URLSearchParams, which decide how the link is encoded.
_GENERATE = """([hub, environment, branch, content, contentBranch, path]) => {
  const query = new URLSearchParams([["repo", content], ["urlpath", path]]);
  query.append("branch", contentBranch);
  const link = new URL(hub);
  link.pathname = `/v2/gh/${environment}/${branch}`;
  link.searchParams.append("urlpath", `git-pull?${query}`);
  return link.toString();
}"""


@pytest.fixture
def hub(git_server: GitServer, tmp_path: Path) -> Iterator[str]:
    """A hub for which GitHub is the test's server."""
    config = f"c.GitHubProvider.base_url = {git_server.url.rstrip('/')!r}\n"
    with up(tmp_path, config) as url:
        yield url


def _cells(page: Page) -> str:
    """Run the page's cell; returns what it shows."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").first
    expect(cell).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)
    cell.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    output = cell.locator(".jp-OutputArea-output")
    expect(output).to_contain_text("ran", timeout=60_000)
    return output.inner_text().strip()


def _page(text: str) -> str:
    return notebook(f"import colorama; print({text!r}, colorama.__version__, 'ran')")


@pytest.fixture
def content(git_server: GitServer) -> TestRepository:
    environment = git_server.repo("class/env")
    environment.commit({"binder/requirements.txt": "colorama==0.4.5\n"})
    content = git_server.repo("class/content")
    content.commit({"pages/first one.ipynb": _page("one")}, branch="term")
    content.commit({"README.md": "no pages here"})
    return content


def test_the_content_comes_and_the_environment_is_not_touched(
    hub: str, tmp_path: Path, content: TestRepository, new_page: Callable[..., Page]
) -> None:
    page = new_page(errors=True)  # JupyterLab's own console is not ours
    link = page.evaluate(
        _GENERATE,
        [
            hub,
            "class/env",
            "main",
            content.url.removesuffix(".git"),
            "term",
            "lab/tree/content/pages/first one.ipynb",
        ],
    )
    assert link.startswith(f"{hub}v2/gh/class/env/main?urlpath=git-pull%3Frepo%3Dhttp%253A")
    page.goto(link)
    expect(page.get_by_text(content.url.removesuffix(".git"), exact=True)).to_be_visible()
    opened = re.compile("/user/.*/lab/tree/content/pages/first%20one.ipynb")
    expect(page).to_have_url(opened, timeout=120_000)
    assert _cells(page) == "one 0.4.5 ran"

    builds = tmp_path / "data" / "environments" / "builds"
    before = sorted(builds.iterdir())
    content.commit({"pages/first one.ipynb": _page("two")}, branch="term")
    page = new_page(errors=True)
    page.goto(link)
    expect(page).to_have_url(opened, timeout=120_000)
    assert _cells(page) == "two 0.4.5 ran"
    assert sorted(builds.iterdir()) == before
