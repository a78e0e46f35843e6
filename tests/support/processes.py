"""Which processes of this machine belong to a test."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import httpx


def processes_of(folder: Path) -> list[str]:
    """Command lines of the processes that have a folder in their arguments or variables."""
    return list(_find(folder).values())


def pids_of(folder: Path, command: str) -> list[int]:
    """The processes of a folder whose command line holds some words."""
    return [pid for pid, line in _find(folder).items() if command in line]


def kill_and_wait(pid: int) -> None:
    """Kill a process that another one started, and wait until it has ended."""
    watched = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(watched, signal.SIGKILL)
        assert select.select([watched], [], [], 20)[0]
    finally:
        os.close(watched)


def eventually(answers: Callable[[], bool], timeout: float = 30) -> bool:
    """Ask a server that is being started again, of which nothing else tells that it is there.

    Args:
        answers: Whether it answers as it should; a connection that fails is a no.
        timeout: Seconds.
    """
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        with suppress(httpx.HTTPError):
            if answers():
                return True
        time.sleep(0.2)
    return False


def wait_for_none(folder: Path, timeout: float = 20) -> None:
    """Wait until the processes of a folder have ended; each end is an event of the kernel's."""
    for pid, command in _find(folder).items():
        try:
            watched = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            assert select.select([watched], [], [], timeout)[0], f"still runs: {command}"
        finally:
            os.close(watched)


def _find(folder: Path) -> dict[int, str]:
    wanted = str(folder).encode()
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            about = command + (process / "environ").read_bytes()
        except OSError:
            continue  # ended while we looked
        if wanted in about and command:
            found[int(process.name)] = command.replace(b"\0", b" ").decode(errors="replace")
    return found
