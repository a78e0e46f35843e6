"""Who may keep an interpreter for their next kernel: all of them within one amount of memory.

Each session's server has a socket of its own to the hub, and no session sees another's:

======  =============  ===========================================================
from    word           meaning
======  =============  ===========================================================
server  ``want``       may I keep one? A reader is at work here.
hub     ``yes``        Answers to that; ``no`` where there is no room, or no memory
        ``no``
server  ``have N``     It is there, and takes N bytes.
server  ``used``       A reader is still at work here.
server  ``gone``       It is a kernel now, or has ended.
hub     ``drop``       End it: who has not worked for longest gives way.
======  =============  ===========================================================
"""

from __future__ import annotations

import asyncio
import re
import socket
import time
from functools import cache

import psutil

from hubroam.hub.kernels.words import hear, say

# Bytes of an interpreter with ipykernel, more or less, until it says what it takes.
_GUESS = 40 << 20
# Seconds for which nobody has worked in a session that must give way to another: the interpreters
# of more readers than there is room for would be made for each other's only.
_REST = 60.0
# Seconds between two looks at the machine's memory while interpreters are kept.
_LOOK = 10.0

_HAVE = re.compile(rb"have (\d{1,15})")


class Share:
    """One server's part.

    Args:
        ledger: Of all.
        channel: To the server.

    Attributes:
        size: Bytes that its interpreter takes, or may take; 0 for none.
        used: When a reader worked there last.
    """

    def __init__(self, ledger: Ledger, channel: socket.socket) -> None:
        self.size = 0
        self.used = 0.0
        self._ledger = ledger
        self._channel = channel
        channel.setblocking(False)
        asyncio.get_running_loop().add_reader(channel, self._hear)

    def tell(self, word: bytes) -> None:
        """Say a word to the server."""
        say(self._channel, word)

    def drop(self) -> None:
        """Have the interpreter ended."""
        self.size = 0
        self.tell(b"drop")

    def close(self) -> None:
        """The server has ended."""
        if self._channel.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self._channel)
            self._channel.close()
        self.size = 0
        self._ledger.shares.discard(self)

    def _hear(self) -> None:
        word = hear(self._channel)
        if word is None:
            return
        if not word:
            self.close()
        elif word == b"want":
            self._ledger.wanted(self)
        elif word == b"used":
            self.used = time.monotonic()
        elif word == b"gone":
            self.size = 0
        elif self.size and (said := _HAVE.fullmatch(word)):
            self.size = int(said[1])
            self._ledger.settle()


class Ledger:
    """All of them.

    Attributes:
        budget: Bytes that they may take together.
        spare: Bytes of the machine's memory that must be available.
        shares: One for each server that runs.
    """

    def __init__(self) -> None:
        self.budget = self.spare = 0
        self.shares: set[Share] = set()
        self._looking: asyncio.TimerHandle | None = None

    @property
    def total(self) -> int:
        """Bytes that they take now."""
        return sum(share.size for share in self.shares)

    def join(self) -> tuple[Share, socket.socket]:
        """Let another server ask; returns its share, and the server's end of the socket."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        share = Share(self, ours)
        self.shares.add(share)
        return share, theirs

    def wanted(self, share: Share) -> None:
        """Answer a server that wants to keep one."""
        now = time.monotonic()
        share.used = now
        share.size = 0
        free = self.budget - self.total
        resting: list[Share] = []
        for other in self._kept():
            if free >= _GUESS or other.used > now - _REST:
                break
            resting.append(other)
            free += other.size
        if free < _GUESS or self._short():
            share.tell(b"no")
            return
        for other in resting:
            other.drop()
        share.size = _GUESS
        share.tell(b"yes")
        self._look()

    def settle(self) -> None:
        """Have ended what is too much: those whose readers have not worked for longest."""
        for share in self._kept():
            if self.total <= self.budget:
                break
            share.drop()

    def _kept(self) -> list[Share]:
        return sorted((share for share in self.shares if share.size), key=lambda each: each.used)

    def _short(self) -> bool:
        return bool(psutil.virtual_memory().available < self.spare)

    def _look(self) -> None:
        """End all of them when the machine's memory is wanted for something else."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        if self._short():
            for share in self._kept():
                share.drop()
        if self.total:
            self._looking = asyncio.get_running_loop().call_later(_LOOK, self._look)


@cache
def ledger() -> Ledger:
    """The one of this process."""
    return Ledger()
