"""One build for all who wait for it."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from filelock import AsyncFileLock

from hubroam.environments.kept import keep_recipe
from hubroam.environments.port import Builder, Plan
from hubroam.environments.source import Source
from hubroam.environments.store import BuildFacts, Environment, EnvironmentStore
from hubroam.errors import BuildError, DiskFull, HubroamError
from hubroam.events import LaunchEvent
from hubroam.leftovers import end_leftovers

# Events of one build that are kept in memory for those who come late, or twice as many; the log
# file has all.
_KEPT = 5_000


class Build:
    """A build that runs or has ended; any number may watch it.

    Attributes:
        digest: The environment's digest.
        cached: Whether the environment was there already.
    """

    def __init__(self, digest: str) -> None:
        self.digest = digest
        self.cached = False
        self._events: list[LaunchEvent] = []
        self._dropped = 0
        self._changed = asyncio.Event()
        self._result: asyncio.Future[Environment] = asyncio.get_running_loop().create_future()
        # nobody may be there to ask for it
        self._result.add_done_callback(lambda f: f.cancelled() or f.exception())

    async def watch(self) -> AsyncIterator[LaunchEvent]:
        """Every event from the first on, until the build has ended, however it has.

        All who watch get the same objects, which are encoded once; none of them has a list of
        what it has not seen yet.
        """
        seen = 0
        while True:
            changed = self._changed
            while (at := max(seen - self._dropped, 0)) < len(self._events):
                seen = self._dropped + at + 1
                yield self._events[at]
            if self._result.done():
                return
            await changed.wait()

    async def result(self) -> Environment:
        """The environment.

        Raises:
            BuildError: The build failed.
        """
        return await asyncio.shield(self._result)

    def tell(self, phase: str, message: str) -> None:
        """Add an event.

        Args:
            phase: ``waiting``, ``building`` or ``pushing``, as in BinderHub's protocol.
            message: Text for a person, a line.
        """
        self._events.append(
            LaunchEvent(phase, message if message.endswith("\n") else f"{message}\n")
        )
        if len(self._events) > 2 * _KEPT:
            del self._events[:_KEPT]
            self._dropped += _KEPT
        self._wake()

    def end(self, result: Environment | BaseException) -> None:
        """Set the result."""
        if isinstance(result, Environment):
            self._result.set_result(result)
        else:
            self._result.set_exception(result)
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Builds:
    """Builds environments, each once for all who want it at the same time.

    Args:
        store: Where they are kept.
        builder: Plans them; a plan knows who builds it.
        concurrency: Builds at the same time; more wait, and are told their place.
        used: Takes each environment that is asked for, once it is there.
    """

    def __init__(
        self,
        store: EnvironmentStore,
        builder: Builder,
        *,
        concurrency: int | None = None,
        used: Callable[[Environment], None] = lambda _: None,
    ) -> None:
        self.store = store
        self.builder = builder
        self._used = used
        self._places = asyncio.Semaphore(concurrency or os.cpu_count() or 1)
        self._running: dict[str, Build] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: list[Build] = []
        store.clean()

    def ensure(self, plan: Plan, source: Source) -> Build:
        """Have an environment: found, joined while it is built, or begun.

        Args:
            plan: From the builder's ``plan``.
            source: Puts a checkout of the repository at the path it is given.

        Returns:
            The build.  It goes on when nobody watches it any more.
        """
        running = self._running.get(plan.digest)
        if running is not None:
            return running
        build = Build(plan.digest)
        environment = self.find(plan)
        if environment is not None:
            build.cached = True
            build.end(environment)
            return build
        self._running[plan.digest] = build
        task = asyncio.create_task(self._run(build, plan, source))
        self._tasks.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            if task.cancelled():  # before it could begin
                del self._running[plan.digest]
                build.end(_stopped())

        task.add_done_callback(ended)
        return build

    def find(self, plan: Plan) -> Environment | None:
        """The environment, if it is there and can be used."""
        environment = self.store.get(plan.digest)
        if environment is None or not plan.usable(environment):
            return None
        self.store.touch(plan.digest)
        self._used(environment)
        return environment

    async def shutdown(self) -> None:
        """End all builds, and wait until their programs have ended and their folders are gone."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, build: Build, plan: Plan, source: Source) -> None:
        try:
            result: Environment | BaseException = await self._queue(build, plan, source)
        except asyncio.CancelledError:
            result = _stopped()
        except Exception as error:
            result = error
        # a build that failed is not remembered: who comes next tries again
        del self._running[plan.digest]
        build.end(result)

    async def _queue(self, build: Build, plan: Plan, source: Source) -> Environment:
        """Wait for a place, and for another process that builds the same."""
        if self._places.locked():
            self._waiting.append(build)
            self._tell_places()
        try:
            async with self._places:
                self._leave_queue(build)
                lock = AsyncFileLock(self.store.build_lock(plan.digest), run_in_executor=False)
                async with lock:
                    environment = self.find(plan)
                    if environment is not None:
                        build.cached = True
                        return environment
                    return await self._build(build, plan, source)
        finally:
            self._leave_queue(build)

    def _leave_queue(self, build: Build) -> None:
        if build in self._waiting:
            self._waiting.remove(build)
            self._tell_places()

    def _tell_places(self) -> None:
        for before, build in enumerate(self._waiting):
            build.tell("waiting", f"Waiting to build; {before} more are waiting before this one.")

    async def _build(self, build: Build, plan: Plan, source: Source) -> Environment:
        """Build aside and publish; leave nothing but the log of what fails."""
        folder = self.store.begin(plan.digest)
        try:
            with self.store.log_path(plan.digest).open("w", encoding="utf-8") as log:
                return await self._fill(build, plan, source, folder, log)
        except BaseException as error:
            await asyncio.to_thread(self.store.discard, folder)
            if isinstance(error, OSError) and not isinstance(error, HubroamError):
                raise _disk_trouble(error) from error
            raise

    async def _fill(
        self, build: Build, plan: Plan, source: Source, folder: Path, log: TextIO
    ) -> Environment:
        began = time.monotonic()

        def say(line: str) -> None:
            with suppress(OSError):  # what cannot be written is met again when the log is closed
                log.write(f"{line}\n")
                log.flush()
            build.tell("building", line)

        recipe = plan.recipe
        # a build does not know the folder that the recipe's repository has it in
        found = f"recipe in {recipe.directory}/" if recipe.directory else "recipe"
        if recipe.kind == "default":
            found = "no recipe: a plain Python"
        say(f"Environment {plan.digest[:12]} ({found}), {plan.target}")
        checkout = folder / "source"
        try:
            await source(checkout)
            left_out = await asyncio.to_thread(keep_recipe, recipe, checkout, folder)
            installed = await plan.builder.build(
                plan, checkout, folder, cache=self.store.cache, log=say
            )
        except HubroamError as error:
            log.write(f"{error.message}\n")
            raise
        await asyncio.to_thread(end_leftovers, str(folder))
        await asyncio.to_thread(shutil.rmtree, checkout)
        seconds = time.monotonic() - began
        build.tell("pushing", f"Keeping the environment, built in {seconds:.1f} s.")
        facts = BuildFacts(
            builder=plan.builder.name,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            seconds=seconds,
            server=installed.server,
            interpreter=plan.target,
            steps=[repr(step) for step in recipe.steps],
            tools=plan.builder.tools,
            local=installed.local,
            variables=installed.variables,
            resolved=installed.resolved,
            left_out=left_out,
            image=installed.image,
            substituted=installed.substituted,
        )
        environment = self.store.publish(plan.digest, folder, facts)
        self._used(environment)
        return environment


def _stopped() -> BuildError:
    return BuildError("The build was stopped.", next_step="Try again.")


def _disk_trouble(error: OSError) -> BuildError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull.of_hub()
    return BuildError(
        f"The environment could not be written ({error.strerror}).",
        next_step="Tell the people who run this hub.",
    )
