"""From click to a kernel's first answer: ours warm, ours cold, stock JupyterHub."""

from __future__ import annotations

from typing import Any

from benchmarks.hubs import Ours, Stock, scratch, to_first_answer
from benchmarks.measure import document, in_turn

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
                    "launch: warm": lambda: to_first_answer("warm", warm.session),
                    "launch: cold": lambda: to_first_answer("cold", cold.session),
                    "launch: stock JupyterHub": lambda: to_first_answer("stock", stock.session),
                },
                runs,
            )
    pairs = {
        "launch, stock / warm": ("launch: stock JupyterHub", "launch: warm"),
        "launch, cold / warm": ("launch: cold", "launch: warm"),
        "launch, stock / cold": ("launch: stock JupyterHub", "launch: cold"),
    }
    return document("launch", runs, launches, pairs)
