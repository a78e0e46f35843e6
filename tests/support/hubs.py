"""Hubs with a configuration of their own, as an operator starts them."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support import shared
from support.processes import processes_of


@contextmanager
def started(folder: Path, config: str = "") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A hub with a configuration that the test may end as it likes.

    Args:
        folder: Its data is in ``data``, what it says in ``log``.
        config: An operator's file.

    Yields:
        Its process and its URL.
    """
    file = folder / "jupyterhub_config.py"
    file.write_text(config)
    shared.share_packages(folder / "data" / "environments" / "cache")
    command = [sys.executable, "-m", "hubroam", "up", "--port", "0", "--config", str(file)]
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(
            [*command, "--data-dir", str(folder / "data")],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout
    try:
        line = process.stdout.readline()
        assert line.startswith("ready: http://127.0.0.1:"), (folder / "log").read_text()
        yield process, line.removeprefix("ready: ").strip()
    finally:
        process.stdout.close()
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(60)


@contextmanager
def up(folder: Path, config: str = "") -> Iterator[str]:
    """As `started`, for a hub that the test does not end; gives its URL."""
    with started(folder, config) as (_, url):
        yield url
    assert processes_of(folder) == []
