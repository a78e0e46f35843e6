"""Many launches at once: when the first, the median and the last of their servers are ready."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks.hubs import Ours, Session, Stock, scratch
from benchmarks.measure import document, say

SIZES = (20, 100)
# stock JupyterHub is measured at the first size only: it takes minutes
STOCK_SIZES = SIZES[:1]
MARKS = ("first", "median", "last", "failures")


def run(runs: int) -> dict[str, Any]:
    """Measure; each round asks every hub for each number of sessions at once.

    Args:
        runs: Rounds.

    Returns:
        The benchmark's document; a launch that failed counts as a failure and in no time.
    """
    values: dict[str, list[float]] = {}
    with scratch() as folder:
        ours, stock = Ours(folder / "ours"), Stock(folder / "stock")
        with ours.running(), stock.running():
            for _ in range(runs):
                for size in SIZES:
                    _measure(ours, "hubroam", size, values)
                    if size in STOCK_SIZES:
                        _measure(stock, "stock JupyterHub", size, values)
    pairs = {
        f"{size} at once, last: stock / hubroam": (
            f"{size} at once, last: stock JupyterHub",
            f"{size} at once, last: hubroam",
        )
        for size in STOCK_SIZES
    }
    made = document("burst", runs, values, pairs)
    for label, row in made["results"].items():
        if "failures" in label:
            row["unit"] = "launches"
    return made


def _measure(hub: Ours | Stock, label: str, size: int, values: dict[str, list[float]]) -> None:
    began = time.monotonic()

    def one() -> tuple[float, Session]:
        session = hub.session()
        return time.monotonic() - began, session

    seconds, failures = [], 0
    with ThreadPoolExecutor(size) as pool:
        futures = [pool.submit(one) for _ in range(size)]
        sessions = []
        for future in futures:
            try:
                took, session = future.result()
            except Exception as error:
                say(f"{label}: {error!r}")
                failures += 1
            else:
                seconds.append(took)
                sessions.append(session)
        for _ in pool.map(Session.end, sessions):
            pass
    if not seconds:
        raise RuntimeError(f"{label}: none of {size} launches came to be ready")
    marks = (min(seconds), statistics.median(seconds), max(seconds), float(failures))
    for mark, value in zip(MARKS, marks, strict=True):
        values.setdefault(f"{size} at once, {mark}: {label}", []).append(value)
    say(f"{label}, {size} at once: last after {marks[2]:.1f} s, {failures} failures")
