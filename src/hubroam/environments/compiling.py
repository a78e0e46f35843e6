"""Environments are compiled when they are there, not before: the first session need not wait.

uv installs sources, and Python compiles each module when it is first imported, if it may write
beside it.  Doing all of it ahead takes longer than the build; so it is done afterwards, one
environment at a time, with the processor time that nobody else wants.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from contextlib import suppress
from pathlib import Path

from hubroam.environments import compile_worker
from hubroam.environments.commands import TimedOut, clean_environment, run
from hubroam.environments.store import Environment, EnvironmentStore

# In an environment's folder, when all of it is compiled.
_DONE = "compiled"
# Seconds for one environment, with a machine that is never idle.
_TIMEOUT = 6 * 3600.0


class Compiler:
    """Compiles the environments of a store while its hub runs.

    Args:
        store: Where the environments are.
    """

    def __init__(self, store: EnvironmentStore) -> None:
        self._store = store
        self._waiting: deque[Environment] = deque()
        self._task: asyncio.Task[None] | None = None

    def add(self, environment: Environment) -> None:
        """Have an environment compiled, unless it is or has no files of its own."""
        done = environment.path.parent / _DONE
        if environment.image or done.exists() or environment in self._waiting:
            return
        self._waiting.append(environment)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def join(self) -> None:
        """Wait until nothing is left to compile."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def shutdown(self) -> None:
        """End it."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while self._waiting:
            # it stays in the line for as long, so that it is not added once more
            with suppress(OSError, TimedOut):  # such as: it was removed meanwhile
                await self._compile(self._waiting[0])
            self._waiting.popleft()

    async def _compile(self, environment: Environment) -> None:
        folder = environment.path.parent
        packages = environment.path.glob("lib/python3*/site-packages")
        python = environment.path / "bin" / "python"
        link = self._store.root / environment.digest
        worker = [python, "-I", "-S", compile_worker.__file__]
        status, _ = await run(
            [str(word) for word in (*worker, os.getpid(), link, folder, *packages)],
            folder=Path("/"),
            # by its mark it is found, and ended, when the environment is removed
            environment=clean_environment(folder, build=folder),
            log=lambda _: None,
            timeout=_TIMEOUT,
        )
        if status == 0:
            (folder / _DONE).touch()
