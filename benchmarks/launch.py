"""The way of a launch: a cold build beside pip's, a session's first answer beside stock's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measure import document, in_turn
from hubroam.hub.process import HubProcess

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tests"))

from support.binder import launch, run_cell  # noqa: E402
from support.gitserver import GitServer  # noqa: E402
from support.stockhub import StockHub  # noqa: E402

PACKAGES = ["numpy", "pandas", "matplotlib"]
# what hubroam adds to every environment
BASE = ["ipykernel", "ipywidgets"]
PYTHON = getattr(sys, "_base_executable", sys.executable)
# byte-compiling is part of what pip does, and must not be switched off from outside
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def run(runs: int) -> dict[str, Any]:
    """Measure everything.

    Args:
        runs: Rounds; each does everything once.

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
        with _hubroam(folder) as ours, _stock(folder) as stock:
            launches = in_turn({"launch: hubroam": ours, "launch: stock JupyterHub": stock}, runs)
    return document(
        "launch",
        runs,
        {**builds, **launches},
        {
            "build cold, pip / hubroam": ("build cold: venv + pip", "build cold: hubroam"),
            "launch, stock / hubroam": ("launch: stock JupyterHub", "launch: hubroam"),
        },
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


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
    _say(f"hubroam build: {seconds:.1f} s")
    return seconds


def _build_pip(folder: Path) -> float:
    """`python -m venv` and `pip install` of the same packages, with nothing there."""
    place = Path(tempfile.mkdtemp(dir=folder))
    cache = str(place / "cache")
    seconds = _timed([PYTHON, "-m", "venv", str(place / "venv")])
    install = [str(place / "venv/bin/python"), "-m", "pip", "install", *PACKAGES, *BASE]
    seconds += _timed(install, PIP_CACHE_DIR=cache)
    shutil.rmtree(place)
    _say(f"venv + pip: {seconds:.1f} s")
    return seconds


@contextmanager
def _hubroam(folder: Path) -> Iterator[Any]:
    """A hub whose recipe is built; gives what measures a launch."""
    with GitServer(folder / "git") as git, HubProcess(folder / "hub") as hub:
        repository = git.repo("bench/book")
        repository.commit({"requirements.txt": "\n".join(PACKAGES)})
        launch(hub, repository.spec, build_only="true")

        def measure() -> float:
            began = time.monotonic()
            ready = launch(hub, repository.spec)
            assert run_cell(ready, "print(1 + 1)") == "2\n"
            seconds = time.monotonic() - began
            _say(f"hubroam launch: {seconds:.1f} s")
            return seconds

        yield measure


@contextmanager
def _stock(folder: Path) -> Iterator[Any]:
    """JupyterHub with SimpleLocalProcessSpawner; gives what measures a launch."""
    with StockHub(folder / "stock", environment=ENVIRONMENT) as hub:
        yield lambda: _launch_stock(hub)


def _launch_stock(hub: StockHub) -> float:
    """A new user, their server, and its kernel's first answer."""
    name = f"reader{uuid.uuid4().hex[:8]}"
    began = time.monotonic()
    hub.start(name)
    session = {"url": f"{hub.url}user/{name}/", "token": hub.token}
    assert run_cell(session, "print(1 + 1)") == "2\n"
    seconds = time.monotonic() - began
    hub.stop(name)
    _say(f"stock launch: {seconds:.1f} s")
    return seconds
