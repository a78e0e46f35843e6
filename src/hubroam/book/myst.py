"""The plugin for MyST and Jupyter Book 2: one file beside ``myst.yml``, named in it.

``web/myst-plugin.js`` says what it does. The launch control travels in it as a text, which the
plugin writes into the book's ``_build`` for MyST to copy into the site: so a book needs nothing
from the network, and its author keeps one file.
"""

from __future__ import annotations

import json
from functools import cache

from hubroam.resources import web_module

PLUGIN = "hubroam.mjs"
"""The plugin's file name; MyST wants the ending."""

_WIDGET = b'"__WIDGET__"'


@cache
def plugin() -> bytes:
    """The plugin, in one file, for ``project: {plugins: [hubroam.mjs]}``."""
    text = web_module("myst-plugin.js")
    widget = web_module("hub-widget.js").decode()
    before, place, after = text.partition(_WIDGET)
    if not place:
        raise AssertionError("web/myst-plugin.js has no place for the control")
    return before + json.dumps(widget).encode() + after
