"""What a session may take of the machine, as far as the kernel holds that without a container."""

from __future__ import annotations

import os
import resource
from contextlib import suppress
from pathlib import Path

# Linux gives sessions of processes the processor in equal parts where it is set to
# (CONFIG_SCHED_AUTOGROUP): niceness counts within each then, and a session has one of its own.
_GROUP = Path("/proc/self/autogroup")


def stand_back(niceness: int) -> None:
    """Have this process, and those that it will start, let others go first (sched(7)).

    Call it when the process leads its session.

    Args:
        niceness: How much is added to what it has (nice(2)); 0 for nothing.
    """
    if niceness <= 0:
        return
    now = os.nice(niceness)
    with suppress(OSError):  # there are no such groups, or many were changed just now
        _GROUP.write_text(str(now))


def limit_memory(limit: int | None) -> None:
    """Limit this process, and each one that it will start; one that asks for more is refused it.

    The limit is of what a process may write to (``RLIMIT_DATA``, getrlimit(2)), so that files and
    reserved addresses do not count: programs reserve many more than they use. It is each process's
    and not the session's as a whole, for which Linux has control groups, which need root.

    Args:
        limit: Bytes; None for none.
    """
    if limit is None:
        return
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    if most != resource.RLIM_INFINITY:
        limit = min(limit, most)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
