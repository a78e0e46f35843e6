"""The roam page: one static page whose links go to each reader's own hub.

``…/roam#<provider>/<spec>?labpath=…`` is a universal launch link. The fragment is read in the
browser only; no server ever sees what a reader opens.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

from hubroam.launchlink import LaunchLink
from hubroam.links import hub_base
from hubroam.resources import badge_image, control_modules, icon_image, web_module

_FOLDER = Path(__file__).parent
_NOWHERE = "https://hub.invalid/"  # RFC 2606; a universal link has no hub


def page(*, assets: str = "", hub: str = "") -> bytes:
    """The page.

    Args:
        assets: Where the files of `files` are served, with a slash at the end; empty for beside it.
        hub: The base path of the hub that serves it; empty on a host that is no hub.
    """
    text = (_FOLDER / "roam.html").read_text(encoding="utf-8")
    roam = f"{hub}roam" if hub else ""
    for place, value in (("__ASSETS__", assets), ("__HUB__", hub), ("__ROAM__", roam)):
        text = text.replace(place, html.escape(value))
    return text.encode()


@cache
def files() -> dict[str, bytes]:
    """All that the page loads, by name."""
    own = {name: web_module(name) for name in ("roam.js", "handler.js")}
    style = (_FOLDER / "roam.css").read_bytes()
    return {**own, **control_modules(), "roam.css": style, "favicon.svg": icon_image()}


def write(folder: Path) -> list[Path]:
    """Write the page, all that it needs, and its badge's image, for any static host.

    Args:
        folder: Made when it is missing; files of these names are replaced.

    Returns:
        What was written; the first is the page.

    Raises:
        OSError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    badge = {"badge_logo.svg": badge_image()}
    for name, content in {"index.html": page(), **files(), **badge}.items():
        path = folder / name
        path.write_bytes(content)
        written.append(path)
    return written


def universal_link(page: str, link: LaunchLink) -> str:
    """The link that opens what a launch link names on each reader's own hub.

    Args:
        page: Where a roam page is: a hub's root or its ``/roam``; a folder ``…/roam/`` or a file
            ``….html`` of a static host.
        link: The repository and the place in it; its hub does not count.

    Raises:
        LinkError: The page's address or the place is refused, or the link names no repository.
    """
    base = hub_base(page)
    # a static host's page is a folder, whose slash `hub_base` put there if it was missing
    if base.endswith(".html/") or not page.endswith("/"):
        base = base.rstrip("/")
    if not re.search(r"/(?:roam/?|[^/]+\.html)$", base):
        base = f"{base.rstrip('/')}/roam"
    return f"{base}#{replace(link, hub=_NOWHERE, kind='binder').url[len(_NOWHERE) + 3 :]}"


def read_universal_link(url: str) -> LaunchLink:
    """What a universal link names; the hub in it is none that exists.

    Raises:
        LinkError: It is no such link.
        SpecError: Its spec is none.
    """
    return LaunchLink.parse(f"{_NOWHERE}v2/{url.partition('#')[2].lstrip('/')}")
