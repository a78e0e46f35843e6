"""How much memory a kernel and its children hold, watched while it runs."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import psutil

# Seconds between two looks; what grows in between is seen at the next.
_INTERVAL = 0.1


class MemoryWatch:
    """Watches one kernel.

    Args:
        limit: Bytes that the kernel and its children may hold together.

    Attributes:
        peak: The most that was seen, in bytes.
    """

    def __init__(self, limit: int) -> None:
        self.peak = 0
        self._limit = limit
        self._started = asyncio.Event()
        self._kernel: psutil.Process | None = None

    def watch(self, pid: int) -> None:
        """Begin to watch a kernel."""
        with suppress(psutil.NoSuchProcess):
            self._kernel = psutil.Process(pid)
            self._started.set()

    async def until_too_much(self) -> None:
        """Return when the limit is passed; otherwise never."""
        await self._started.wait()
        while self.peak <= self._limit:
            await asyncio.sleep(_INTERVAL)  # no event tells of memory: it is sampled
            self.peak = max(self.peak, await asyncio.to_thread(self._look))

    def last_look(self) -> None:
        """Take the kernel's own peak from the system, which misses nothing between two looks."""
        if self._kernel is None:
            return
        with suppress(OSError, ValueError, IndexError):
            status = Path(f"/proc/{self._kernel.pid}/status").read_text()
            peak = int(status.split("VmHWM:")[1].split()[0]) * 1024
            self.peak = max(self.peak, peak)

    def _look(self) -> int:
        assert self._kernel is not None  # noqa: S101 (the watch has begun)
        try:
            family = [self._kernel, *self._kernel.children(recursive=True)]
        except psutil.Error:
            return 0
        total = 0
        for process in family:
            with suppress(psutil.Error, OSError):
                # forked children share most of their pages: each takes its part of those
                total += (
                    process.memory_info().rss
                    if len(family) == 1
                    else process.memory_full_info().pss
                )
        return total
