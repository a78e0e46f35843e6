"""Memory of idle sessions: the proportional set size (PSS) of each server, ours and stock's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psutil

from benchmarks.hubs import Ours, Stock, scratch
from benchmarks.measure import document, say

SIZES = (1, 10, 50)
# a kernel is not part of a server
NO_KERNELS = "c.SessionSpawner.first_kernel_spare = -1\n"
_MIB = 1 << 20


def run(runs: int) -> dict[str, Any]:
    """Measure; at each size every server is one value.

    Args:
        runs: Not used: servers, not rounds, are what is measured again and again.

    Returns:
        The benchmark's document; ``with parent`` counts the warm parent's memory to the servers.
    """
    values: dict[str, list[float]] = {}
    pairs = {}
    with scratch() as folder:
        ours, stock = Ours(folder / "ours", NO_KERNELS), Stock(folder / "stock")
        with ours.running(), stock.running():
            for size in SIZES:
                mine = _memory(ours, size)
                parent = sum(_pss(process) for process in ours.parents()) / size
                values[f"{size} sessions: hubroam"] = mine
                values[f"{size} sessions: hubroam, with parent"] = [one + parent for one in mine]
                values[f"{size} sessions: stock JupyterHub"] = _memory(stock, size)
                pairs[f"{size} sessions, stock / hubroam"] = (
                    f"{size} sessions: stock JupyterHub",
                    f"{size} sessions: hubroam",
                )
    return document("density", runs, values, pairs, unit="MiB")


def _memory(hub: Ours | Stock, size: int) -> list[float]:
    """Let so many sessions run, and measure each one's server."""
    with ThreadPoolExecutor(4) as pool:
        for future in [pool.submit(hub.session) for _ in range(size - len(hub.servers()))]:
            future.result()
    servers = hub.servers()
    assert len(servers) == size, f"{len(servers)} servers instead of {size}"
    found = [_pss(process) for process in servers]
    say(f"{type(hub).__name__}, {size}: {sum(found) / size:.0f} MiB each")
    return found


def _pss(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss / _MIB)
