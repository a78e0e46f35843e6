"""A session that starts while its commit is fetched, in the environment that its branch had.

Most commits leave the recipe as it is. So where a branch has moved, its session's server starts
without the files, which are put there when they have come. Where that was wrong, another recipe
above all, this session is ended before anybody knew of it, and the launch goes the ordinary way.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from hubroam.binder.finder import Finder, Found
from hubroam.binder.opener import LaunchRequest, Opener, Wanted, check
from hubroam.binder.outline import Outline, reads_at_start
from hubroam.binder.paths import file_of
from hubroam.binder.startqueue import Turn
from hubroam.binder.workplace import Seat
from hubroam.environments import Builds, Environment
from hubroam.errors import HubroamError
from hubroam.hub.sessions import Session
from hubroam.providers import ResolvedRef

log = logging.getLogger("hubroam")


class EarlySession:
    """The session; there is none where nothing is to be won by it.

    A signed-in reader's checkout stays when its session has ended, so theirs does not begin
    without its files; nor does one whose server or kernel reads files of the repository when it
    starts.

    Args:
        request: What is asked for.
        resolved: The commit.
        turn: A place in the queue; is given back.
        finder: Knows what the ref named before.
        builds: Has the environment of that.
        opener: Opens it.
    """

    def __init__(
        self,
        request: LaunchRequest,
        resolved: ResolvedRef,
        turn: Turn,
        *,
        finder: Finder,
        builds: Builds,
        opener: Opener,
    ) -> None:
        self._request = request
        self._resolved = resolved
        self._turn = turn
        self._finder = finder
        self._builds = builds
        self._opener = opener
        self._wanted: Wanted | None = None
        self._decided = asyncio.Event()
        self._session: Session | None = None
        self._laid = asyncio.Event()
        self._task: asyncio.Task[str] | None = None
        self._finished = False
        self._said: list[str] = []
        self._say: Callable[[str], None] = self._said.append

    def begin(self, say: Callable[[str], None]) -> None:
        """Start it, if that is to be done.

        Args:
            say: Is told when it is.
        """
        self._task = asyncio.create_task(self._run(say))
        # that it failed matters to who finishes it
        self._task.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def misfit(self, found: Found, environment: Environment | None) -> str | None:
        """Whether it cannot be used, and why.

        Args:
            found: The commit and its recipe.
            environment: Of that recipe; None where it must be built.

        Returns:
            None where it can be used; otherwise why not, for people: empty where there is none.
        """
        await self._decided.wait()
        if self._wanted is None:
            return ""
        if environment != self._wanted.environment or found.recipe.start is not None:
            return "The commit changes the recipe: the session starts again, in its environment"
        if reads_at_start(found.names, self._name):
            return "The commit brings settings of the session: it starts again, with them"
        return None

    async def finish(self, found: Found, say: Callable[[str], None]) -> tuple[Seat, str] | None:
        """Put the files into it, and wait until its server answers.

        Args:
            found: The commit; it is no `misfit`.
            say: Takes what happens, and what has happened.

        Returns:
            Its seat and what opens it; None when the files cannot be put there while its programs
            run, and a session that starts after them is needed.

        Raises:
            PathNotFound: The file that is to be opened is not there.
            LaunchError: Its server did not start.
        """
        assert self._task is not None  # noqa: S101 (it was begun)
        assert self._wanted is not None  # noqa: S101 (else it is a misfit)
        for line in self._said:
            say(line)
        self._say = say
        await self._laid.wait()
        wanted, session = self._wanted, self._session
        if session is not None and wanted.outline is not None:
            try:
                await self._opener.workplace.fill(
                    *(session, wanted.outline, found.resolved, found.mirror, wanted.environment),
                    env_path=self._request.env_path,
                )
            except (OSError, HubroamError) as error:
                log.warning("The early session of %s starts again: %s", self._request.spec, error)
                return None
            check(session, found, self._request)
        token = await asyncio.shield(self._task)
        self._finished = True
        return wanted.seat, token

    def discard(self) -> None:
        """End it in the background, unless it was finished; nothing is left of it."""
        if self._finished or self._task is None:
            return
        if not self._task.done():
            self._task.cancel()  # which takes back what has begun
        elif self._wanted and not self._task.cancelled() and self._task.exception() is None:
            self._opener.starter.undo(self._wanted.seat, self._session)
        self._finished = True

    @property
    def _name(self) -> str:
        return file_of(self._request.open_path) or ""

    async def _run(self, say: Callable[[str], None]) -> str:
        try:
            self._wanted = wanted = await self._plan()
            if wanted is None:
                return ""
            say("The commit is fetched; the session starts meanwhile")
            self._decided.set()
            return await self._opener.open(
                wanted, self._turn, lambda line: self._say(line), self._take
            )
        finally:
            self._decided.set()
            self._laid.set()

    def _take(self, session: Session) -> None:
        self._session = session
        self._laid.set()

    async def _plan(self) -> Wanted | None:
        """What is started: what was found before, in its environment, with an outline."""
        request, resolved, name = self._request, self._resolved, self._name
        if request.build_only or request.user is not None or self._opener.queue.busy:
            return None
        before = await self._finder.before(resolved, request.env_path)
        if before is None or before.recipe.start or reads_at_start(before.names, name):
            return None
        environment = self._builds.find(before.plan)
        if environment is None or environment.image or environment.server != "shared":
            return None
        outline = Outline()
        try:
            before.check(name or None)
            if name.endswith(".ipynb"):
                files = await before.mirror.files(before.resolved.commit)
                outline = Outline(name, await asyncio.to_thread(files.read, name))
        except (HubroamError, KeyError):
            return None  # the file is new, too large, or made by the build
        return Wanted.of(request, resolved, before, environment, outline)
