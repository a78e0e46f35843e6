"""Files that hubroam brings along."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def web_folder() -> Path:
    """The folder of the browser's modules, ``hub-launch.js`` and those that it imports.

    They lie in the package once it is built, and beside ``src`` in a checkout.
    """
    packaged = _PACKAGE / "web"
    return packaged if packaged.is_dir() else _PACKAGE.parent.parent / "web"
