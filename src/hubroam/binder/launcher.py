"""The way of a launch, from a spec to a session that answers."""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from hubroam.binder import metrics
from hubroam.binder.finder import Finder, Found
from hubroam.binder.following import Following
from hubroam.binder.paths import content_of, file_of
from hubroam.binder.starter import SessionStarter
from hubroam.binder.startqueue import StartQueue, Turn
from hubroam.binder.workplace import Seat, Workplace, take_seat
from hubroam.environments import Builds, Environment
from hubroam.errors import DiskFull, HubroamError
from hubroam.events import LaunchEvent, failed
from hubroam.providers import ResolvedRef
from hubroam.spec import BinderSpec

log = logging.getLogger("hubroam")


@dataclass(frozen=True)
class LaunchRequest:
    """What is asked for.

    Attributes:
        spec: What to launch.
        host: The hub's public URL, which ends in a slash.
        open_path: The path to open in the session; a file that it names must be there.
        user: Who is signed in; None for a temporary user.
        build_only: Whether to stop when the environment is there.
        env_path: The folder that the recipe is in; empty for the repository's root.
        page: The origin of the page that the session is handed to; None where the reader opens it.
        reader_token: The signed-in reader's own token, where a page is handed the session.
    """

    spec: BinderSpec
    host: str
    open_path: str = ""
    user: str | None = None
    build_only: bool = False
    env_path: str = ""
    page: str | None = None
    reader_token: str | None = field(default=None, repr=False)

    @property
    def recipe_of(self) -> str:
        """What a launch link says of the recipe's folder, behind the spec."""
        return f"?envpath={quote(self.env_path, safe='')}" if self.env_path else ""


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


@dataclass(frozen=True)
class _Wanted:
    """A session that is to be started: whose, what was asked for and found, and what it is told."""

    seat: Seat
    request: LaunchRequest
    found: Found
    environment: Environment
    variables: dict[str, str]


class Launcher:
    """Launches sessions.

    Args:
        finder: Finds what specs name.
        builds: Build environments.
        workplace: Lays sessions out.
        starter: Starts their servers.
        queue: Says whose turn it is to start.
    """

    def __init__(
        self,
        *,
        finder: Finder,
        builds: Builds,
        workplace: Workplace,
        starter: SessionStarter,
        queue: StartQueue,
    ) -> None:
        self.finder = finder
        self.builds = builds
        self.workplace = workplace
        self.starter = starter
        self.queue = queue

    async def launch(self, request: LaunchRequest) -> AsyncGenerator[LaunchEvent, None]:
        """Do all of it.

        Yields:
            Every step; the last event is ``ready`` or ``failed``.  A build goes on when whoever
            listens leaves; a temporary session that nobody would open is taken back.
        """
        status = "failure"
        try:
            async for event in self._launch(request, self.queue.come()):
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
        finding = Following(lambda say: self.finder.find(request.spec, request.env_path, say))
        async for line in finding:
            yield LaunchEvent("fetching", _line(line))
        found = finding.result
        found.check(file_of(request.open_path))
        clock.mark("resolve")

        build = self.builds.ensure(found.plan, found.source)
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

        seat = take_seat(
            found.resolved,
            request.user,
            request.page,
            request.env_path,
            content_of(request.open_path),
        )
        variables = _variables(request, found.resolved)
        yield LaunchEvent("launching", "Starting the session.\n")
        wanted = _Wanted(seat, request, found, environment, variables)
        starting = Following(lambda say: self._start_in_turn(wanted, turn, say))
        with metrics.LAUNCHES_NOW.track_inprogress():
            async for line in starting:
                yield LaunchEvent("launching", _line(line))
        token = starting.result
        metrics.LAUNCH_TIME.labels("success").observe(clock.mark("launch"))

        url = request.host + seat.path
        answer = {
            **facts,
            "url": url,
            "token": token,
            "image": facts["imageName"],
            "repo_url": found.resolved.repo_url,
            **{name.lower(): value for name, value in variables.items()},
            "seconds": clock.to_json(),
        }
        yield LaunchEvent("ready", f"Server running at {url}\n", answer)

    async def _start_in_turn(self, wanted: _Wanted, turn: Turn, say: Callable[[str], None]) -> str:
        """Start a session when its turn has come, unless a signed-in reader has it running.

        Whoever listens may be slow: the turn does not wait for them.

        Returns:
            What opens the session.
        """
        seat = wanted.seat
        running = await self.starter.running(seat)
        with turn:
            if not running:
                async for line in turn.wait():
                    say(line)
                running = turn.waited and await self.starter.running(seat)
            if not running:
                return await self._start(wanted, say)
        say("Your session is running already")
        return await self._token(wanted)

    async def _start(self, wanted: _Wanted, say: Callable[[str], None]) -> str:
        """Lay the session out and start its server; returns what opens it."""
        seat, request, found = wanted.seat, wanted.request, wanted.found
        session = None
        name = file_of(request.open_path)
        # a kernel ahead of its reader would keep another reader waiting for a server
        ahead = name and name.endswith(".ipynb") and not self.queue.busy
        user = asyncio.create_task(self.starter.make_user(seat))  # and the token, meanwhile
        try:
            session = await self.workplace.prepare(
                seat,
                found.resolved,
                found.mirror,
                wanted.environment,
                start=found.recipe.start,
                env_path=request.env_path,
                variables=wanted.variables,
                page=request.page,
                notebook=name if name and ahead else "",
            )
            if name is not None and session.content and not (Path(session.content) / name).exists():
                raise found.no_such_file(name)
            token = await user
            async for message in self.starter.start(seat, session):
                say(message)
            return await self._token(wanted, token)
        except BaseException:
            # one short request, and then it is known what to undo; what failed first is raised
            await asyncio.gather(user, return_exceptions=True)
            self.starter.undo(seat, session)
            raise

    async def _token(self, wanted: _Wanted, token: str = "") -> str:
        """What opens a session: that of its user, or of a server that knows no JupyterHub.

        Args:
            wanted: The session.
            token: The user's, where it is known.
        """
        image = wanted.environment.image
        if image is not None and image.server == "plain":
            return self.workplace.own_token(wanted.seat)
        return token or await self.starter.token(wanted.seat, wanted.request.reader_token)


def _variables(request: LaunchRequest, resolved: ResolvedRef) -> dict[str, str]:
    """What BinderHub tells a session about where it comes from."""
    return {
        "BINDER_REPO_URL": resolved.repo_url,
        "BINDER_REF_URL": resolved.ref_url,
        "BINDER_LAUNCH_HOST": request.host,
        "BINDER_REQUEST": f"v2/{request.spec}{request.recipe_of}",
        "BINDER_PERSISTENT_REQUEST": f"v2/{resolved.pinned}{request.recipe_of}",
    }


def _line(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"
