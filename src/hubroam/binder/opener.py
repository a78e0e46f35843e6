"""Opening a session: its files are laid out and its server is started when its turn has come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import quote

from hubroam.binder.finder import Found
from hubroam.binder.outline import Outline
from hubroam.binder.paths import content_of, file_of
from hubroam.binder.starter import SessionStarter
from hubroam.binder.startqueue import StartQueue, Turn
from hubroam.binder.workplace import Seat, Workplace, take_seat
from hubroam.environments import Environment
from hubroam.hub.sessions import Session
from hubroam.providers import ResolvedRef
from hubroam.spec import BinderSpec


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


@dataclass(frozen=True)
class Wanted:
    """A session that is to be started: whose, what was asked for and found, and what it is told.

    Attributes:
        seat: Whose.
        request: What was asked for.
        found: What is launched.
        environment: Its environment.
        variables: What it is told of where it comes from.
        outline: What it begins with where its files come later.
    """

    seat: Seat
    request: LaunchRequest
    found: Found
    environment: Environment
    variables: dict[str, str]
    outline: Outline | None = None

    @classmethod
    def of(
        cls,
        request: LaunchRequest,
        resolved: ResolvedRef,
        found: Found,
        environment: Environment,
        outline: Outline | None = None,
    ) -> Self:
        """What a request wants, of a commit.

        Args:
            request: The request.
            resolved: The commit that the session is told.
            found: What is launched, which may be of the commit before.
            environment: Its environment.
            outline: What it begins with where its files come later.
        """
        content = content_of(request.open_path)
        seat = take_seat(resolved, request.user, request.page, request.env_path, content)
        return cls(seat, request, found, environment, variables_of(request, resolved), outline)


class Opener:
    """Opens sessions.

    Args:
        workplace: Lays them out.
        starter: Starts their servers.
        queue: Says whose turn it is to start.
    """

    def __init__(self, workplace: Workplace, starter: SessionStarter, queue: StartQueue) -> None:
        self.workplace = workplace
        self.starter = starter
        self.queue = queue

    async def open(
        self,
        wanted: Wanted,
        turn: Turn,
        say: Callable[[str], None],
        laid: Callable[[Session], None] = lambda _: None,
    ) -> str:
        """Start a session when its turn has come, unless a signed-in reader has it running.

        Whoever listens may be slow: the turn does not wait for them.

        Args:
            wanted: The session.
            turn: Is given back at the end.
            say: Takes what happens.
            laid: Takes the session when its folder is there.

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
                return await self._start(wanted, say, laid)
        say("Your session is running already")
        return await self._token(wanted)

    async def _start(
        self, wanted: Wanted, say: Callable[[str], None], laid: Callable[[Session], None]
    ) -> str:
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
                outline=wanted.outline,
            )
            if wanted.outline is None:
                check(session, found, request)
            laid(session)
            token = await user
            async for message in self.starter.start(seat, session):
                say(message)
            return await self._token(wanted, token)
        except BaseException:
            # one short request, and then it is known what to undo; what failed first is raised
            await asyncio.gather(user, return_exceptions=True)
            self.starter.undo(seat, session)
            raise

    async def _token(self, wanted: Wanted, token: str = "") -> str:
        """What opens a session: that of its user, or of a server that knows no JupyterHub.

        Args:
            wanted: The session.
            token: The user's, where it is known.
        """
        image = wanted.environment.image
        if image is not None and image.server == "plain":
            return self.workplace.own_token(wanted.seat)
        return token or await self.starter.token(wanted.seat, wanted.request.reader_token)


def check(session: Session, found: Found, request: LaunchRequest) -> None:
    """See that the file that is to be opened is in a session that has its files.

    Raises:
        PathNotFound: It is not.
    """
    name = file_of(request.open_path)
    if name is not None and session.content and not (Path(session.content) / name).exists():
        raise found.no_such_file(name)


def variables_of(request: LaunchRequest, resolved: ResolvedRef) -> dict[str, str]:
    """What BinderHub tells a session about where it comes from."""
    return {
        "BINDER_REPO_URL": resolved.repo_url,
        "BINDER_REF_URL": resolved.ref_url,
        "BINDER_LAUNCH_HOST": request.host,
        "BINDER_REQUEST": f"v2/{request.spec}{request.recipe_of}",
        "BINDER_PERSISTENT_REQUEST": f"v2/{resolved.pinned}{request.recipe_of}",
    }
