"""The launch control's links on real hubs, followed by a reader in Chromium."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.hub, pytest.mark.registry]


def launch(page, book, repository, address, **attributes):
    """Press the button, name the hub; returns the tab that opens, and the link that it opened."""
    query = {"provider": "git", "repo": repository.url, "path": repository.page, **attributes}
    page.goto(f"{book}?{urlencode(query)}")
    page.get_by_role("button", name="Launch", exact=True).click()
    page.get_by_label("Your hub’s address").fill(address)
    with (
        page.context.expect_event(
            "request", lambda request: request.is_navigation_request()
        ) as asked,
        page.context.expect_page() as opened,
    ):
        page.keyboard.press("Enter")
    return opened.value, asked.value.url


def sign_in(tab):
    tab.get_by_label("Username").fill("ada")
    tab.get_by_label("Password").fill("x")
    tab.get_by_role("button", name="Sign in").click()


def see_notebook(tab, text):
    expect(tab.locator(".jp-Notebook .jp-RenderedMarkdown")).to_have_text(text, timeout=60_000)


@pytest.mark.parametrize("name", ["jupyterhub-6", "jupyterhub-5.2-base", "jupyterhub-4.1"])
def test_a_jupyterhub_opens_the_page_of_the_branch(places, book, repository, new_page, name):
    hub = places[name]
    tab, link = launch(
        new_page(errors=True), book, repository, f"{hub.url}hub/home", ref=repository.branch
    )
    folder = quote(f"lab/tree/book.git/{quote(repository.page)}", safe="")
    repo = quote(repository.url, safe="")
    assert link == (
        f"{hub.url}hub/user-redirect/git-pull?repo={repo}"
        f"&branch={quote(repository.branch, safe='')}&urlpath={folder}"
    )
    sign_in(tab)
    expect(tab).to_have_url(
        f"{hub.url}user/ada/lab/tree/book.git/{quote(repository.page)}", timeout=90_000
    )
    see_notebook(tab, repository.text)


@pytest.mark.parametrize("name", ["jupyterhub-6-base", "jupyterhub-5.2", "jupyterhub-4.1-base"])
def test_without_nbgitpuller_the_reader_meets_a_missing_page(
    places, book, repository, new_page, name
):
    hub = places[name]
    page = new_page(errors=True)
    tab, _ = launch(page, book, repository, hub.url)
    sign_in(tab)
    expect(tab).to_have_url(re.compile(re.escape(f"{hub.url}user/ada/git-pull?")), timeout=90_000)
    expect(tab.get_by_text("404")).to_be_visible(timeout=30_000)
    # nobody could know it before signing in, so the control says what a 404 means
    expect(page.locator("hub-launch").get_by_role("status")).to_contain_text("lacks nbgitpuller")


def test_a_jupyter_server(places, book, repository, new_page):
    server = places["jupyter-server"]
    page = new_page(errors=True)
    page.goto(f"{server.url}lab?token={server.token}")  # as its owner has done before
    tab, _ = launch(page, book, repository, f"{server.url}lab", ref=repository.branch)
    expect(tab).to_have_url(
        f"{server.url}lab/tree/book.git/{quote(repository.page)}", timeout=60_000
    )
    see_notebook(tab, repository.text)


def test_a_jupyterlite_site_opens_its_own_file(sites, book, repository, new_page):
    tab, _ = launch(new_page(errors=True), book, repository, f"{sites['lite']}lite/lab/index.html")
    see_notebook(tab, "The page of the site")
