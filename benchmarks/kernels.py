"""The kernels that come after a session's first: of a second notebook, and after a restart."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from benchmarks.hubs import Ours, Session, Stock, scratch
from benchmarks.measure import document, in_turn, say

# Seconds in which a reader reads: as long as it takes until an interpreter waits.
READING = 4.0


def run(runs: int) -> dict[str, Any]:
    """Measure; each round has a session of its own on each hub.

    Args:
        runs: Rounds.

    Returns:
        The benchmark's document.
    """
    with scratch() as folder:
        ours = Ours(folder / "ours")
        without = Ours(folder / "without", "c.SessionSpawner.warm_kernel_memory = 0\n")
        stock = Stock(folder / "stock")
        with ours.running(), without.running(), stock.running():
            hubs = {"warm": ours, "none warm": without, "stock JupyterHub": stock}
            seconds = in_turn(
                {
                    f"{what}: {label}": _measurement(f"{what}: {label}", hub.session, measure)
                    for what, measure in (("second kernel", _second), ("restart", _restart))
                    for label, hub in hubs.items()
                },
                runs,
            )
    pairs = {
        f"{what}, {peer} / warm": (f"{what}: {peer}", f"{what}: warm")
        for what in ("second kernel", "restart")
        for peer in ("none warm", "stock JupyterHub")
    }
    return document("kernels", runs, seconds, pairs)


def _second(session: Session, _: str) -> None:
    session.first_answer("another.ipynb")


def _restart(session: Session, kernel: str) -> None:
    session.restart(kernel)


def _measurement(
    label: str, start: Callable[[], Session], measure: Callable[[Session, str], None]
) -> Callable[[], float]:
    def seconds() -> float:
        session = start()
        kernel = session.first_answer()
        time.sleep(READING)
        began = time.monotonic()
        measure(session, kernel)
        took = time.monotonic() - began
        session.end()
        say(f"{label}: {took:.2f} s")
        return took

    return seconds
