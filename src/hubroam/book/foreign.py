"""Find the Binder spec of a page of any published book, by what the book publishes."""

from __future__ import annotations

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from hubroam.addresses import check_host, check_text, split_url
from hubroam.asker import Asker, NoReply, Reply
from hubroam.book.published import Element, Found, read_page
from hubroam.errors import LinkError, NoRepositoryNamed, PageUnreachable, PrivateAddress
from hubroam.launchlink import LaunchLink
from hubroam.spec import BinderSpec

TIME_LIMIT = 20.0
"""Seconds for each question to a page's host."""

_PAGE = 2**23  # bytes; figures stand in pages, and links behind them
_GIT = "application/x-git-upload-pack-advertisement"
_REFRESH = re.compile(r"\s*\d+\s*[;,]\s*url\s*=\s*[\"']?([^\"'\s]+)", re.IGNORECASE)
_LACKS = {
    "path": "The page does not say which notebook of the repository it is: --path names one.",
    "notebook": "The page's source is a text; it opens as a notebook only if it is written as one.",
    "choice": "The page names other repositories as well; this is the first of them.",
}


@dataclass(frozen=True)
class ForeignLaunch:
    """What an address launches.

    Attributes:
        launch: Repository and place; the hub in it is none that exists.
        page: Where the page is; the address itself when git answered there.
        found_by: A word of `hubroam.book.published`, or ``git``.
        notes: What was not found, in sentences for people.
    """

    launch: LaunchLink
    page: str
    found_by: str
    notes: tuple[str, ...] = ()


def find_launch(url: str, *, allow_private: bool = False) -> ForeignLaunch:
    """Ask an address which repository it is from; also from where an event loop runs.

    An address at which git answers is a repository, whatever else is there; else its page is read.

    Args:
        url: An http or https URL.
        allow_private: Whether addresses that are not of the public internet may be asked.

    Raises:
        LinkError: It is no such URL, or holds credentials.
        PageUnreachable: Nothing answers, or no page.
        PrivateAddress: It leads into a private network.
        NoRepositoryNamed: The page does not say where it is from.
    """
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _find(url, allow_private)).result()


async def _find(url: str, allow_private: bool) -> ForeignLaunch:
    url = url.partition("#")[0]
    check_text(url, LinkError)
    parts = split_url(url)
    if parts is None or parts.scheme not in ("http", "https"):
        raise LinkError("It is not a web address.", next_step="Copy it from the address bar.")
    check_host(parts, LinkError)
    async with Asker(allow_private=allow_private, timeout=TIME_LIMIT) as asker:
        if "?" not in url and await _is_git(asker, url):
            return ForeignLaunch(
                LaunchLink("https://hub.invalid/", "binder", BinderSpec("git", url, "HEAD")),
                url,
                "git",
            )
        page = await _page(asker, url)
        elements = page_elements(page.body)
        if onward := _refresh(page.url, elements):
            page = await _page(asker, onward)
            elements = page_elements(page.body)
        found = await read_page(page.url, elements, _Documents(asker, page.url).ask)
    if found is None:
        raise NoRepositoryNamed(
            "Nothing on this page says which repository it is from.",
            next_step="Give the repository's address, or a Binder spec such as gh/user/repo/HEAD.",
        )
    return _told(page.url, found)


def _told(url: str, found: Found) -> ForeignLaunch:
    return ForeignLaunch(
        found.launch, url, found.found_by, tuple(_LACKS[each] for each in found.lacks)
    )


async def _is_git(asker: Asker, url: str) -> bool:
    """Whether git's smart protocol is spoken: https://git-scm.com/docs/http-protocol."""
    try:
        address = f"{url.rstrip('/')}/info/refs?service=git-upload-pack"
        reply = await asker.ask(address, read=False)
    except NoReply:
        return False  # the page's own question tells why
    return reply.status == 200 and reply.headers.get("content-type", "").startswith(_GIT)


async def _page(asker: Asker, url: str) -> Reply:
    try:
        reply = await asker.ask(url, headers={"Accept": "text/html"}, limit=_PAGE)
    except NoReply as error:
        if error.reason == "private":
            raise PrivateAddress(
                "The address leads into a private network.",
                next_step="Ask there all the same with --allow-private, if you know who is there.",
            ) from None
        raise PageUnreachable(_REASONS[error.reason], next_step=_NEXT_STEP) from None
    if reply.status != 200:
        raise PageUnreachable(
            f"The address answers with status {reply.status}.", next_step=_NEXT_STEP
        )
    if "html" not in reply.headers.get("content-type", ""):
        raise PageUnreachable("There is no web page at the address.", next_step=_NEXT_STEP)
    return reply


_NEXT_STEP = (
    "Check the address in a browser; a repository to clone is given with .git at its end, or as a "
    "Binder spec."
)
_REASONS = {
    "unreachable": "Nothing answers at the address.",
    "timeout": "The address does not answer in time.",
    "certificate": "The certificate of the address is not trusted.",
    "loop": "The address sends its visitors round and round.",
}


class _Documents:
    """JSON beside a page, each asked for once and at the page's own origin only."""

    def __init__(self, asker: Asker, page: str) -> None:
        self._asker = asker
        self._origin = "/".join(page.split("/", 3)[:3])

    async def ask(self, url: str) -> Any:
        if not url.startswith(f"{self._origin}/"):
            return None
        try:
            reply = await self._asker.ask(url, limit=_PAGE)
            return json.loads(reply.body) if reply.status == 200 else None
        except (NoReply, ValueError, RecursionError):
            return None


def page_elements(body: bytes) -> list[Element]:
    """The elements of a page that tell of launches."""
    text = body.decode("utf-8", "replace").replace("\0", "")
    # lxml reads bytes: a text may not declare its encoding
    tree = etree.HTML(text.encode(), etree.HTMLParser(encoding="utf-8"))
    if tree is None:
        return []
    return [
        Element(str(each.tag), {str(name): str(value) for name, value in each.attrib.items()})
        for each in tree.iter("hub-launch", "meta", "a", "link")
    ]


def _refresh(url: str, elements: list[Element]) -> str | None:
    """Where a page sends its readers at once, as the first page of a Jupyter Book 1 does."""
    for element in elements:
        if element.attributes.get("http-equiv", "").lower() == "refresh":
            found = _REFRESH.match(element.attributes.get("content", ""))
            onward = urljoin(url, found[1]) if found else ""
            return onward if re.match(r"https?://", onward) else None
    return None
