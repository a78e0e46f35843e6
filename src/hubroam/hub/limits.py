"""What a session may take of the machine, as far as the kernel holds that without a container."""

from __future__ import annotations

import resource


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
