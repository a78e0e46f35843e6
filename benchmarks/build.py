"""A cold build of a recipe beside pip's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import document, in_turn, say

PACKAGES = ["numpy", "pandas", "matplotlib"]
# what hubroam adds to every environment
BASE = ["ipykernel", "ipywidgets"]
PYTHON = getattr(sys, "_base_executable", sys.executable)
# byte-compiling is part of what pip does, and must not be switched off from outside
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def run(runs: int) -> dict[str, Any]:
    """Measure; each round builds once with each.

    Args:
        runs: Rounds.

    Returns:
        The benchmark's document.
    """
    with tempfile.TemporaryDirectory(prefix="hubroam-benchmark-") as name:
        folder = Path(name)
        builds = in_turn(
            {
                "build cold: hubroam": lambda: _build_hubroam(folder),
                "build cold: venv + pip": lambda: _build_pip(folder),
            },
            runs,
        )
    pairs = {"build cold, pip / hubroam": ("build cold: venv + pip", "build cold: hubroam")}
    return document("build", runs, builds, pairs)


def _timed(command: list[str], **variables: str) -> float:
    began = time.monotonic()
    subprocess.run(
        command, env={**ENVIRONMENT, **variables}, check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.monotonic() - began


def _build_hubroam(folder: Path) -> float:
    """`hubroam build` with nothing there: no cache, no environment."""
    place = Path(tempfile.mkdtemp(dir=folder))
    book = place / "book"
    book.mkdir()
    (book / "requirements.txt").write_text("\n".join(PACKAGES))
    command = [sys.executable, "-m", "hubroam", "build", str(book), "--json", "--data-dir"]
    seconds = _timed([*command, str(place / "data")])
    shutil.rmtree(place)
    say(f"hubroam build: {seconds:.1f} s")
    return seconds


def _build_pip(folder: Path) -> float:
    """`python -m venv` and `pip install` of the same packages, with nothing there."""
    place = Path(tempfile.mkdtemp(dir=folder))
    cache = str(place / "cache")
    seconds = _timed([PYTHON, "-m", "venv", str(place / "venv")])
    install = [str(place / "venv/bin/python"), "-m", "pip", "install", *PACKAGES, *BASE]
    seconds += _timed(install, PIP_CACHE_DIR=cache)
    shutil.rmtree(place)
    say(f"venv + pip: {seconds:.1f} s")
    return seconds
