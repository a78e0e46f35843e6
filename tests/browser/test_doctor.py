"""What the doctor says that pages meet is what pages meet, in a real Chromium."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from jupyterhub._data import DATA_FILES_PATH
from playwright.sync_api import Page

from hubroam.asker import Asker
from hubroam.doctor import Examination, examine
from hubroam.doctor.visit import Look, Visit
from hubroam.resources import web_folder
from support.webserver import Answer, Request, WebServer

pytestmark = pytest.mark.browser

NewPage = Callable[..., Page]
Headers = dict[str, Any]
Result = Answer | None

IMAGE = Path(DATA_FILES_PATH) / "static" / "images" / "jupyterhub-80.png"
ALL = {"Access-Control-Allow-Origin": "*"}
DISCOVERY = ("/hub/api/", "/hub/api", "/versions")


@pytest.fixture(scope="module")
def book() -> Iterator[str]:
    """A book's page, and the browser's modules beside it."""

    def answer(request: Request) -> Result:
        if request.path == "/":
            return Answer(200, {"Content-Type": "text/html"}, b"<!doctype html><title>b</title>")
        file = web_folder() / request.path.removeprefix("/")
        if file.suffix != ".js" or not file.is_file():
            return Answer(204)
        return Answer(200, {"Content-Type": "text/javascript"}, file.read_bytes())

    with WebServer(answer) as server:
        yield server.url


def jupyterhub(
    headers: Headers, image: Headers, elsewhere: Callable[[str], Headers], versions: bool
) -> Callable[[Request], Result]:
    """A hub's answers; ``elsewhere`` gives the headers of all but the discovery answers."""

    def answer(request: Request) -> Result:
        path = request.path
        if request.method == "OPTIONS":
            return Answer(204, {**elsewhere(request.headers.get("Origin", ""))})
        if path == "/hub/api/":
            return Answer(200, headers, {"version": "6.1.1"})
        if path == "/versions" and versions:
            return Answer(200, ALL, {"binderhub": "1.0"})
        if path == "/hub/static/images/jupyterhub-80.png":
            return Answer(200, {"Content-Type": "image/png", **image}, IMAGE.read_bytes())
        if path in DISCOVERY:
            return None
        return Answer(200, elsewhere(request.headers.get("Origin", "")), {"users": []})

    return answer


def nothing(origin: str) -> Headers:
    return {}


def in_a_thread(question: Callable[[], Any]) -> Any:
    """Playwright's own event loop counts as running here."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(question())).result()


def look(url: str) -> Look:
    async def ask() -> Look:
        async with Asker(allow_private=True, timeout=10) as asker:
            return await Visit(asker).look(url)

    found: Look = in_a_thread(ask)
    return found


@pytest.mark.parametrize(
    ("headers", "image", "versions"),
    [
        (ALL, {}, False),
        (ALL, {}, True),
        ({}, {}, False),
        ({}, {}, True),
        ({"Access-Control-Allow-Origin": ["*", "*"]}, {}, False),
        ({"Access-Control-Allow-Origin": "https://portal.example"}, {}, False),
        ({"Access-Control-Allow-Origin": "null"}, {}, False),
        ({}, {"Cross-Origin-Resource-Policy": "same-origin"}, False),
        ({}, {"Cross-Origin-Resource-Policy": "same-site"}, False),
        ({}, {"Cross-Origin-Resource-Policy": "cross-origin"}, False),
    ],
    ids=["open", "binder", "closed", "half", "twice", "other", "null", "corp", "site", "cross"],
)
def test_what_a_page_finds(
    new_page: NewPage, book: str, headers: Headers, image: Headers, versions: bool
) -> None:
    page = new_page(errors=True)
    page.goto(book)
    with WebServer(jupyterhub(headers, image, nothing, versions)) as hub:
        # another site than the book's, as in life: to browsers, ports of one host are one site
        url = hub.url.replace("127.0.0.1", "localhost")
        found = page.evaluate(
            """async (url) => {
                const { discover } = await import("/discovery.js");
                const { kind, found_by, problem } = await discover(url);
                return [kind, found_by, problem?.code ?? null];
            }""",
            url,
        )
        seen = look(url).seen
    assert found == [seen.kind, seen.found_by, seen.problem.code if seen.problem else None]


@pytest.mark.parametrize("follows", [True, False])
def test_a_redirect_that_a_page_can_follow_or_not(
    new_page: NewPage, book: str, follows: bool
) -> None:
    page = new_page(errors=True)
    page.goto(book)
    with WebServer(jupyterhub(ALL, {}, nothing, False)) as hub:
        to = {"Location": f"{hub.url}hub/api/", **(ALL if follows else {})}
        with WebServer(lambda r: Answer(302, to) if r.path == "/hub/api/" else None) as first:
            url = first.url.replace("127.0.0.1", "localhost")
            read = page.evaluate(
                "url => fetch(url).then(() => true, () => false)", f"{url}hub/api/"
            )
            found = look(url)
    assert read is follows
    assert found.there.kind == "jupyterhub"
    assert (found.seen.problem is None) is follows


@pytest.mark.parametrize(
    ("elsewhere", "code"),
    [
        (nothing, "origin-closed"),
        (lambda origin: ALL, "origin-open"),
        (lambda origin: {"Access-Control-Allow-Origin": origin}, "origin-reflected"),
        (
            lambda origin: {
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Credentials": "true",
            },
            "credentials-allowed",
        ),
        (
            lambda origin: {"Access-Control-Allow-Origin": "https://portal.example"},
            "origin-closed",
        ),
    ],
    ids=["closed", "open", "reflected", "credentials", "other"],
)
def test_what_a_page_may_read(
    new_page: NewPage, book: str, elsewhere: Callable[[str], Headers], code: str
) -> None:
    page = new_page(errors=True)
    page.goto(book)
    with WebServer(jupyterhub(ALL, {}, elsewhere, False)) as hub:
        url = hub.url.replace("127.0.0.1", "localhost")
        read, read_signed_in = page.evaluate(
            """url => Promise.all(["omit", "include"].map(
                credentials => fetch(url, { credentials }).then(() => true, () => false)))""",
            f"{url}hub/api/users",
        )
        found: Examination = in_a_thread(lambda: examine(url, allow_private=True))
    codes = {each.code for each in found.findings}
    assert code in codes
    assert read is ("origin-open" in codes)
    assert read_signed_in is ("credentials-allowed" in codes)
