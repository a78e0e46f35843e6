"""A session's page in Chromium: how long, how many requests and bytes until its kernel is idle."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, sync_playwright

from benchmarks.hubs import NOTEBOOK, Ours, Session, Stock, scratch
from benchmarks.measure import document, say

sys.path.append(str(Path(__file__).parent.parent / "tests"))

from browser.conftest import launch_chromium

# as before: each session's JupyterLab has an address of its own
_OWN = 'c.SessionSpawner.lab_url = ""\n'
# a browser without a cookie opens it
_BY_TOKEN = 'c.Spawner.environment = {"JUPYTERHUB_ALLOW_TOKEN_IN_URL": "1"}\n'
_IDLE = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
_PATIENCE = 120_000  # milliseconds
# A reader's network, as Chromium emulates it: milliseconds, and bytes a second (20 and 5 Mbit/s).
_NETWORK = {
    "offline": False,
    "latency": 20,
    "downloadThroughput": 2_500_000,
    "uploadThroughput": 625_000,
}
_UNITS = {"seconds": "s", "requests": "", "megabytes": "MB"}


def run(runs: int) -> dict[str, Any]:
    """Measure; each round opens two sessions of each hub, one after the other, in a new browser.

    Args:
        runs: Rounds.

    Returns:
        The benchmark's document; the time begins when the session's page is opened, over a
        network as readers have it.
    """
    values: dict[str, list[float]] = {}
    labels = ("hubroam", "hubroam, files by session", "stock JupyterHub")
    with scratch() as folder, ExitStack() as stack:
        hubs = (
            Ours(folder / "ours"),
            Ours(folder / "own", _OWN),
            Stock(folder / "stock", _BY_TOKEN),
        )
        for hub in hubs:
            stack.enter_context(hub.running())
        browser = launch_chromium(stack.enter_context(sync_playwright()))
        stack.callback(browser.close)
        for _ in range(runs):
            for hub, label in zip(hubs, labels, strict=True):
                context = browser.new_context()
                for visit in ("first session", "second session"):
                    session = hub.session()
                    found = _open(context, session)
                    session.end()
                    say(f"{label}, {visit}: {found}")
                    for mark, value in found.items():
                        values.setdefault(f"{visit}, {mark}: {label}", []).append(value)
                context.close()
    pairs = {
        f"{visit}, {mark}: {peer} / hubroam": (
            f"{visit}, {mark}: {peer}",
            f"{visit}, {mark}: {ours}",
        )
        for ours in labels[:1]
        for peer in labels[1:]
        for visit in ("first session", "second session")
        for mark in ("seconds", "megabytes")
    }
    made = document("page", runs, values, pairs)
    for label, row in made["results"].items():
        row["unit"] = next(unit for mark, unit in _UNITS.items() if mark in label)
    return made


def _open(context: BrowserContext, session: Session) -> dict[str, float]:
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    protocol.send("Network.enable")
    protocol.send("Network.emulateNetworkConditions", _NETWORK)
    sent: list[float] = []
    protocol.on("Network.loadingFinished", lambda event: sent.append(event["encodedDataLength"]))
    began = time.monotonic()
    page.goto(f"{session.url}lab/tree/{NOTEBOOK}?token={session.token}")
    page.wait_for_selector(_IDLE, timeout=_PATIENCE)
    seconds = time.monotonic() - began
    page.close()
    # what comes from the browser's own cache has no bytes
    network = [size for size in sent if size]
    return {"seconds": seconds, "requests": len(network), "megabytes": sum(network) / 1e6}
