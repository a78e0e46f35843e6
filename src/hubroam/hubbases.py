"""Where a hub may be, from what people paste; ``web/inquiry.js`` is the same in a browser."""

from __future__ import annotations

import re

import idna

from hubroam.addresses import check_text, split_url
from hubroam.errors import LinkError
from hubroam.links import hub_base

_LOOPBACK = re.compile(r"localhost|.*\.localhost|127(?:\.\d+){3}|\[?::1\]?", re.IGNORECASE)
# A hub's inner pages; what stands before them is its base.
_INNER = re.compile(
    r"(?P<root>.*?)/(?:(?:hub|user|v2|build|versions|roam|repo|badge_logo\.svg|badge\.svg)(?:/.*)?"
    r"|services(?:/(?P<service>[^/]*).*)?)"
)
# Pages of Jupyter's applications; a hub may as well be at a path of such a name.
_PAGE = re.compile(
    r"(?P<root>.*?)/(?:lab|tree|notebooks|edit|consoles|repl|retro|doc|login|api)(?:/.*)?"
)
_FILE = re.compile(r"/[^/]*\.[A-Za-z0-9]+")


def hub_bases(text: str) -> list[str]:
    """Where a hub may be, from what people paste.

    Args:
        text: With a scheme or without; an inner page such as ``/hub/home``, ``/user/me/lab`` or
            ``/v2/gh/…``; a host in any script.

    Returns:
        Base URLs, the most likely first: at most three.

    Raises:
        LinkError: It is no address, or holds a password.
    """
    typed = text.strip()
    check_text(typed, LinkError)
    has_scheme = re.match(r"[a-z][a-z0-9+.-]*://", typed, re.IGNORECASE)
    parts = split_url(typed if has_scheme else f"https://{typed}")
    if parts is None:
        raise LinkError(
            "This is not the address of a website.",
            next_step="Paste the address of your hub, such as https://hub.example.org.",
        )
    host = parts.host if parts.host.isascii() else _in_ascii(parts.host)
    scheme = parts.scheme if has_scheme or not is_loopback(host) else "http"
    user = f"{parts.userinfo}@" if parts.userinfo is not None else ""
    port = f":{parts.port}" if parts.port else ""
    if (scheme, parts.port) in (("https", "443"), ("http", "80")):
        port = ""
    path = re.split(r"[?#]", parts.path, maxsplit=1)[0].rstrip("/")
    bases = [hub_base(f"{scheme}://{user}{host}{port}{place}") for place in _places(path)]
    return list(dict.fromkeys(bases))


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine's own, where browsers ask for no https."""
    return _LOOPBACK.fullmatch(host) is not None


def _places(path: str) -> list[str]:
    if inner := _INNER.fullmatch(path):
        root, service = inner["root"], inner["service"]
        return [root, f"{root}/services/{service}"] if service else [root]
    page = _PAGE.fullmatch(path)
    name = path.rfind("/")
    whole = path[:name] if name >= 0 and _FILE.fullmatch(path[name:]) else path
    return [*([page["root"]] if page else []), whole, ""]


def _in_ascii(host: str) -> str:
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return host  # `hub_base` says what is wrong
