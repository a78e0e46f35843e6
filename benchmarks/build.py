"""Builds of recipes, with and without a full cache, beside bare uv's and pip's.

Nothing is removed between the rounds: on a file system without a journal, as ext4 may be on
virtual machines, whoever creates files soon after many were removed waits for each of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from uv import find_uv_bin

from benchmarks.measure import document, in_turn, say

#: Recipes by their short names.
RECIPES = {
    "numpy": ["numpy", "pandas", "matplotlib"],
    "scikit-learn": ["scikit-learn", "scipy", "seaborn"],
    "xarray": ["xarray", "dask", "zarr", "netcdf4"],
    "ipykernel": ["ipykernel"],
}
# what hubroam adds to every environment
BASE = ["ipykernel", "ipywidgets"]
PYTHON = getattr(sys, "_base_executable", sys.executable)
# byte-compiling is part of what pip does, and must not be switched off from outside
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

_OURS, _UV, _PIP = "hubroam build", "uv venv + uv pip install", "python -m venv + pip install"


def run(runs: int, recipes: Sequence[str] = ()) -> dict[str, Any]:
    """Measure; each round builds each recipe with each.

    Args:
        runs: Rounds.
        recipes: Which of `RECIPES`; none for all.

    Returns:
        The benchmark's document.
    """
    measurements: dict[str, Callable[[], float]] = {}
    pairs = {}
    with tempfile.TemporaryDirectory(prefix="hubroam-benchmark-") as name:
        for recipe in recipes or RECIPES:
            place, label = Path(name) / recipe, f"{recipe}: "
            measurements |= {
                f"{label}{kind}": measure for kind, measure in _ways(RECIPES[recipe], place).items()
            }
            for state, ours in (("cold", "cold"), ("warm", "warm"), ("warm", "warm, same day")):
                pairs[f"{label}{ours}, pip / hubroam"] = (
                    f"{label}{_PIP}, {state}",
                    f"{label}{_OURS}, {ours}",
                )
            pairs[f"{label}cold, uv / hubroam"] = (f"{label}{_UV}, cold", f"{label}{_OURS}, cold")
        builds = in_turn(measurements, runs)
    return document("build", runs, builds, pairs)


def _ways(packages: list[str], place: Path) -> dict[str, Callable[[], float]]:
    """What is done in a round, in its order: with nothing there, then with what that has left."""
    place.mkdir()
    (place / "requirements.txt").write_text("\n".join([*packages, *BASE]) + "\n")
    rounds = iter(range(1_000))
    at: list[Path] = []

    def cold() -> float:
        at.append(place / str(next(rounds)))
        at[-1].mkdir()
        return _hubroam(at[-1], packages, "cold")

    def warm() -> float:
        shutil.rmtree(at[-1] / "data/environments/cache/resolutions")
        return _hubroam(at[-1], packages, "warm")

    return {
        f"{_OURS}, cold": cold,
        f"{_OURS}, warm": warm,
        f"{_OURS}, warm, same day": lambda: _hubroam(at[-1], packages, "same day"),
        f"{_UV}, cold": lambda: _uv(at[-1], "cold"),
        f"{_UV}, warm": lambda: _uv(at[-1], "warm"),
        f"{_PIP}, cold": lambda: _pip(at[-1], "cold"),
        f"{_PIP}, warm": lambda: _pip(at[-1], "warm"),
    }


def _timed(*command: str | Path, **variables: str) -> float:
    began = time.monotonic()
    subprocess.run(
        command, env={**ENVIRONMENT, **variables}, check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.monotonic() - began


def _hubroam(place: Path, packages: list[str], state: str) -> float:
    """`hubroam build`, of a recipe that differs from the other states' by a comment."""
    book = place / f"book, {state}"
    book.mkdir()
    (book / "requirements.txt").write_text("\n".join([*packages, f"# {state}"]) + "\n")
    command = [sys.executable, "-m", "hubroam", "build", book, "--json", "--data-dir"]
    seconds = _timed(*command, place / "data")
    return _told(f"{_OURS}, {state}", packages, seconds)


def _uv(place: Path, state: str) -> float:
    """What uv takes for the same packages by itself: no lock, no check, nothing published."""
    uv, cache, venv = find_uv_bin(), str(place / "uv-cache"), place / f"uv, {state}"
    make = ["venv", "--seed", "--no-project", "--no-config", "--python", PYTHON]
    seconds = _timed(uv, *make, venv, UV_CACHE_DIR=cache)
    install = ["pip", "install", "--no-config", "--python", venv / "bin/python", "--requirements"]
    seconds += _timed(uv, *install, place.parent / "requirements.txt", UV_CACHE_DIR=cache)
    return _told(f"{_UV}, {state}", [], seconds)


def _pip(place: Path, state: str) -> float:
    """`python -m venv` and `pip install` of the same packages."""
    cache, venv = str(place / "pip-cache"), place / f"pip, {state}"
    seconds = _timed(PYTHON, "-m", "venv", venv)
    install = [venv / "bin/python", "-m", "pip", "install", "--requirement"]
    seconds += _timed(*install, place.parent / "requirements.txt", PIP_CACHE_DIR=cache)
    return _told(f"{_PIP}, {state}", [], seconds)


def _told(label: str, packages: list[str], seconds: float) -> float:
    say(f"{label} {' '.join(packages)}: {seconds:.2f} s, load {os.getloadavg()[0]:.1f}")
    return seconds
