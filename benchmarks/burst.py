"""Many launches at once: when their servers are ready, in which order, and who else waits."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import psutil

from benchmarks.hubs import Ours, Session, Stock, scratch
from benchmarks.measure import document, say
from benchmarks.probe import asking

SIZES = (20, 100)
# stock JupyterHub is measured at the first size only: it takes minutes
STOCK_SIZES = SIZES[:1]
OURS, STOCK = "hubroam", "stock JupyterHub"
# Seconds between two readers, so that there is an order in which they came.
_APART = 0.002
# Seconds in which an address is asked while nothing happens.
_QUIET = 2.0
# Seconds that servers get to end.
_END = 60
_UNITS = {"failures": "launches", "places lost at most": "places", "another's answer": "ms"}


def run(runs: int) -> dict[str, Any]:
    """Measure; each round asks every hub for each number of sessions at once.

    Args:
        runs: Rounds.

    Returns:
        The benchmark's document; a launch that failed counts as a failure and in no time.
        "Another's answer" is of ``/hub/api/``, which each JupyterHub has, or of ours of
        ``/versions``, asked all the while.
    """
    values: dict[str, list[float]] = {}
    with scratch() as folder:
        ours, stock = Ours(folder / "ours"), Stock(folder / "stock")
        with ours.running(), stock.running():
            for hub, label in ((ours, OURS), (stock, STOCK)):
                with _asking(hub, label, "quiet", values):
                    time.sleep(_QUIET)
            for _ in range(runs):
                for size in SIZES:
                    _measure(ours, OURS, size, values)
                    if size in STOCK_SIZES:
                        _measure(stock, STOCK, size, values)
    pairs = {
        f"{size} at once, {mark}: stock / hubroam": (
            f"{size} at once, {mark}: {STOCK}",
            f"{size} at once, {mark}: {OURS}",
        )
        for size in STOCK_SIZES
        for mark in ("last", "another's answer, median, /hub/api/")
    }
    made = document("burst", runs, values, pairs)
    for label, row in made["results"].items():
        row["unit"] = next((unit for mark, unit in _UNITS.items() if mark in label), "s")
    return made


@contextmanager
def _asking(
    hub: Ours | Stock, label: str, when: str, values: dict[str, list[float]]
) -> Iterator[None]:
    """Ask for what others ask for while something else happens."""
    addresses = ["hub/api/", "versions"] if isinstance(hub, Ours) else ["hub/api/"]
    with ExitStack() as stack:
        answers = [stack.enter_context(asking(hub.url + address)) for address in addresses]
        yield
    for address, took in zip(addresses, answers, strict=True):
        _keep(values, f"{when}, another's answer, {{}}, /{address}: {label}", took)


def _keep(values: dict[str, list[float]], label: str, answers: list[float]) -> None:
    """Keep the median and the 99th percentile of one round's answers."""
    percentiles = statistics.quantiles(answers, n=100)
    values.setdefault(label.format("median"), []).append(statistics.median(answers))
    values.setdefault(label.format("99th percentile"), []).append(percentiles[98])


def _measure(hub: Ours | Stock, label: str, size: int, values: dict[str, list[float]]) -> None:
    with _asking(hub, label, f"{size} at once", values):
        found = asyncio.run(_burst(hub, size))
    ready = [(at, number, session) for number, (at, session) in enumerate(found) if session]
    if not ready:
        raise RuntimeError(f"{label}: none of {size} launches came to be ready")
    seconds = [at for at, _, _ in ready]
    order = [number for _, number, _ in sorted(ready, key=lambda each: each[0])]
    marks = {
        "first": min(seconds),
        "median": statistics.median(seconds),
        "last": max(seconds),
        "failures": float(size - len(ready)),
        "places lost at most": float(max(at - number for at, number in enumerate(order))),
    }
    for mark, value in marks.items():
        values.setdefault(f"{size} at once, {mark}: {label}", []).append(value)
    say(f"{label}, {size} at once: " + ", ".join(f"{k} {v:.1f}" for k, v in marks.items()))
    servers = hub.servers()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Session.end, (session for _, _, session in ready)))
    psutil.wait_procs(servers, timeout=_END)  # what they still do must not meet the next round


async def _burst(hub: Ours | Stock, size: int) -> list[tuple[float, Session | None]]:
    """Launch for so many readers; returns, for each, when their server was ready."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=None, limits=limits) as client:
        began = time.monotonic()

        async def one() -> tuple[float, Session | None]:
            session = None
            try:
                session = await hub.launch(client)
            except Exception as error:
                say(repr(error))
            return time.monotonic() - began, session

        tasks = []
        for _ in range(size):
            tasks.append(asyncio.create_task(one()))
            await asyncio.sleep(_APART)
        return list(await asyncio.gather(*tasks))
