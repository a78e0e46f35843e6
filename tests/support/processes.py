"""Which processes of this machine belong to a test."""

from __future__ import annotations

from pathlib import Path


def processes_of(folder: Path) -> list[str]:
    """Command lines of the processes that have a folder in their arguments or variables."""
    wanted = str(folder).encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            about = command + (process / "environ").read_bytes()
        except OSError:
            continue  # ended while we looked
        if wanted in about and command:
            found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found
