"""When servers listen that cannot say so, a recipe's own: they are looked at again and again."""

from __future__ import annotations

import asyncio
import os
from functools import partial

from jupyterhub.utils import can_connect, exponential_backoff

from hubroam.hub.readiness import readable

# Seconds between two looks.
_INTERVAL = 0.1


async def listens(pid: int, place: tuple[str, int], *, timeout: float) -> bool:
    """Wait until somebody else's server listens, which can only be asked.

    Args:
        pid: Its process.
        place: Host and port.
        timeout: Seconds.

    Returns:
        Whether it does; otherwise it has ended.

    Raises:
        TimeoutError: It does neither.
    """
    process = os.pidfd_open(pid)
    ended = asyncio.create_task(readable(process))
    up = asyncio.create_task(
        exponential_backoff(
            partial(can_connect, *place),
            "The server did not answer in time.",
            start_wait=_INTERVAL,
            max_wait=_INTERVAL,
            timeout=timeout,
        )
    )
    try:
        await asyncio.wait({ended, up}, return_when=asyncio.FIRST_COMPLETED)
        if up.done():
            up.result()
        return up.done()
    finally:
        ended.cancel()
        up.cancel()
        await asyncio.wait({ended, up})
        os.close(process)
