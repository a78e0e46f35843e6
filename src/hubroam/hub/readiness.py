"""How a server says that it listens: by an event, so that nobody has to ask it again and again.

The spawner makes a pipe and gives one end to the server, which writes to it once. When it ends
before that, the kernel closes its end, and the spawner sees that at once too.
"""

from __future__ import annotations

import asyncio
import os
from types import TracebackType
from typing import Self

#: The server's end of the pipe, as the number of an open descriptor.
VARIABLE = "HUBROAM_READY_FD"


class Readiness:
    """The spawner's side.

    Attributes:
        theirs: The end for the server, which is not inherited unless asked for by number.
    """

    def __init__(self) -> None:
        self._ours, self.theirs = os.pipe()
        self._handed_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.handed_over()
        os.close(self._ours)

    def handed_over(self) -> None:
        """Close the server's end here: from now on only the server keeps it open."""
        if not self._handed_over:
            self._handed_over = True
            os.close(self.theirs)

    async def wait(self) -> bool:
        """Wait until the server listens or has ended; returns whether it listens."""
        self.handed_over()
        await readable(self._ours)
        return bool(os.read(self._ours, 1))


async def readable(descriptor: int) -> None:
    """Wait until a descriptor can be read from: a pipe, or a process's, which then has ended."""
    loop = asyncio.get_running_loop()
    event = asyncio.Event()
    loop.add_reader(descriptor, event.set)
    try:
        await event.wait()
    finally:
        loop.remove_reader(descriptor)


def promise() -> None:
    """Take the pipe, in a server, before it starts anything that would inherit it."""
    global _promised
    if number := os.environ.pop(VARIABLE, None):
        _promised = int(number)
        os.set_inheritable(_promised, False)


def say_ready() -> None:
    """Say, in a server, that it listens; nothing happens when nobody wants to hear it."""
    global _promised
    if _promised is not None:
        os.write(_promised, b"1")
        os.close(_promised)
        _promised = None


_promised: int | None = None
