"""The roam page, on a static host and on our hub, and the handler of Binder links."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from click.testing import CliRunner
from playwright.sync_api import Page, Request, expect

from browser import axe
from hubroam.cli import hubroam
from hubroam.launchlink import LaunchLink
from hubroam.roam import universal_link
from support.website import Answer, Website, binderhub, profiled

pytestmark = [pytest.mark.browser, pytest.mark.registry]

NewPage = Callable[..., Page]
Serve = Callable[..., Website]
KINDS = {"html": "text/html; charset=utf-8", "js": "text/javascript", "css": "text/css"}
FRAGMENT = "#gh/ada/book/main?labpath=a%20b.ipynb"
LINK = "v2/gh/ada/book/main?labpath=a%20b.ipynb"
HANDLER = """
globalThis.handlers = [];
navigator.registerProtocolHandler = (...handler) => { handlers.push(handler) };
"""


@pytest.fixture
def roam(serve: Serve, tmp_path: Path) -> Website:
    """A static host with what `hubroam roam` writes."""
    folder = tmp_path / "roam"
    assert CliRunner().invoke(hubroam, ["roam", "--output", str(folder)]).exit_code == 0
    answers = {
        f"/tools/roam/{path.name}": Answer(
            path.read_bytes(), KINDS.get(path.suffix[1:], "image/svg+xml")
        )
        for path in folder.iterdir()
    }
    answers["/tools/roam/"] = answers["/tools/roam/index.html"]
    answers["/book.html"] = Answer(
        f'<!doctype html><title>Book</title><link rel="icon" href="data:,">'
        f'<a href="tools/roam/{FRAGMENT}">Launch</a>'
    )
    return serve(answers)


def name_hub(page: Page, url: str) -> None:
    page.get_by_label("Your hub’s address").fill(url)
    page.get_by_label("Your hub’s address").press("Enter")


def test_it_asks_once_then_goes_to_the_readers_hub(
    roam: Website, new_page: NewPage, serve: Serve
) -> None:
    page = new_page(refusals=True)
    asked: list[Request] = []
    page.context.on("request", lambda request: asked.append(request))
    hub = serve({**binderhub(), f"/{LINK.partition('?')[0]}": Answer("<h1>Launching</h1>")})
    page.goto(f"{roam.url}book.html")
    page.get_by_role("link").click()
    expect(page.get_by_role("dialog")).to_be_visible()  # at once, not after a press
    expect(page.get_by_text("ada/book")).to_be_visible()
    name_hub(page, hub.host)
    expect(page).to_have_url(hub.url + LINK)
    page.go_back()
    expect(page).to_have_url(f"{roam.url}book.html")  # the roam page is not in between

    page.get_by_role("link").click()
    expect(page).to_have_url(hub.url + LINK)
    page.go_back()
    expect(page).to_have_url(f"{roam.url}book.html")
    # what stands behind # was told to the hub that the reader named, and to nobody else
    assert [path for path in roam.paths if "ada" in path] == []
    assert {urlsplit(r.url).netloc for r in asked if "ada" in r.url.partition("#")[0]} == {hub.host}
    for request in hub.requests:
        assert "referer" not in request.headers


def test_a_reader_who_leaves_the_dialog_finds_the_button(
    roam: Website, new_page: NewPage, serve: Serve
) -> None:
    page = new_page(refusals=True)
    hub = serve({**binderhub(), f"/{LINK.partition('?')[0]}": Answer("<h1>Launching</h1>")})
    page.goto(f"{roam.url}tools/roam/{FRAGMENT}")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Launch").click()
    name_hub(page, hub.url)
    expect(page).to_have_url(hub.url + LINK)


@pytest.mark.parametrize(
    ("fragment", "link"),
    [
        ("#gh/ada/book/main", "v2/gh/ada/book/main"),
        ("#/gh/ada/book/main?urlpath=lab%2Fworkspaces%2Fx", None),
        ("#gh/ada/book/main?filepath=a%20b.ipynb", None),
        ("#gl/group%2Fsub%2Fbook/main", None),
        ("#git/https%3A%2F%2Fgit.example%2Fb.git/main", None),
        ("#zenodo/10.5281/zenodo.1?labpath=x.ipynb", None),
        (
            "#gh/ada/env/main?urlpath=git-pull%3Frepo%3Dhttps%253A%252F%252Fgithub.com%252Fada%252Fbook"
            "%26branch%3Dmain%26urlpath%3Dlab%252Ftree%252Fbook%252Fa.ipynb",
            None,
        ),
    ],
)
@pytest.mark.parametrize("known", [True, False], ids=["known", "asked"])
def test_every_universal_link_opens_what_it_names(
    roam: Website, new_page: NewPage, serve: Serve, fragment: str, link: str | None, known: bool
) -> None:
    page = new_page(refusals=True)
    hub = serve(lambda path: binderhub().get(path) or Answer("<h1>Launching</h1>"))
    page.goto(f"{roam.url}tools/roam/{'#gh/x/y/z' if known else fragment}")
    name_hub(page, hub.url)
    page.wait_for_url(f"{hub.url}v2/**")
    if known:
        page.goto(f"{roam.url}tools/roam/{fragment}")
        page.wait_for_url(f"{hub.url}v2/**")
    assert page.url == hub.url + (link or f"v2/{fragment.lstrip('#/')}")


def test_links_of_ours_are_read_by_the_page(roam: Website, new_page: NewPage, serve: Serve) -> None:
    link = LaunchLink.parse("https://any.example/v2/gh/ada/book/main?labpath=%C3%A9%20%231.ipynb")
    page = new_page(refusals=True)
    hub = serve(lambda path: binderhub().get(path) or Answer("<h1>Launching</h1>"))
    page.goto(universal_link(f"{roam.url}tools/roam/", link))
    name_hub(page, hub.url)
    expect(page).to_have_url(f"{hub.url}v2/gh/ada/book/main?labpath=%C3%A9%20%231.ipynb")


@pytest.mark.parametrize(
    "fragment",
    [
        "#nonsense",
        "#gh/ada",
        "#javascript:alert(1)",
        "#//evil.example/x",
        "#gh/a/b/main?urlpath=//evil.example",
        "#web%2Bbinder%3A%E0%A4%A",
        "#%",
    ],
)
def test_a_link_that_names_nothing(roam: Website, new_page: NewPage, fragment: str) -> None:
    page = new_page()
    page.goto(f"{roam.url}tools/roam/{fragment}")
    expect(page.get_by_role("alert")).to_contain_text("names no repository that Binder knows")
    expect(page.get_by_text("Links to this page open a repository")).to_be_visible()
    assert page.url.startswith(roam.url)


def test_a_hub_that_does_not_serve_it(roam: Website, new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    hub = serve(profiled("Example University", providers=["gh"]))
    page.goto(f"{roam.url}tools/roam/#gh/x/y/z")
    name_hub(page, hub.url)
    page.wait_for_url(f"{hub.url}v2/**")
    page.goto(f"{roam.url}tools/roam/#zenodo/10.5281/zenodo.1")
    expect(page.get_by_role("alert")).to_contain_text("does not open this kind of repository")
    page.get_by_role("button", name="Change hub").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_without_a_link_it_explains_itself(roam: Website, new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    hub = serve(profiled("Example University"))
    page.goto(f"{roam.url}tools/roam/")
    expect(page.get_by_text("Links to this page open a repository")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)  # nothing to forget, no hub to offer
    page.goto(f"{roam.url}tools/roam/{FRAGMENT}")
    name_hub(page, hub.url)
    page.wait_for_url(f"{hub.url}v2/**")
    page.goto(f"{roam.url}tools/roam/")
    expect(page.get_by_text("Your hub: Example University")).to_be_visible()
    page.get_by_role("button", name="Forget my hubs").click()
    expect(page.get_by_text("Your hub:")).to_have_count(0)
    page.goto(f"{roam.url}tools/roam/{FRAGMENT}")
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("fragment", ["", FRAGMENT, "#nonsense"], ids=["about", "asks", "wrong"])
def test_axe_finds_nothing(
    roam: Website, new_page: NewPage, fragment: str, width: int, dark: bool
) -> None:
    # the page's policy is for its readers; axe is brought in by the test
    page = new_page(width=width, dark=dark, bypass_csp=True)
    page.goto(f"{roam.url}tools/roam/{fragment}")
    expect(page.get_by_role("dialog")).to_have_count(1 if fragment == FRAGMENT else 0)
    axe.check(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.hub
@pytest.mark.parametrize(
    "path",
    [
        "roam",
        "roam#gh/ada/book/main",
        "v2/gh/ada/nosuch/main",
        "v2/nosuch/x",
        "hub/home",
        "hub/nosuch",
    ],
)
def test_every_page_of_a_hub_offers_itself_for_binder_links(
    hub: Any, new_page: NewPage, path: str
) -> None:
    page = new_page(errors=True)
    page.add_init_script(HANDLER)
    page.goto(hub.url + path)
    if "#" in path:
        page.keyboard.press("Escape")
    offer = page.get_by_role("button", name="Use this hub for Binder links")
    offer.click()
    assert page.evaluate("handlers") == [["web+binder", f"{hub.url}roam#%s"]]
    expect(page.locator("[data-roam] [role=status]")).to_contain_text("Your browser now asks you")


@pytest.mark.hub
def test_a_binder_link_opens_on_the_hub_that_handles_it(hub: Any, new_page: NewPage) -> None:
    """The browser puts the whole link, encoded, into the address that was registered."""
    page = new_page(errors=True)
    link = "web+binder:gh/ada/nosuch/main?labpath=a%20b.ipynb"
    url: str = hub.url
    page.goto(f"{url}roam#{quote(link, safe='')}")
    expect(page).to_have_url(f"{url}v2/gh/ada/nosuch/main?labpath=a%20b.ipynb")
    page = page.context.new_page()
    page.goto(f"{url}roam#{link}")
    expect(page).to_have_url(f"{url}v2/gh/ada/nosuch/main?labpath=a%20b.ipynb")


def test_the_control_uses_the_browsers_binder_hub_when_the_reader_chose_so(
    roam: Website, new_page: NewPage
) -> None:
    page = new_page()
    page.goto(f"{roam.url}tools/roam/")
    page.evaluate(
        "document.querySelector('main').append(Object.assign("
        "document.createElement('hub-launch'), { id: 'here' }));"
        "const here = document.querySelector('#here'); here.setAttribute('repo', 'ada/book');"
        "addEventListener('launch', event => {"
        " event.preventDefault(); globalThis.url = event.detail.url }, true)"
    )
    control = page.locator("#here")
    control.locator(".launch").click()
    control.locator(".handler").click()
    expect(control.locator(".hub")).to_have_text("on this browser’s Binder hub")
    control.locator(".launch").click()
    assert page.evaluate("url") == "web+binder:gh/ada/book/HEAD"


@pytest.mark.hub
def test_the_hubs_page_lets_nobody_frame_it(hub: Any) -> None:
    answer = httpx.get(f"{hub.url}roam")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in answer.headers
