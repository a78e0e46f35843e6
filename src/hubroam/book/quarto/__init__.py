"""The launch control in Quarto's books and sites: a filter extension, as Quarto documents them.

https://quarto.org/docs/extensions/filters.html
"""

from __future__ import annotations

from pathlib import Path

from hubroam.resources import control_modules

_FOLDER = Path(__file__).parent


def files() -> dict[str, bytes]:
    """The extension's files, by their paths below the book's folder."""
    own = {name: (_FOLDER / name).read_bytes() for name in ("_extension.yml", "hubroam.lua")}
    return {
        f"_extensions/hubroam/{name}": content
        for name, content in {**own, **control_modules()}.items()
    }
