"""The roam page: one static page whose links go to each reader's own hub.

``…/roam#<provider>/<spec>?labpath=…`` is a universal launch link. The fragment is read in the
browser only; no server ever sees what a reader opens.
"""

from __future__ import annotations

import html
from functools import cache
from pathlib import Path

from hubroam.resources import web_module, web_modules

_FOLDER = Path(__file__).parent


def page(*, assets: str = "", hub: str = "", name: str = "") -> bytes:
    """The page.

    Args:
        assets: Where the files of `files` are served, with a slash at the end; empty for beside it.
        hub: The base path of the hub that serves it; empty on a host that is no hub.
        name: What readers know that hub by.
    """
    text = (_FOLDER / "roam.html").read_text(encoding="utf-8")
    for place, value in (("__ASSETS__", assets), ("__HUB__", hub), ("__NAME__", name)):
        text = text.replace(place, html.escape(value))
    return text.encode()


@cache
def files() -> dict[str, bytes]:
    """All that the page loads, by name."""
    names = [
        "roam.js",
        "hub-launch.js",
        *(name for name in web_modules() if name.startswith("lang-")),
    ]
    style = (_FOLDER / "roam.css").read_bytes()
    return {**{name: web_module(name) for name in names}, "roam.css": style}


def write(folder: Path) -> list[Path]:
    """Write the page and all that it needs, for any static host.

    Args:
        folder: Made when it is missing; files of these names are replaced.

    Returns:
        What was written; the first is the page.

    Raises:
        OSError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in {"index.html": page(), **files()}.items():
        path = folder / name
        path.write_bytes(content)
        written.append(path)
    return written
