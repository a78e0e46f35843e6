"""The way of a launch, from a spec to a session that answers."""

from __future__ import annotations

import asyncio
import errno
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from hubroam.binder import metrics
from hubroam.binder.following import Following
from hubroam.binder.paths import file_of
from hubroam.binder.starter import SessionStarter
from hubroam.binder.workplace import Seat, Workplace, take_seat
from hubroam.environments import Builder, Builds, Environment, Origin
from hubroam.errors import DiskFull, HubroamError, PathNotFound
from hubroam.events import LaunchEvent, failed
from hubroam.providers import Mirror, MirrorStore, Providers, ResolvedRef
from hubroam.recipes import BuildImage, Recipe, RunPostBuild
from hubroam.spec import PROVIDERS, BinderSpec

log = logging.getLogger("hubroam")

# Commits whose recipes are remembered; with each, its files' names.
_KEPT = 200


@dataclass(frozen=True)
class LaunchRequest:
    """What is asked for.

    Attributes:
        spec: What to launch.
        host: The hub's public URL, which ends in a slash.
        open_path: The path to open in the session; a file that it names must be there.
        user: Who is signed in; None for a temporary user.
        build_only: Whether to stop when the environment is there.
        page: The origin of the page that the session is handed to; None where the reader opens it.
        reader_token: The signed-in reader's own token, where a page is handed the session.
    """

    spec: BinderSpec
    host: str
    open_path: str = ""
    user: str | None = None
    build_only: bool = False
    page: str | None = None
    reader_token: str | None = field(default=None, repr=False)


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
class _Found:
    """What a spec names, and what it asks for."""

    resolved: ResolvedRef
    mirror: Mirror
    recipe: Recipe


class Launcher:
    """Launches sessions.

    Args:
        providers: Resolve specs.
        mirrors: Keep repositories.
        builder: Plans environments.
        builds: Build them.
        workplace: Lays sessions out.
        starter: Starts their servers.
    """

    def __init__(
        self,
        *,
        providers: Providers,
        mirrors: MirrorStore,
        builder: Builder,
        builds: Builds,
        workplace: Workplace,
        starter: SessionStarter,
    ) -> None:
        self.providers = providers
        self.mirrors = mirrors
        self.builder = builder
        self.builds = builds
        self.workplace = workplace
        self.starter = starter
        self._known: dict[tuple[Path, str], tuple[Sequence[str], Recipe]] = {}

    async def launch(self, request: LaunchRequest) -> AsyncGenerator[LaunchEvent, None]:
        """Do all of it.

        Yields:
            Every step; the last event is ``ready`` or ``failed``.  A build goes on when whoever
            listens leaves; a temporary session that nobody would open is taken back.
        """
        status = "failure"
        try:
            async for event in self._launch(request):
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

    async def _launch(self, request: LaunchRequest) -> AsyncIterator[LaunchEvent]:
        clock = _Clock()
        finding = Following(lambda say: self._find(request, say))
        async for line in finding:
            yield LaunchEvent("fetching", _line(line))
        found = finding.result
        planning = Following(
            lambda say: self.builder.plan(found.recipe, say, origin=_origin(found))
        )
        async for line in planning:
            yield LaunchEvent("fetching", _line(line))
        plan = planning.result
        clock.mark("resolve")

        build = self.builds.ensure(plan, _source(found))
        with metrics.BUILDS_NOW.track_inprogress():
            async for step in build.watch():
                yield LaunchEvent(step.phase, _line(step.message))
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
        }
        message = "The environment was built before" if build.cached else "The environment is built"
        if request.build_only:
            yield LaunchEvent("ready", f"{message}.\n", {**facts, "seconds": clock.to_json()})
            return
        yield LaunchEvent("built", f"{message}, launching…\n", facts)

        seat = take_seat(found.resolved, request.user, request.page)
        variables = _variables(request, found.resolved)
        yield LaunchEvent("launching", "Starting the session.\n")
        with metrics.LAUNCHES_NOW.track_inprogress():
            async for line in self._start(seat, request, found, environment, variables):
                yield LaunchEvent("launching", _line(line))
            token = await self._token(seat, request.reader_token, environment)
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

    async def _find(self, request: LaunchRequest, say: Callable[[str], None]) -> _Found:
        """Resolve the spec, fetch its repository, read its recipe."""
        spec = request.spec
        ref = f"{spec.ref or 'HEAD'} in " if PROVIDERS[spec.provider].ref_enabled else ""
        say(f"Looking up {ref}{spec.repository}")
        resolved = await self.providers.resolve(spec)
        for note in resolved.notes:
            say(note)
        say(resolved.version)
        mirror, resolved = await self.mirrors.fetch(resolved, say)
        names, recipe = await self._read(mirror, resolved.commit)
        name = file_of(request.open_path)
        generated = any(isinstance(step, RunPostBuild | BuildImage) for step in recipe.steps)
        there = name in names or any(other.startswith(f"{name}/") for other in names)
        if name is not None and not generated and not there:
            raise _no_such_file(name, list(names), spec)
        return _Found(resolved, mirror, recipe)

    async def _read(self, mirror: Mirror, commit: str) -> tuple[Sequence[str], Recipe]:
        """The files' names and the recipe of a commit, which never change."""
        key = (mirror.path, commit)
        known = self._known.pop(key, None)
        if known is None:
            files = await mirror.files(commit)
            known = (files.names(), self.builder.read(files))
        self._known[key] = known  # the newest is last
        if len(self._known) > _KEPT:
            del self._known[next(iter(self._known))]
        return known

    async def _start(
        self,
        seat: Seat,
        request: LaunchRequest,
        found: _Found,
        environment: Environment,
        variables: dict[str, str],
    ) -> AsyncIterator[str]:
        """Lay the session out and start its server, unless a signed-in reader has it running."""
        if await self.starter.running(seat):
            yield "Your session is running already"
            return
        session = None
        name = file_of(request.open_path)
        user = asyncio.create_task(self.starter.make_user(seat))
        try:
            session = await self.workplace.prepare(
                seat,
                found.resolved,
                found.mirror,
                environment,
                start=found.recipe.start,
                variables=variables,
                page=request.page,
                notebook=name if name and name.endswith(".ipynb") else "",
            )
            if name is not None and session.content and not (Path(session.content) / name).exists():
                raise _no_such_file(name, [], request.spec)
            await user
            async for message in self.starter.start(seat, session):
                yield message
        except BaseException:
            # one short request, and then it is known what to undo; what failed first is raised
            await asyncio.gather(user, return_exceptions=True)
            self.starter.undo(seat, session)
            raise

    async def _token(self, seat: Seat, reader_token: str | None, environment: Environment) -> str:
        try:
            if environment.image is not None and environment.image.server == "plain":
                return self.workplace.own_token(seat)
            return await self.starter.token(seat, reader_token)
        except BaseException:
            self.starter.undo(seat, None)
            raise


def _source(found: _Found) -> Callable[[Path], Awaitable[None]]:
    async def put(target: Path) -> None:
        await found.mirror.checkout(found.resolved.commit, target, origin=found.resolved.clone_url)

    return put


def _origin(found: _Found) -> Origin:
    spec = found.resolved.spec
    return Origin(spec.provider, spec.repository, found.resolved.commit)


def _variables(request: LaunchRequest, resolved: ResolvedRef) -> dict[str, str]:
    """What BinderHub tells a session about where it comes from."""
    return {
        "BINDER_REPO_URL": resolved.repo_url,
        "BINDER_REF_URL": resolved.ref_url,
        "BINDER_LAUNCH_HOST": request.host,
        "BINDER_REQUEST": f"v2/{request.spec}",
        "BINDER_PERSISTENT_REQUEST": f"v2/{resolved.pinned}",
    }


def _line(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def _no_such_file(name: str, names: list[str], spec: BinderSpec) -> PathNotFound:
    near = get_close_matches(name, names, n=1)
    hint = f"Perhaps {near[0]} is meant. " if near else ""
    return PathNotFound(
        f"There is no file {name} in {spec.repository}" + (f" at {spec.ref}." if spec.ref else "."),
        next_step=f"{hint}Tell the book's author, or open the session without a file.",
    )
