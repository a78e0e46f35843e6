"""The launch control on a book's page: its button, its dialog, its events."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Error, Locator, Page, expect

from support.book import CONTROL, Book
from support.website import Website, binderhub, document, image, jupyterhub, profiled, secret_server

pytestmark = pytest.mark.browser

NewPage = Callable[..., Page]
Serve = Callable[..., Website]
RECORD = """() => {
  globalThis.told = [];
  for (const type of ["hubfound", "hublost", "launch"]) {
    addEventListener(type, event => told.push([type, event.detail]));
  }
}"""


def open_book(page: Page, serve: Serve, body: str = CONTROL, **book: object) -> Website:
    site = serve(Book({"/": body}, **book))  # type: ignore[arg-type]
    page.goto(site.url)
    return site


def button(page: Page, name: str = "Launch") -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def field(page: Page) -> Locator:
    return page.get_by_label("Your hub’s address")


def ask(page: Page, address: str) -> None:
    """Open the dialog and name a hub."""
    button(page).click()
    field(page).fill(address)
    field(page).press("Enter")


def ask_one_that_hangs(page: Page, serve: Serve) -> Website:
    """Have a hub asked that does not answer yet; what the page is told is recorded."""
    hub = serve(binderhub())
    hub.hold.set()
    open_book(page, serve)
    page.evaluate(RECORD)
    ask(page, hub.url)
    assert hub.asked.wait(10)
    return hub


def answer(page: Page) -> Locator:
    return page.get_by_role("dialog").get_by_role("status")


def said(page: Page) -> Locator:
    """What the control says, beside its button."""
    return page.locator("hub-launch .status:not(dialog *)")


def opened(page: Page, act: Callable[[], None]) -> str:
    """What address a new tab is opened with."""
    with page.context.expect_page() as tab:
        act()
    url = tab.value.url
    tab.value.close()
    return url


def test_a_hub_is_named_once_then_one_press_launches(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    hub = serve(binderhub())
    link = f"{hub.url}v2/gh/ada/book/main?labpath=a%20b.ipynb"
    open_book(page, serve)
    expect(button(page, "Change hub")).to_be_hidden()
    assert opened(page, lambda: ask(page, hub.host)) == link
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(said(page)).to_contain_text(f"{hub.host} is a BinderHub.")

    page.reload()
    asked = len(hub.requests)
    expect(page.get_by_text(f"on {hub.host}")).to_be_visible()
    assert opened(page, button(page).click) == link
    assert [r.path for r in hub.requests[asked:]] == ["/v2/gh/ada/book/main?labpath=a%20b.ipynb"]


def test_the_dialog_offers_what_the_author_suggests_and_what_was_used(
    new_page: NewPage, serve: Serve
) -> None:
    page = new_page(refusals=True)
    named, plain, silent = serve(profiled("Example University")), serve(binderhub()), serve({})
    suggested = f"{named.url} {silent.url}hub/home"
    open_book(
        page,
        serve,
        f'<hub-launch repo="ada/book" hubs="{suggested}" hub="{named.url}"></hub-launch>',
    )
    opened(page, lambda: ask(page, plain.url))
    button(page, "Change hub").click()
    choices = page.get_by_role("dialog").get_by_role("listitem")
    expect(choices).to_have_text(
        [
            f"{plain.host}Used before",
            f"Example University{named.host} · Suggested",
            f"{silent.host}Suggested",
        ]
    )
    logo = choices.nth(1).locator("img")
    expect(logo).to_have_attribute("src", f"{named.url}logo.svg")
    expect(logo).to_have_js_property("naturalWidth", 64)
    choices.nth(1).get_by_role("button").click()
    expect(page.get_by_text("on Example University")).to_be_visible()
    assert opened(page, button(page).click) == f"{named.url}v2/gh/ada/book/HEAD"


def test_a_suggestion_that_is_no_hub_says_so_when_it_is_chosen(
    new_page: NewPage, serve: Serve
) -> None:
    page = new_page(refusals=True)
    silent = serve({})
    open_book(
        page, serve, f'<hub-launch repo="ada/book" hubs="{silent.url} not%an%address"></hub-launch>'
    )
    button(page).click()
    expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_count(1)
    page.get_by_role("button", name=silent.host).click()
    expect(answer(page)).to_contain_text(f"{silent.host} answers")


def test_it_says_that_it_asks_and_what_it_found(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    hub = serve(profiled("Example University"))
    hub.hold.set()
    open_book(page, serve)
    ask(page, hub.url)
    expect(answer(page)).to_have_text("Asking the hub…")
    expect(page.locator("form")).to_have_attribute("aria-busy", "true")
    assert hub.asked.wait(10)
    hub.released.set()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(said(page)).to_contain_text("Example University is a BinderHub.")


@pytest.mark.parametrize("key", ["x", "Backspace"])
def test_typing_on_ends_the_question(new_page: NewPage, serve: Serve, key: str) -> None:
    page = new_page(refusals=True)
    hub = ask_one_that_hangs(page, serve)
    with page.expect_event("requestfailed", lambda r: r.url.startswith(hub.url)):
        field(page).press(key)
    expect(answer(page)).to_be_empty()
    expect(page.locator("form")).not_to_have_attribute("aria-busy", "true")
    hub.released.set()
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("how", ["Cancel", "Escape", "outside"])
def test_leaving_the_dialog_ends_the_question(new_page: NewPage, serve: Serve, how: str) -> None:
    page = new_page(refusals=True)
    hub = ask_one_that_hangs(page, serve)
    with page.expect_event("requestfailed", lambda r: r.url.startswith(hub.url)):
        if how == "Escape":
            page.keyboard.press("Escape")
        elif how == "outside":
            page.mouse.click(5, 5)
        else:
            button(page, how).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button(page)).to_be_focused()
    assert page.evaluate("told") == []


def test_a_control_that_goes_away_ends_the_question(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    hub = ask_one_that_hangs(page, serve)
    with page.expect_event("requestfailed", lambda r: r.url.startswith(hub.url)):
        page.evaluate("document.querySelector('hub-launch').remove()")


def test_what_is_pasted_is_asked_at_once(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True, permissions=["clipboard-read", "clipboard-write"])
    hub = serve(binderhub())
    open_book(page, serve)
    page.evaluate("url => navigator.clipboard.writeText(url)", f"{hub.url}v2/gh/x/y/z")
    button(page).click()
    field(page).focus()
    assert opened(page, lambda: page.keyboard.press("Control+v")).startswith(f"{hub.url}v2/gh/ada")


def test_the_field_completes_the_hubs_of_the_list(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    hub = serve(binderhub())
    open_book(page, serve, f'<hub-launch repo="ada/book" hub="{hub.url}"></hub-launch>')
    button(page).click()
    assert field(page).evaluate("input => [...input.list.options].map(o => o.value)") == [hub.url]


FAILURES = {
    "not-a-hub": (
        {"/": document({}), **{p: document({"x": 1}) for p in ("/versions", "/hub/api/")}},
        False,
    ),
    "origin-refused": (secret_server(), True),
}


@pytest.mark.parametrize("code", FAILURES)
def test_a_failure_says_what_to_do(new_page: NewPage, serve: Serve, code: str) -> None:
    page = new_page(refusals=True)
    answers, kinds = FAILURES[code]
    site = serve(answers)
    open_book(page, serve)
    page.evaluate(RECORD)
    ask(page, site.url)
    told = lost(page)
    assert told["problem"]["code"] == code
    assert (told["url"], told["kind"]) == (site.url, "none")
    expect(answer(page)).to_contain_text(f"{site.host} answers")
    expect(answer(page)).to_contain_text(told["problem"]["next_step"])
    expect(page.get_by_role("button", name="a BinderHub")).to_be_visible(visible=kinds)
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_attribute("aria-invalid", "true")
    field(page).press("End")
    field(page).press("x")
    expect(answer(page)).to_be_empty()
    expect(field(page)).not_to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("button", name="a BinderHub")).to_be_hidden()


def lost(page: Page) -> dict[str, Any]:
    """The detail of the first `hublost`, once there is one."""
    page.wait_for_function("told.length > 0", timeout=20_000)
    [kind, detail] = page.evaluate(
        "told.map(([type, detail]) => [type, {...detail,"
        " problem: {...detail.problem, message: detail.problem.message}}])[0]"
    )
    assert kind == "hublost"
    assert detail["problem"]["message"]
    return detail


def test_a_server_that_is_not_there(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    with Website({}) as gone:
        pass
    open_book(page, serve)
    page.evaluate(RECORD)
    ask(page, gone.url)
    assert lost(page)["problem"]["code"] == "hub-unreachable"
    expect(answer(page)).to_contain_text("its certificate not trusted")


def test_a_server_that_hangs(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    ask_one_that_hangs(page, serve)
    assert lost(page)["problem"]["code"] == "hub-too-slow"
    expect(answer(page)).to_contain_text("did not answer in time")
    expect(page.get_by_role("button", name="a BinderHub")).to_be_visible()


def open_securely(page: Page, url: str) -> None:
    """Open an https address: Chromium breaks off a handshake when the machine's networks change.

    They do while other tests run containers.
    """
    while True:
        try:
            page.goto(url)
            return
        except Error as error:
            if "ERR_NETWORK_CHANGED" not in error.message:
                raise


def test_a_secure_page_and_a_hub_that_is_not(
    new_page: NewPage, serve: Serve, tmp_path: Path
) -> None:
    page = new_page(refusals=True, ignore_https_errors=True)
    book = serve(Book({"/": CONTROL}), certificate=tmp_path)
    open_securely(page, book.url)
    page.evaluate(RECORD)
    ask(page, "http://hub.example.org/")
    assert lost(page)["problem"]["code"] == "mixed-content"
    expect(answer(page)).to_contain_text("Try https://hub.example.org")
    expect(page.get_by_role("button", name="a BinderHub")).to_be_hidden()


def test_a_certificate_that_is_not_trusted(new_page: NewPage, serve: Serve, tmp_path: Path) -> None:
    page = new_page(refusals=True)
    hub = serve(binderhub(), certificate=tmp_path)
    open_book(page, serve)
    ask(page, hub.host.replace("127.0.0.1", "https://127.0.0.1"))
    expect(answer(page)).to_contain_text("its certificate not trusted", timeout=15_000)


@pytest.mark.parametrize(
    "text", ["two words", "ftp://hub.example.org", "https://me:secret@hub.example.org"]
)
def test_what_is_no_address(new_page: NewPage, serve: Serve, text: str) -> None:
    page = new_page()
    open_book(page, serve)
    ask(page, text)
    expect(answer(page).locator("b")).not_to_be_empty()
    expect(answer(page)).not_to_contain_text("secret")


@pytest.mark.parametrize(
    ("choice", "link"),
    [
        ("a BinderHub", "v2/gh/ada/book/main?labpath=a%20b.ipynb"),
        (
            "a JupyterHub",
            "hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fada%2Fbook"
            "&branch=main&urlpath=lab%2Ftree%2Fbook%2Fa%2520b.ipynb",
        ),
    ],
)
def test_the_reader_says_what_could_not_be_found_out(
    new_page: NewPage, serve: Serve, choice: str, link: str
) -> None:
    page = new_page(refusals=True)
    hub = serve(secret_server())
    open_book(page, serve)
    ask(page, hub.url)
    assert opened(page, page.get_by_role("button", name=choice).click) == hub.url + link


def test_a_hub_that_allows_no_reading_is_found_by_its_images(
    new_page: NewPage, serve: Serve
) -> None:
    page = new_page(refusals=True)
    hub = serve({**jupyterhub(readable=False), "/badge_logo.svg": image(1, 1)})
    open_book(page, serve)
    assert "/hub/user-redirect/git-pull?" in opened(page, lambda: ask(page, hub.url))
    expect(said(page)).to_contain_text("is a JupyterHub without Binder")


def test_copy_link(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True, permissions=["clipboard-read", "clipboard-write"])
    hub = serve(binderhub())
    open_book(page, serve)
    opened(page, lambda: ask(page, hub.url))
    button(page, "Copy link").click()
    expect(said(page)).to_have_text("The link is copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{hub.url}v2/gh/ada/book/main?labpath=a%20b.ipynb"


def test_a_frame_without_popups_and_clipboard_shows_the_link(
    new_page: NewPage, serve: Serve
) -> None:
    """Where a browser blocks new tabs and copying, the link is there to press and to copy."""
    page = new_page(errors=True)
    hub = serve(binderhub())
    inner = serve(Book({"/": CONTROL}), host="localhost")
    open_book(
        page,
        serve,
        '<iframe sandbox="allow-scripts allow-same-origin allow-forms"'
        f' src="{inner.url}"></iframe>',
    )
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Launch").click()
    address = frame.get_by_label("Your hub’s address")
    address.fill(hub.url)
    address.press("Enter")
    link = f"{hub.url}v2/gh/ada/book/main?labpath=a%20b.ipynb"
    expect(frame.get_by_role("link", name="No tab? Open it here.")).to_have_attribute("href", link)
    assert len(page.context.pages) == 1
    frame.get_by_role("button", name="Copy link").click()
    expect(frame.get_by_role("status")).to_have_text(f"Copy link: {link}")
    expect(frame.get_by_role("link", name=link)).to_have_attribute("href", link)


def test_forget_my_hubs(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    hub = serve(binderhub())
    open_book(page, serve)
    opened(page, lambda: ask(page, hub.url))
    page.evaluate(RECORD)
    button(page, "Change hub").click()
    button(page, "Forget my hubs").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(said(page)).to_have_text("Your hubs are forgotten.")
    expect(button(page)).to_be_focused()
    assert page.evaluate("[told, localStorage.length]") == [
        [["hublost", {"url": hub.url, "kind": "binderhub", "problem": None}]],
        0,
    ]
    button(page).click()
    expect(field(page)).to_be_visible()
    expect(button(page, "Forget my hubs")).to_have_count(0)


def test_states_are_events(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    hub = serve(profiled("Example University"))
    open_book(page, serve)
    page.evaluate(RECORD)
    opened(page, lambda: ask(page, hub.url))
    link = f"{hub.url}v2/gh/ada/book/main?labpath=a%20b.ipynb"
    assert page.evaluate("told") == [
        [
            "hubfound",
            {"url": hub.url, "kind": "binderhub", "name": "Example University", "version": "1.0.0"},
        ],
        ["launch", {"url": link, "hub": hub.url, "kind": "binderhub"}],
    ]


def test_a_launch_can_be_cancelled(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    hub = serve(binderhub())
    open_book(page, serve)
    page.evaluate(
        "addEventListener('launch', event => {"
        " event.preventDefault(); globalThis.url = event.detail.url })"
    )
    ask(page, hub.url)
    page.wait_for_function("globalThis.url")
    assert len(page.context.pages) == 1
    expect(said(page)).to_be_empty()


def test_attributes_may_change(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    hub = serve(binderhub())
    open_book(page, serve)
    opened(page, lambda: ask(page, hub.url))
    expect(page.get_by_role("link", name="No tab?")).to_be_visible()

    def change(script: str) -> None:
        page.evaluate(f"control => {script}", page.query_selector("hub-launch"))

    change("control.setAttribute('ref', 'v2')")
    expect(page.get_by_role("link")).to_have_count(0)  # it led to what was before
    change("control.removeAttribute('path')")
    assert opened(page, button(page).click) == f"{hub.url}v2/gh/ada/book/v2"
    change("control.setAttribute('repo', 'nonsense')")
    expect(button(page)).to_be_disabled()
    expect(said(page)).to_contain_text("This button is not set up right.")
    change("control.setAttribute('repo', 'ada/other')")
    expect(button(page)).to_be_enabled()
    expect(said(page)).to_be_empty()
    change("control.setAttribute('label', 'Try it')")
    assert opened(page, button(page, "Try it").click) == f"{hub.url}v2/gh/ada/other/v2"


PROVIDERS = {
    'provider="gh" repo="ada/book"': "gh/ada/book/HEAD",
    'repo="ada/book.git" ref="feature/x"': "gh/ada/book/feature/x",
    'provider="gl" repo="group/sub/book" ref="main"': "gl/group%2Fsub%2Fbook/main",
    'provider="gist" repo="ada/0123abcd"': "gist/ada/0123abcd",
    'provider="git" repo="https://git.example/b.git"': "git/https%3A%2F%2Fgit.example%2Fb.git/HEAD",
    'provider="zenodo" repo="10.5281/zenodo.1"': "zenodo/10.5281/zenodo.1",
    'provider="figshare" repo="10.6084/m9.figshare.1"': "figshare/10.6084/m9.figshare.1",
    'provider="dataverse" repo="10.7910/DVN/6ZXAGT"': "dataverse/10.7910/DVN/6ZXAGT",
    'provider="hydroshare" repo="0123abc"': "hydroshare/0123abc",
    'provider="ckan" repo="https://ckan.example/x"': "ckan/https%3A%2F%2Fckan.example%2Fx",
}


def test_every_provider(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    hub = serve(binderhub())
    controls = "".join(f"<hub-launch {attributes}></hub-launch>" for attributes in PROVIDERS)
    open_book(page, serve, controls)
    page.evaluate(
        "addEventListener('launch', event => {"
        " event.preventDefault(); (globalThis.urls ??= []).push(event.detail.url) })"
    )
    button(page).first.click()
    field(page).fill(hub.url)
    field(page).press("Enter")
    page.wait_for_function("globalThis.urls")
    for control in button(page).all()[1:]:
        control.click()
    assert page.evaluate("urls") == [f"{hub.url}v2/{spec}" for spec in PROVIDERS.values()]


def test_a_hub_that_does_not_serve_a_provider_says_so(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    hub = serve(profiled("Example University", providers=["gh"]))
    open_book(page, serve, '<hub-launch provider="zenodo" repo="10.5281/zenodo.1"></hub-launch>')
    ask(page, hub.url)
    expect(said(page)).to_contain_text("does not open this kind of repository (zenodo)")
    expect(button(page, "Change hub")).to_be_visible()


def test_environment_and_content_from_two_repositories(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    hub = serve(profiled("Example University", providers=["gl"]))
    commit = "0123456789" * 4
    open_book(
        page,
        serve,
        f'<hub-launch repo="ada/book" ref="{commit}" path="a b.ipynb"'
        ' env-provider="gl" env-repo="group/env" env-ref="v1"></hub-launch>',
    )
    inner = "lab/tree/book/a%20b.ipynb"
    repository = quote("https://github.com/ada/book", safe="")
    pull = f"git-pull?repo={repository}&urlpath={quote(inner, safe='')}"
    link = f"{hub.url}v2/gl/group%2Fenv/v1?urlpath={quote(pull, safe='')}"
    assert opened(page, lambda: ask(page, hub.url)) == link
    expect(said(page)).to_contain_text("the newest version, not the one of this page")


@pytest.mark.parametrize("folders", [True, False])
def test_a_recipe_in_a_folder(new_page: NewPage, serve: Serve, folders: bool) -> None:
    page = new_page(refusals=True)
    hub = serve(profiled("Example University", folders=folders))
    open_book(
        page,
        serve,
        '<hub-launch repo="ada/book" path="w 1/a.ipynb" env-path="/w 1/"></hub-launch>',
    )
    link = f"{hub.url}v2/gh/ada/book/HEAD?labpath=w%201%2Fa.ipynb"
    assert opened(page, lambda: ask(page, hub.url)) == link + "&envpath=w%201" * folders
    expect(said(page)).to_contain_text("This page opens there in a new tab")
    other = (
        expect(said(page)).not_to_contain_text if folders else expect(said(page)).to_contain_text
    )
    other("It uses another recipe than this page.")


def test_controls_of_a_page_and_of_two_tabs_stay_in_step(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    first, second = serve(profiled("First")), serve(profiled("Second"))
    site = open_book(page, serve, CONTROL + CONTROL)
    other = page.context.new_page()
    other.goto(site.url)
    button(page).first.click()
    field(page).fill(first.url)
    opened(page, lambda: field(page).press("Enter"))
    for each in (page, other):
        expect(each.get_by_text("on First")).to_have_count(2)
    button(other, "Change hub").nth(1).click()
    field(other).fill(second.url)
    field(other).press("Enter")
    for each in (page, other):
        expect(each.get_by_text("on Second")).to_have_count(2)
    # what was said of the first is no longer true
    expect(page.get_by_role("link", name=re.compile("No tab"))).to_have_count(0)
    button(page, "Change hub").first.click()
    expect(page.get_by_role("listitem")).to_contain_text(["Second", "First"])
    button(page, "Forget my hubs").click()
    for each in (page, other):
        expect(button(each, "Change hub").first).to_be_hidden()


def test_what_the_site_may_have_stored_is_checked(new_page: NewPage, serve: Serve) -> None:
    page = new_page()
    open_book(page, serve)
    for stored in (
        "{}",
        "[null]",
        '[{"url": "javascript:alert(1)", "kind": "binderhub", "name": "x", "launch": []}]',
    ):
        page.evaluate("stored => localStorage.setItem('hubroam.hubs', stored)", stored)
        page.reload()
        expect(button(page)).to_be_enabled()
        expect(button(page, "Change hub")).to_be_hidden()
