"""Files that hubroam brings along."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import rcssmin
import rjsmin

_PACKAGE = Path(__file__).parent
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([a-z-]+\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const|class|function|async)", re.MULTILINE)
_STYLE = re.compile(r"(?<=const style = )`([^`]*)`")


def web_folder() -> Path:
    """The folder of the browser's modules, ``hub-launch.js`` and those that it imports.

    They lie in the package once it is built, and beside ``src`` in a checkout.
    """
    packaged = _PACKAGE / "web"
    return packaged if packaged.is_dir() else _PACKAGE.parent.parent / "web"


def web_modules() -> list[str]:
    """The names of the browser's modules."""
    return sorted(path.name for path in web_folder().glob("*.js"))


@cache
def web_module(name: str) -> bytes:
    """A module as readers load it: in one piece with all that it imports, and small.

    Each import would be a round trip more, and comments and layout are half of the text. The
    modules import each other by name only, and no two of them use one name for two things, so they
    can stand in one file as they are; a module that is imported while the page runs stays apart.

    Args:
        name: One of `web_modules`.

    Raises:
        KeyError: There is no such module.
    """
    if name not in web_modules():
        raise KeyError(name)
    *needed, own = _with_imports(name, [])
    return "\n".join(
        [*(_small(_EXPORT.sub("", _text(each))) for each in needed), _small(_text(own))]
    ).encode()


def _with_imports(name: str, before: list[str]) -> list[str]:
    """The module and those that it needs and are not there yet, each after those that it needs."""
    for needed in _IMPORT.findall(_text(name)):
        if needed not in before:
            before = _with_imports(needed, before)
    return [*before, name]


def _small(text: str) -> str:
    text = _IMPORT.sub("", text)
    text = _STYLE.sub(lambda css: f"`{rcssmin.cssmin(css[1])}`", text)
    return re.sub(r"[;,](?=[}\])])", "", rjsmin.jsmin(text))  # no module has that in a string


def _text(name: str) -> str:
    return (web_folder() / name).read_text(encoding="utf-8")


def control_modules() -> dict[str, bytes]:
    """What a page with a launch control may load, by name, all languages too."""
    languages = [name for name in web_modules() if name.startswith(("lang-", "live-lang-"))]
    return {name: web_module(name) for name in ("hub-launch.js", "hub-live.js", *languages)}


def badge_image() -> bytes:
    """The image of launch badges, an SVG of 109 by 20 pixels."""
    return (_PACKAGE / "binder" / "static" / "badge_logo.svg").read_bytes()


def icon_image() -> bytes:
    """The icon of our pages, an SVG."""
    return (_PACKAGE / "binder" / "static" / "favicon.svg").read_bytes()
