"""The roam page: one static page whose links go to each reader's own hub.

``…/roam#<provider>/<spec>?labpath=…`` is a universal launch link. The fragment is read in the
browser only; no server ever sees what a reader opens. Beside it are a bookmarklet and a user
script, which go there from pages of books that have no such link.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

from hubroam import __version__
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


def bookmarklet_page(*, roam: str = "", user_script: bool = False) -> bytes:
    """The page that gives readers the bookmarklet.

    Args:
        roam: The path of the roam page; empty for beside it.
        user_script: Whether ``hubroam.user.js`` is beside it.
    """
    text = (_FOLDER / "bookmarklet.html").read_text(encoding="utf-8")
    text = text.replace("__ROAM__", html.escape(roam))
    return text.replace(" __USER_SCRIPT__", "" if user_script else " hidden").encode()


def user_script(roam: str) -> bytes:
    """The user script: a command in the menu of the extension that runs it.

    Args:
        roam: The roam page's whole address.

    Raises:
        LinkError: It is none.
    """
    hub_base(roam)
    name = "Open this page on my hub"
    head = {
        "name": name,
        "namespace": roam,
        "version": __version__,
        "match": "*://*/*",
        "grant": "GM_registerMenuCommand",
        "noframes": "",
    }
    lines = [f"// @{key} {value}".rstrip() for key, value in head.items()]
    call = f"GM_registerMenuCommand({json.dumps(name)},()=>openPage({json.dumps(roam)}))"
    body = f"(()=>{{{_open_page()};{call}}})();"
    return "\n".join(["// ==UserScript==", *lines, "// ==/UserScript==", body, ""]).encode()


def _open_page() -> str:
    """What bookmarklet and user script run: no module, since neither can be one."""
    return web_module("open-page.js").decode().replace("export async function", "async function")


@cache
def files() -> dict[str, bytes]:
    """All that the pages load, by name."""
    own = {name: web_module(name) for name in ("roam.js", "handler.js", "bookmarklet.js")}
    script = {"open-page.js": _open_page().encode()}
    style = (_FOLDER / "roam.css").read_bytes()
    images = {"favicon.svg": icon_image()}
    return {**own, **control_modules(), **script, "roam.css": style, **images}


def write(folder: Path, address: str = "") -> list[Path]:
    """Write the pages, all that they need, and the badge's image, for any static host.

    Args:
        folder: Made when it is missing; files of these names are replaced.
        address: Where the folder will be served; the user script is written only if that is known,
            since it runs elsewhere.

    Returns:
        What was written; the first is the page.

    Raises:
        LinkError: The address is none.
        OSError: The folder cannot be written.
    """
    pages = {
        "index.html": page(),
        "bookmarklet.html": bookmarklet_page(user_script=bool(address)),
    }
    if address:
        pages["hubroam.user.js"] = user_script(hub_base(address))
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    badge = {"badge_logo.svg": badge_image()}
    for name, content in {**pages, **files(), **badge}.items():
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
