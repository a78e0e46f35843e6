"""From click to a kernel's first answer: ours warm, ours cold, stock JupyterHub."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks.hubs import Ours, Session, Stock, scratch
from benchmarks.measure import document, in_turn, say

COLD = "c.SessionSpawner.warm = False\nc.SessionSpawner.first_kernel_spare = -1\n"


def run(runs: int) -> dict[str, Any]:
    """Measure; each round launches once on each hub, whose recipe is built.

    Args:
        runs: Rounds.

    Returns:
        The benchmark's document.
    """
    with scratch() as folder:
        warm, cold = Ours(folder / "warm"), Ours(folder / "cold", COLD)
        stock = Stock(folder / "stock")
        with warm.running(), cold.running(), stock.running():
            launches = in_turn(
                {
                    "launch: warm": lambda: _measure("warm", warm.session),
                    "launch: cold": lambda: _measure("cold", cold.session),
                    "launch: stock JupyterHub": lambda: _measure("stock", stock.session),
                },
                runs,
            )
    pairs = {
        "launch, stock / warm": ("launch: stock JupyterHub", "launch: warm"),
        "launch, cold / warm": ("launch: cold", "launch: warm"),
        "launch, stock / cold": ("launch: stock JupyterHub", "launch: cold"),
    }
    return document("launch", runs, launches, pairs)


def _measure(label: str, start: Callable[[], Session]) -> float:
    began = time.monotonic()
    session = start()
    ready = time.monotonic() - began
    session.first_answer()
    seconds = time.monotonic() - began
    session.end()
    say(f"{label}: {seconds:.2f} s, server ready after {ready:.2f} s")
    return seconds
