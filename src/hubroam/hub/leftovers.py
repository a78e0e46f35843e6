"""What a session's server leaves behind when it ends: kernels, terminals, what they started.

Kernels and terminals are in process sessions of their own, so no signal to the server's group
reaches them; a server that is killed, or that starts a kernel while it stops, leaves them. They
all inherit the variable by which they are found here, as build servers find a job's processes.
"""

from __future__ import annotations

import os
from contextlib import suppress

import psutil

VARIABLE = "HUBROAM_SERVER"

# Seconds that a process gets to end by itself.
_PATIENCE = 2.0


def end_leftovers(server: str) -> int:
    """End the processes that a server left behind.

    Args:
        server: What `VARIABLE` was for the server.

    Returns:
        How many there were.
    """
    left = [process for process in psutil.process_iter() if _belongs(process, server)]
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(left, timeout=_PATIENCE)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=_PATIENCE)
    return len(left)


def _belongs(process: psutil.Process, server: str) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get(VARIABLE) == server
    except (psutil.Error, OSError):
        return False  # it ended while we looked, or is another user's
