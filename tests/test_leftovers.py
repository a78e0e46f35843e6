"""Processes that a server left behind, real ones."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from hubroam.leftovers import VARIABLE, end_leftovers

# A process that says when its handlers are set, and then waits for a signal.
_DEAF = "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); signal.pause()"
_FINE = "import signal; print('up', flush=True); signal.pause()"


def start(code: str, server: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, VARIABLE: server},
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    process.stdout.close()
    return process


def test_only_the_servers_own_are_ended(tmp_path: Path) -> None:
    mine, deaf = start(_FINE, f"{tmp_path}:a/"), start(_DEAF, f"{tmp_path}:a/")
    other = start(_FINE, f"{tmp_path}:a/b")
    try:
        assert end_leftovers(f"{tmp_path}:a/") == 2
        # whoever waits first learns how a process ended; that it did is what counts
        assert mine.poll() is not None
        assert deaf.poll() is not None
        assert other.poll() is None
        assert end_leftovers(f"{tmp_path}:a/") == 0
    finally:
        for process in (mine, deaf, other):
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()
