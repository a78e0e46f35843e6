"""Work that tells how it goes, followed while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Following(Generic[T]):
    """Iterate over what a piece of work says, then take its result.

    Args:
        work: Called with a function that takes each message; its result is the work's.
            It is cancelled when whoever iterates leaves.
    """

    def __init__(self, work: Callable[[Callable[[str], None]], Awaitable[T]]) -> None:
        self._work = work
        self._result: T

    async def __aiter__(self) -> AsyncIterator[str]:
        """Yield the messages; raises what the work raises."""
        messages: asyncio.Queue[str | None] = asyncio.Queue()

        async def run() -> T:
            try:
                return await self._work(messages.put_nowait)
            finally:
                messages.put_nowait(None)

        task = asyncio.create_task(run())
        try:
            while (message := await messages.get()) is not None:
                yield message
            self._result = await task
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])

    @property
    def result(self) -> T:
        """What the work returned; there when the iteration has ended."""
        return self._result
