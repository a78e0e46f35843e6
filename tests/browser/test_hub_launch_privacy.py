"""What the launch control tells to whom, and where it is not allowed to do or to keep much."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from support.book import CONTROL, Book
from support.website import Website, binderhub, image, jupyterhub, profiled

pytestmark = pytest.mark.browser

NewPage = Callable[..., Page]
Serve = Callable[..., Website]


def choose(page: Page, address: str) -> None:
    page.locator(".launch").click()
    page.locator("#address").fill(address)
    page.locator("#address").press("Enter")
    expect(page.locator("dialog")).to_have_count(0)


def test_nothing_goes_anywhere_but_to_the_hub_that_is_named(
    new_page: NewPage, serve: Serve
) -> None:
    page = new_page(refusals=True)
    asked: list[Request] = []
    page.context.on("request", lambda request: asked.append(request))
    hub, suggested = serve(profiled("Mine")), serve(profiled("Theirs"))
    body = CONTROL.replace("repo=", f'hubs="{suggested.url}" repo=')
    book = serve(Book({"/": body}), host="localhost")
    # whoever has signed in to the hub has its cookies, as JupyterHub sets them
    page.context.add_cookies(
        [{"name": "session", "value": "secret", "url": hub.url, "sameSite": "Lax"}]
    )
    page.goto(f"{book.url}?reader=ada")
    assert {urlsplit(request.url).netloc for request in asked} == {book.host}

    page.locator(".launch").click()  # the suggested hubs are asked for their names, the hub is not
    expect(page.locator("dialog img")).to_have_js_property("naturalWidth", 64)
    assert {urlsplit(request.url).netloc for request in asked} == {book.host, suggested.host}
    page.locator("#address").fill(hub.url)
    with page.context.expect_page() as tab:
        page.locator("#address").press("Enter")
    tab.value.wait_for_load_state()
    hosts = {urlsplit(request.url).netloc for request in asked}
    assert hosts == {book.host, hub.host, suggested.host}
    for site in (hub, suggested):
        assert site.requests
        for request in site.requests:
            assert "referer" not in request.headers, request
            launched = request.path.startswith("/v2/")
            assert launched or "cookie" not in request.headers, request
            assert "ada" not in request.path or launched
    expect(page.locator(".hub")).to_contain_text("Mine")
    assert page.evaluate("document.cookie") == ""


def test_images_carry_no_referrer_and_no_cookie_to_another_site(
    new_page: NewPage, serve: Serve
) -> None:
    page = new_page(refusals=True)
    hub = serve({**jupyterhub(readable=False), "/badge_logo.svg": image(1, 1)})
    book = serve(Book({"/": CONTROL}), host="localhost")
    page.context.add_cookies(
        [{"name": "session", "value": "secret", "url": hub.url, "sameSite": "Lax"}]
    )
    page.goto(book.url)
    page.evaluate("addEventListener('launch', event => event.preventDefault())")
    choose(page, hub.url)
    assert any(path.endswith(".png") for path in hub.paths)
    for request in hub.requests:
        assert not {"referer", "cookie"} & set(request.headers), request


def test_where_storage_is_blocked_it_works_and_says_that_it_cannot_remember(
    new_page: NewPage, serve: Serve
) -> None:
    page = new_page(errors=True)
    hub = serve(binderhub())
    inner = serve(Book({"/": CONTROL + CONTROL}))
    sandbox = "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox"
    page.goto(serve(Book({"/": f'<iframe sandbox="{sandbox}" src="{inner.url}"></iframe>'})).url)
    inside = page.frames[1]
    inside.wait_for_load_state()
    blocked = "() => { try { localStorage.length; return false } catch { return true } }"
    assert inside.evaluate(blocked)
    frame = page.frame_locator("iframe")
    frame.locator(".launch").first.click()
    frame.locator("#address").fill(hub.url)
    with page.context.expect_page() as tab:
        frame.locator("#address").press("Enter")
    assert tab.value.url == f"{hub.url}v2/gh/ada/book/main?labpath=a%20b.ipynb"
    status = frame.locator("hub-launch .status:not(dialog *)").first
    expect(status).to_contain_text("blocks storage and cannot remember the hub")
    # for as long as the page lives it is known, on every control
    with page.context.expect_page():
        frame.locator(".launch").nth(1).click()
    frame.locator(".change").first.click()
    frame.locator(".forget").click()
    expect(frame.locator(".change").first).to_be_hidden()


def test_cookies_and_storage_switched_off(new_page: NewPage, serve: Serve) -> None:
    """As Chromium does it where a reader blocks all cookies: the property itself throws."""
    page = new_page(refusals=True)
    page.add_init_script(
        "Object.defineProperty(globalThis, 'localStorage', {"
        " get() { throw new DOMException('denied', 'SecurityError') } })"
    )
    hub = serve(binderhub())
    page.goto(serve(Book({"/": CONTROL})).url)
    page.evaluate("addEventListener('launch', event => event.preventDefault())")
    choose(page, hub.url)
    said = page.locator("hub-launch .status")
    expect(said).to_contain_text("blocks storage and cannot remember the hub")
    expect(page.locator(".hub")).to_contain_text(hub.host)


def test_a_full_storage(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)
    hub = serve(binderhub())
    page.goto(serve(Book({"/": CONTROL})).url)
    page.evaluate(
        "addEventListener('launch', event => event.preventDefault());"
        "for (let size = 1 << 22; size; size >>= 1) {"
        " for (let more = true; more;) { try {"
        " localStorage.setItem('fill' + localStorage.length, 'x'.repeat(size)) }"
        " catch { more = false } } }"
    )
    choose(page, hub.url)
    expect(page.locator("hub-launch .status")).to_contain_text("cannot remember the hub")
    expect(page.locator(".hub")).to_contain_text(hub.host)


def test_a_strict_content_security_policy(new_page: NewPage, serve: Serve) -> None:
    page = new_page(refusals=True)  # a breach would be an error in the console
    hub = serve(profiled("Example University"))
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'none'; form-action 'none';"
        f" connect-src {hub.url}; img-src {hub.url} data:; require-trusted-types-for 'script'"
    )
    body = CONTROL.replace("repo=", f'hub="{hub.url}" repo=')
    book = Book(
        {"/": body}, html='lang="de"', headers={"Content-Security-Policy": policy}, style=""
    )
    page.add_init_script(
        "globalThis.breaches = []; addEventListener('securitypolicyviolation',"
        " event => breaches.push(event.violatedDirective))"
    )
    page.goto(serve(book).url)
    page.evaluate("addEventListener('launch', event => event.preventDefault())")
    expect(page.locator(".launch")).to_have_text("Starten")
    expect(page.locator(".launch")).to_have_css("border-radius", "6px")  # its style is there
    page.locator(".launch").click()
    expect(page.locator("dialog img")).to_have_js_property("naturalWidth", 64)
    page.locator("#address").fill(hub.url)
    page.locator("#address").press("Enter")
    expect(page.locator(".hub")).to_contain_text("Example University")
    assert page.evaluate("breaches") == []


def test_a_page_that_the_back_button_wakes_up_knows_what_happened(
    new_page: NewPage, serve: Serve
) -> None:
    page = new_page(refusals=True)
    hub = serve(binderhub())
    page.goto(serve(Book({"/": CONTROL})).url)
    page.evaluate("addEventListener('launch', event => event.preventDefault())")
    choose(page, hub.url)
    # what happens meanwhile in other pages sends no event to a page that sleeps
    page.evaluate("localStorage.clear(); dispatchEvent(new PageTransitionEvent('pageshow'))")
    expect(page.locator(".change")).to_be_hidden()
