"""A server as a process that this one did not start itself, held so that no other is meant."""

from __future__ import annotations

import asyncio
import os
import select
import signal
from contextlib import suppress
from pathlib import Path


class ServerProcess:
    """A running server.

    Args:
        pid: Its process id.
        descriptor: The process itself (pidfd); it is this object's from now on.
        status: Gets how it ended, from who waits for it; None when nobody does: 0 stands for
            that, as in JupyterHub.

    Attributes:
        pid: Its process id.
        started: When it started, in the kernel's ticks since the machine did: of two processes
            with one id, which one.
    """

    def __init__(
        self, pid: int, descriptor: int, status: asyncio.Future[int] | None = None
    ) -> None:
        self.pid = pid
        self.started = started_at(pid)
        self._descriptor = descriptor
        self._status = status

    @classmethod
    def find(cls, pid: int, started: int) -> ServerProcess | None:
        """The process that was this one when the hub ran before; None when it has ended."""
        try:
            descriptor = os.pidfd_open(pid)
        except OSError:
            return None
        found = cls(pid, descriptor)
        if found.started == started:
            return found
        found.close()
        return None

    async def poll(self) -> int | None:
        """How it ended; None while it runs."""
        watch = select.poll()
        watch.register(self._descriptor, select.POLLIN)
        if not watch.poll(0):
            return None
        # it has ended, so what is waited for is on its way
        return 0 if self._status is None else await self._status

    def send(self, number: int) -> bool:
        """Send it a signal; returns whether it runs."""
        if number == 0:
            return started_at(self.pid) == self.started
        try:
            signal.pidfd_send_signal(self._descriptor, number)
        except ProcessLookupError:
            return False
        return True

    def close(self) -> None:
        """Let go of it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def started_at(pid: int) -> int:
    """When a process started, in ticks since the machine did; 0 when there is none.

    Field 22 of ``/proc/PID/stat`` (proc(5)), which stays the same when the clock is set.
    """
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    return 0
