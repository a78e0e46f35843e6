"""The web server of the sample book: an origin that knows nothing of any hub."""

from __future__ import annotations

from pathlib import Path

from tornado.web import Application, HTTPError, RequestHandler, StaticFileHandler

from hubroam.demo.repository import BOOK
from hubroam.resources import web_module


class PageHandler(RequestHandler):
    """The book's pages, with the addresses of this run filled in."""

    def initialize(self, values: dict[str, str]) -> None:
        """Take what the pages' placeholders stand for."""
        self._values = values

    def get(self, name: str) -> None:
        """Answer with a page; the folder's ``index.html`` when none is named."""
        page = BOOK / (name or "index.html")
        if not page.is_file():
            raise HTTPError(404)
        text = page.read_text(encoding="utf-8")
        for placeholder, value in self._values.items():
            text = text.replace(placeholder, value)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(text)


class ModuleHandler(RequestHandler):
    """The modules of the launch control, as a book would bring them along."""

    def get(self, name: str) -> None:
        """Answer with a module."""
        try:
            module = web_module(name)
        except KeyError:
            raise HTTPError(404) from None
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.finish(module)


def book_application(repository: Path, book_url: str, hub_url: str) -> Application:
    """The sample book.

    Args:
        repository: The bare repository to be cloned from ``<book_url>book.git``.
        book_url: Where the book is served; ends in a slash.
        hub_url: The hub that the book suggests to its readers.
    """
    values = {
        "__HUBROAM_WEB__": "web",
        "__HUBROAM_REPOSITORY__": f"{book_url}{repository.name}",
        "__HUBROAM_HUB__": hub_url,
    }
    return Application(
        [
            (r"/web/(.*\.js)", ModuleHandler),
            (rf"/{repository.name}/(.*)", StaticFileHandler, {"path": repository}),
            (r"/((?:[\w-]+\.html)?)", PageHandler, {"values": values}),
            (r"/([\w./-]+\.(?:css|svg|png))", StaticFileHandler, {"path": BOOK}),
        ]
    )
