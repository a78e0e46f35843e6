"""The system's Firefox, driven by WebDriver BiDi: https://w3c.github.io/webdriver-bidi/

Playwright drives a Firefox of its own only, and geckodriver is in no package registry; Firefox
itself speaks this protocol over a websocket, and a few of its commands are all that tests need.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import websocket

from support.logged import LoggedProgram

PROGRAM = shutil.which("firefox-esr")

# Whatever it would ask of other machines goes to a port where nobody is.
_PREFERENCES = """
user_pref("network.proxy.type", 1);
user_pref("network.proxy.http", "127.0.0.1");
user_pref("network.proxy.http_port", 9);
user_pref("network.proxy.ssl", "127.0.0.1");
user_pref("network.proxy.ssl_port", 9);
"""
_ENTER = "\ue007"
_PATIENCE = 90  # seconds

# Calls back once a condition holds; each change of the document is an event.
_UNTIL = """new Promise((done) => {
  const look = () => {
    const found = (%s);
    if (found) done(found);
    return found;
  };
  if (look()) return;
  new MutationObserver(look).observe(document, {
    subtree: true, childList: true, attributes: true, characterData: true,
  });
})"""


class Firefox:
    """Runs without a window while the context lasts.

    Args:
        folder: For its profile.
        whole: Whether its own window can be driven too, with its bookmarks, menus and bars.
    """

    def __init__(self, folder: Path, *, whole: bool = False) -> None:
        assert PROGRAM
        (folder / "user.js").write_text(_PREFERENCES)
        options = ["--headless", "--no-remote", "--profile", str(folder)]
        if whole:
            options.append("--remote-allow-system-access")
        self._program = LoggedProgram(
            [PROGRAM, *options, "--remote-debugging-port=0", "about:blank"],
            ready="WebDriver BiDi listening on",
            folder=folder,
            environment={**os.environ, "HOME": str(folder)},
        )
        self._number = 0
        self._events: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        self._program.__enter__()
        address = re.search(r"BiDi listening on (ws://\S+)", self._program.log.read_text())
        assert address
        self._socket = websocket.create_connection(
            f"{address[1]}/session", suppress_origin=True, timeout=_PATIENCE
        )
        self.call("session.new", capabilities={})
        self.call(
            "session.subscribe", events=["browsingContext.contextCreated", "browsingContext.load"]
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._program.__exit__()

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command; returns its result."""
        self._number += 1
        number = self._number
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                assert message["type"] == "success", message
                return message["result"]
            self._events.append(message)

    def wait_for(self, method: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first event of a kind that is wanted, of those that nobody has taken yet."""
        while True:
            for number, event in enumerate(self._events):
                if event.get("method") == method and wanted(event["params"]):
                    return self._events.pop(number)["params"]
            self._events.append(json.loads(self._socket.recv()))

    def new_tab(self) -> Tab:
        """Open a tab."""
        tab = Tab(self, self.call("browsingContext.create", type="tab")["context"])
        self._events.clear()
        return tab

    def window(self) -> Tab:
        """Its own window, which is a document as a tab's is."""
        tree = self.call("browsingContext.getTree", **{"moz:scope": "chrome"})
        return Tab(self, tree["contexts"][0]["context"])

    def opened_tab(self) -> Tab:
        """The tab that a page opens, now or soon."""
        event = self.wait_for(
            "browsingContext.contextCreated", lambda each: each.get("parent") is None
        )
        return Tab(self, event["context"])


class Tab:
    """One tab."""

    def __init__(self, firefox: Firefox, context: str) -> None:
        self._firefox = firefox
        self._context = context

    def goto(self, url: str) -> None:
        """Open an address, and wait until it is loaded."""
        self._firefox.call(
            "browsingContext.navigate", context=self._context, url=url, wait="complete"
        )

    def wait_for_url(self, start: str) -> str:
        """Wait until a page is loaded whose address begins so; returns the address."""
        return self._firefox.wait_for(
            "browsingContext.load",
            lambda each: each["context"] == self._context and each["url"].startswith(start),
        )["url"]

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; of a promise, what it comes to."""
        result = self._firefox.call(
            "script.evaluate",
            expression=f"(async () => JSON.stringify((await ({expression})) ?? null))()",
            awaitPromise=True,
            target={"context": self._context},
        )
        assert result["type"] == "success", result
        return json.loads(result["result"]["value"])

    def wait_until(self, condition: str) -> Any:
        """Wait until an expression is true in the page; returns its value."""
        return self.evaluate(_UNTIL % condition)

    def click(self, element: str) -> None:
        """Press the mouse's button on the element that an expression gives."""
        box = self.evaluate(f"({element}).getBoundingClientRect()")
        x, y = round(box["x"] + box["width"] / 2), round(box["y"] + box["height"] / 2)
        press = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        self._act("pointer", [{"type": "pointerMove", "x": x, "y": y}, *press])

    def type(self, text: str, *, enter: bool = False) -> None:
        """Press keys, at last perhaps Enter."""
        keys = [*text, *([_ENTER] if enter else [])]
        self._act("key", [{"type": t, "value": k} for k in keys for t in ("keyDown", "keyUp")])

    def _act(self, device: str, actions: list[dict[str, Any]]) -> None:
        self._firefox.call(
            "input.performActions",
            context=self._context,
            actions=[{"type": device, "id": device, "actions": actions}],
        )
