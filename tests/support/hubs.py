"""Hubs with a configuration of their own, as an operator starts them."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.processes import processes_of


@contextmanager
def up(folder: Path, config: str = "") -> Iterator[str]:
    """A hub with a configuration; gives its URL."""
    file = folder / "jupyterhub_config.py"
    file.write_text(config)
    log = (folder / "log").open("w")
    command = [sys.executable, "-m", "hubroam", "up", "--port", "0", "--config", file]
    process = subprocess.Popen(
        [*command, "--data-dir", folder / "data"],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        line = process.stdout.readline()
        assert line.startswith("ready: http://127.0.0.1:"), (folder / "log").read_text()
        yield line.removeprefix("ready: ").strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        process.stdout.close()
        log.close()
    assert processes_of(folder) == []
