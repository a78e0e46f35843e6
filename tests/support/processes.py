"""Which processes of this machine belong to a test."""

from __future__ import annotations

import os
import select
from pathlib import Path


def processes_of(folder: Path) -> list[str]:
    """Command lines of the processes that have a folder in their arguments or variables."""
    return list(_find(folder).values())


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
