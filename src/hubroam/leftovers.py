"""What a session's server, or a build, leaves behind when it ends.

Kernels and terminals are in process sessions of their own, so no signal to the server's group
reaches them; a server that is killed, or that starts a kernel while it stops, leaves them. So does
a ``postBuild`` that starts a daemon, and whatever a build was running when its hub was killed.
They all inherit the variable by which they are found here, as build servers find a job's processes.
"""

from __future__ import annotations

import os
from contextlib import suppress

import psutil

VARIABLE = "HUBROAM_OWNER"

# Seconds that a process gets to end by itself.
_PATIENCE = 2.0


def end_leftovers(owner: str) -> int:
    """End the processes that a server or a build left behind.

    Args:
        owner: What `VARIABLE` was for it.

    Returns:
        How many there were.
    """
    left = [process for process in psutil.process_iter() if _belongs(process, owner)]
    for process in left:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, stubborn = psutil.wait_procs(left, timeout=_PATIENCE)
    for process in stubborn:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=_PATIENCE)
    return len(left)


def _belongs(process: psutil.Process, owner: str) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get(VARIABLE) == owner
    except (psutil.Error, OSError):
        return False  # it ended while we looked, or is another user's
