"""Launches start their servers in the order in which readers came, a few at a time.

A machine with two cores starts a hundred servers no sooner when it starts them all at once: each
is ready when the last is, everything that waits for an answer runs out of time, and the hub
answers nobody meanwhile.
"""

from __future__ import annotations

import asyncio
import itertools
from bisect import bisect_left, insort
from collections.abc import AsyncIterator
from contextlib import suppress
from types import TracebackType
from typing import Self

# Seconds between two words to somebody who waits; their turn itself is an event.
_NEWS = 1.0

# In which order somebody came, and which of their starts it is.
Number = tuple[int, int]


class StartQueue:
    """The queue.

    Args:
        width: How many start at the same time.
    """

    def __init__(self, width: int) -> None:
        self._free = width
        self._numbers = itertools.count()
        self._waiting: list[Number] = []  # sorted
        self._turns: dict[Number, Turn] = {}

    def come(self) -> Turn:
        """Take the next number; whoever has it may have other things to do before it waits."""
        return Turn(self, (next(self._numbers), 0))

    def enter(self, turn: Turn) -> None:
        """Begin to wait."""
        insort(self._waiting, turn.number)
        self._turns[turn.number] = turn
        self._call()

    @property
    def busy(self) -> bool:
        """Whether somebody waits."""
        return bool(self._waiting)

    def ahead_of(self, turn: Turn) -> int:
        """How many wait before this one."""
        return bisect_left(self._waiting, turn.number)

    def leave(self, turn: Turn) -> None:
        """Wait no more, or make room for the next."""
        if turn.number in self._turns:
            del self._turns[turn.number]
            self._waiting.remove(turn.number)
        else:
            self._free += 1
            self._call()

    def _call(self) -> None:
        """Give what is free to the lowest numbers."""
        while self._free and self._waiting:
            self._free -= 1
            self._turns.pop(self._waiting.pop(0)).come.set()


class Turn:
    """One launch's place in a queue; a context that gives it back.

    Args:
        queue: Whose.
        number: Lower ones are before it; no other turn has it.

    Attributes:
        number: The same.
        come: Set when it may start.
        waited: Whether it could not start at once.
    """

    def __init__(self, queue: StartQueue, number: Number) -> None:
        self._queue = queue
        self._entered = False
        self.number = number
        self.come = asyncio.Event()
        self.waited = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """Give the place back; again has no effect."""
        if self._entered:
            self._entered = False
            self._queue.leave(self)

    def again(self) -> Turn:
        """The place right behind this one, for who may have to start anew; ask once."""
        came, starts = self.number
        return Turn(self._queue, (came, starts + 1))

    async def wait(self) -> AsyncIterator[str]:
        """Wait for this turn.

        Yields:
            The place in the queue, for people, when it has changed, and not too often.
        """
        self._entered = True
        self._queue.enter(self)
        told = None
        while not self.come.is_set():
            self.waited = True
            ahead = self._queue.ahead_of(self)
            if ahead != told:
                told = ahead
                yield f"Waiting to start; {ahead} more are waiting before this one."
            with suppress(TimeoutError):
                await asyncio.wait_for(self.come.wait(), _NEWS)
