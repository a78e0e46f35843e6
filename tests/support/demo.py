"""A running demo: ``hubroam demo`` as a process, with its book and its hub."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Demo:
    """A running demo: where its book and its hub are, its folder, its process."""

    book: str
    hub: str
    folder: Path
    process: subprocess.Popen[str]


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """Start a demo that keeps its files in a folder, and stop it as Ctrl-C does."""
    process = subprocess.Popen(
        [sys.executable, "-m", "hubroam", "demo", "--no-browser", "--data-dir", str(folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("ready: "):
                break
        text = "".join(lines)
        hub = re.search(r"the hub is at (\S+/);", text)
        assert hub, text
        yield Demo(lines[-1].removeprefix("ready: ").strip(), hub[1], folder, process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(60)
        process.stdout.close()
