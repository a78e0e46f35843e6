"""The way of a launch, from a spec to a session that answers."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, field

from hubroam.binder import metrics
from hubroam.binder.early import EarlySession
from hubroam.binder.finder import Finder, Found
from hubroam.binder.following import Following
from hubroam.binder.opener import LaunchRequest, Opener, Wanted, variables_of
from hubroam.binder.paths import file_of
from hubroam.binder.startqueue import Turn
from hubroam.binder.workplace import Seat
from hubroam.environments import Builds, Environment
from hubroam.errors import DiskFull, HubroamError
from hubroam.events import LaunchEvent, failed
from hubroam.providers import ResolvedRef

log = logging.getLogger("hubroam")


@dataclass
class _Clock:
    """Seconds that each part of a launch took."""

    began: float = field(default_factory=time.monotonic)
    marks: dict[str, float] = field(default_factory=dict)

    def mark(self, name: str) -> float:
        """End a part; returns its seconds."""
        seconds = time.monotonic() - self.began - sum(self.marks.values())
        self.marks[name] = seconds
        return seconds

    def to_json(self) -> dict[str, float]:
        parts = {name: round(seconds, 3) for name, seconds in self.marks.items()}
        return {**parts, "total": round(time.monotonic() - self.began, 3)}


class Launcher:
    """Launches sessions.

    Args:
        finder: Finds what specs name.
        builds: Build environments.
        opener: Opens sessions.
    """

    def __init__(self, *, finder: Finder, builds: Builds, opener: Opener) -> None:
        self.finder = finder
        self.builds = builds
        self.opener = opener

    async def launch(self, request: LaunchRequest) -> AsyncGenerator[LaunchEvent, None]:
        """Do all of it.

        Yields:
            Every step; the last event is ``ready`` or ``failed``.  A build goes on when whoever
            listens leaves; a temporary session that nobody would open is taken back.
        """
        status = "failure"
        try:
            async for event in self._launch(request, self.opener.queue.come()):
                status = "success" if event.last else status
                yield event
        except HubroamError as error:
            yield failed(error)
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                yield failed(DiskFull.of_hub())
            else:
                log.exception("Launching %s failed", request.spec)
                yield failed(error)
        finally:
            metrics.LAUNCHES.labels(status, request.spec.provider).inc()

    async def _launch(self, request: LaunchRequest, turn: Turn) -> AsyncIterator[LaunchEvent]:
        clock = _Clock()
        resolving = Following(lambda say: self.finder.resolve(request.spec, say))
        async for line in resolving:
            yield LaunchEvent("fetching", _line(line))
        resolved = resolving.result
        early = EarlySession(
            *(request, resolved, turn.again()),
            finder=self.finder,
            builds=self.builds,
            opener=self.opener,
        )
        try:
            async with aclosing(self._go(request, resolved, turn, early, clock)) as events:
                async for event in events:
                    yield event
        finally:
            early.discard()

    async def _go(
        self,
        request: LaunchRequest,
        resolved: ResolvedRef,
        turn: Turn,
        early: EarlySession,
        clock: _Clock,
    ) -> AsyncGenerator[LaunchEvent, None]:
        """All that comes when the commit is known; the session may start before it is here."""

        async def fetch(say: Callable[[str], None]) -> Found:
            early.begin(say)
            return await self.finder.fetch(resolved, request.env_path, say)

        fetching = Following(fetch)
        async for line in fetching:
            yield LaunchEvent("fetching", _line(line))
        found = fetching.result
        found.check(file_of(request.open_path))
        clock.mark("resolve")

        build = self.builds.ensure(found.plan, found.source)
        wrong = await early.misfit(found, await build.result() if build.cached else None)
        if wrong is not None:
            early.discard()
        if wrong:
            yield LaunchEvent("fetching", _line(wrong))
        with metrics.BUILDS_NOW.track_inprogress():
            async for step in build.watch():
                yield step
            environment = await build.result()
        seconds = clock.mark("build")
        if not build.cached:
            metrics.BUILD_TIME.labels("success").observe(seconds)
        facts = {
            "imageName": environment.image_name,
            "commit": found.resolved.commit,
            "digest": environment.digest,
            "cached": build.cached,
            "builder": environment.builder,
            **({"env_path": request.env_path} if request.env_path else {}),
            **({"substituted": environment.substituted} if environment.substituted else {}),
        }
        message = "The environment was built before" if build.cached else "The environment is built"
        if environment.substituted:
            message += ", with PyPI's packages in place of conda's"
        if request.build_only:
            yield LaunchEvent("ready", f"{message}.\n", {**facts, "seconds": clock.to_json()})
            return
        yield LaunchEvent("built", f"{message}, launching…\n", facts)

        yield LaunchEvent("launching", "Starting the session.\n")
        opening = Following(
            lambda say: self._open(
                request, found, environment, turn, early if wrong is None else None, say
            )
        )
        with metrics.LAUNCHES_NOW.track_inprogress():
            async for line in opening:
                yield LaunchEvent("launching", _line(line))
        seat, token = opening.result
        metrics.LAUNCH_TIME.labels("success").observe(clock.mark("launch"))

        url = request.host + seat.path
        answer = {
            **facts,
            "url": url,
            "token": token,
            "image": facts["imageName"],
            "repo_url": found.resolved.repo_url,
            **{k.lower(): v for k, v in variables_of(request, found.resolved).items()},
            "seconds": clock.to_json(),
        }
        yield LaunchEvent("ready", f"Server running at {url}\n", answer)

    async def _open(
        self,
        request: LaunchRequest,
        found: Found,
        environment: Environment,
        turn: Turn,
        early: EarlySession | None,
        say: Callable[[str], None],
    ) -> tuple[Seat, str]:
        """Open the session, or finish the early one; returns its seat and what opens it."""
        if early is not None:
            if opened := await early.finish(found, say):
                return opened
            early.discard()
            say("The session starts again, with its files")
        wanted = Wanted.of(request, found.resolved, found, environment)
        return wanted.seat, await self.opener.open(wanted, turn, say)


def _line(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
