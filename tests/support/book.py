"""A book's site with the launch control on its pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from hubroam.resources import web_module, web_modules
from support.website import OPEN, Answer

SCRIPT = '<script type="module" src="hub-launch.js"></script>'
CONTROL = '<hub-launch repo="ada/book" ref="main" path="a b.ipynb"></hub-launch>'
# Its colours are the page's own, not the browser's: a checker of contrasts knows no others.
STYLE = """
:root { color-scheme: light dark }
:root { color: light-dark(#222, #eee); background: light-dark(#fff, #111) }
body { font-family: system-ui, sans-serif }
main { max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
"""


@dataclass
class Book:
    """What the pages of a site are; give it to `Website` as its answers.

    Attributes:
        pages: Bodies, by path.
        html: The attributes of ``<html>``.
        headers: The headers of every page.
        style: The pages' style sheet; empty for none.
    """

    pages: dict[str, str] = field(default_factory=dict)
    html: str = 'lang="en"'
    headers: dict[str, str] = field(default_factory=dict)
    style: str = STYLE

    def __call__(self, path: str) -> Answer | None:
        """The answer to a path."""
        name = path.removeprefix("/")
        if name in web_modules():
            # open, as static hosts have it: a page in a sandbox is an origin of its own
            return Answer(web_module(name), "text/javascript; charset=utf-8", OPEN)
        if path == "/book.css":
            return Answer(self.style, "text/css")
        body = self.pages.get(path)
        if body is None:
            return None
        return Answer(
            f'<!doctype html><html {self.html}><meta charset="utf-8"><title>A book</title>'
            '<meta name="viewport" content="width=device-width">'
            '<meta name="color-scheme" content="light dark">'
            f'<link rel="icon" href="data:,">{SCRIPT}'
            + ('<link rel="stylesheet" href="book.css">' if self.style else "")
            + f"<main><h1>A chapter</h1>{body}</main></html>",
            headers=self.headers,
        )
