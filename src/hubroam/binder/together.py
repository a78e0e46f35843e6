"""Work that many ask for at once, done once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
Say = Callable[[str], None]


@dataclass(eq=False)
class _Round(Generic[T]):
    """One time that the work is done.

    Attributes:
        result: Its result, or what it raised.
        listeners: Who waits for it.
        task: Does it; None as long as it has not begun.
    """

    result: asyncio.Future[T]
    listeners: dict[object, Say] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None


class Together(Generic[K, T]):
    """Does work for all who ask for the same.

    Whoever asks gets the result of work that began afterwards: what it looks at may have changed
    since an earlier one looked. So those who come while it is done share the next round.

    Args:
        work: Called with what is asked for, and with a function that takes each message.
        lasting: Whether its results stay true, so that those who come while it is done share it.
    """

    def __init__(self, work: Callable[[K, Say], Awaitable[T]], *, lasting: bool = False) -> None:
        self._work = work
        self._lasting = lasting
        self._running: dict[K, _Round[T]] = {}
        self._next: dict[K, _Round[T]] = {}

    async def ask(self, key: K, say: Say) -> T:
        """Have the work done.

        Args:
            key: What is asked for.
            say: Takes what the work says, and what the round before it says meanwhile.

        Returns:
            The work's result; raises what it raises.
        """
        begins = key not in self._running
        shared = self._lasting and not begins and bool(self._running[key].listeners)
        if begins:
            self._running[key] = _Round(asyncio.get_running_loop().create_future())
        elif not shared and key not in self._next:
            self._next[key] = _Round(asyncio.get_running_loop().create_future())
        mine = self._running[key] if begins or shared else self._next[key]
        me = object()
        mine.listeners[me] = say
        if begins:
            self._begin(key, mine)
        try:
            return await asyncio.shield(mine.result)
        finally:
            del mine.listeners[me]
            if not mine.listeners:
                self._give_up(key, mine)

    def _begin(self, key: K, this: _Round[T]) -> None:
        this.result.add_done_callback(lambda f: f.cancelled() or f.exception())
        this.task = asyncio.create_task(self._run(key, this))
        this.task.add_done_callback(lambda _: self._ended(key))

    async def _run(self, key: K, this: _Round[T]) -> None:
        def tell(message: str) -> None:
            later = self._next.get(key)
            for say in (*this.listeners.values(), *(later.listeners.values() if later else ())):
                say(message)

        try:
            result = await self._work(key, tell)
        except Exception as error:
            if not this.result.done():
                this.result.set_exception(error)
        else:
            if not this.result.done():
                this.result.set_result(result)

    def _ended(self, key: K) -> None:
        del self._running[key]
        if later := self._next.pop(key, None):
            self._running[key] = later
            self._begin(key, later)

    def _give_up(self, key: K, this: _Round[T]) -> None:
        """Stop work that nobody waits for."""
        if this.task is not None:
            this.task.cancel()
        elif self._next.get(key) is this:
            del self._next[key]
