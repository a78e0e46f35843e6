"""Starting a session's server on the hub, and taking back what a failed start left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress

from hubroam.binder.hubapi import HubApi
from hubroam.binder.workplace import Seat
from hubroam.errors import LaunchError
from hubroam.hub.sessions import Session, SessionStore

#: Seconds for which a session's token is good; an idle session ends long before.
_TOKEN_LIFETIME = 7 * 24 * 3600


class SessionStarter:
    """Gives sessions their servers.

    Args:
        hub: JupyterHub's API.
        sessions: The sessions' records.
    """

    def __init__(self, hub: HubApi, sessions: SessionStore) -> None:
        self._hub = hub
        self._sessions = sessions
        self._tidying: set[asyncio.Task[None]] = set()

    async def running(self, seat: Seat) -> bool:
        """Whether a signed-in reader's server for this seat runs already."""
        if seat.temporary:
            return False
        server = await self._hub.server(seat.user, seat.server)
        return bool(server and server.get("ready"))

    async def make_user(self, seat: Seat) -> str:
        """Make the user of a temporary session.

        Returns:
            What will open the session; empty where no user was made.

        Raises:
            LaunchError: The hub refuses or does not answer.
        """
        if not seat.temporary:
            return ""
        await self._hub.create_user(seat.user)
        return await self._hub.session_token(seat.user, seat.server, seconds=_TOKEN_LIFETIME)

    async def start(self, seat: Seat, session: Session) -> AsyncIterator[str]:
        """Start the server and wait until it answers; its user must be there.

        Yields:
            What the hub says on the way.

        Raises:
            LaunchError: It did not start.
        """
        if await self._hub.start_server(seat.user, seat.server, {"session": session.id}):
            return
        async for message in self._hub.progress(seat.user, seat.server):
            yield message

    async def token(self, seat: Seat, reader_token: str | None = None) -> str:
        """What opens a reader's session: empty where their browser is known there.

        Args:
            seat: The session's.
            reader_token: The signed-in reader's own, where the session is for a page on another
                origin, which their browser is not known to.
        """
        if reader_token is None:
            return ""
        return await self._hub.session_token(
            seat.user, seat.server, seconds=_TOKEN_LIFETIME, as_reader=reader_token
        )

    def undo(self, seat: Seat, session: Session | None) -> None:
        """Take a temporary session back, in the background: the launch has failed or was left."""
        if not seat.temporary:
            return
        self._in_background(self._undo(seat, session))

    def sweep(self) -> None:
        """Remove, in the background, what a killed service left of temporary sessions.

        Call it before the first launch: all that is half made then, or of a user whom the hub
        does not know, will never be opened.
        """
        self._in_background(self._sweep(self._sessions.all()))

    async def close(self) -> None:
        """Wait until everything is taken back."""
        if self._tidying:
            await asyncio.wait(self._tidying)

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tidying.add(task)
        task.add_done_callback(self._tidying.discard)

    async def _sweep(self, found: dict[str, Session | None]) -> None:
        # a hub that does not answer leaves them to the next start
        with suppress(LaunchError):
            for session_id, session in found.items():
                if session is not None and (
                    not session.temporary or await self._hub.has_user(session.user)
                ):
                    continue
                await asyncio.to_thread(self._sessions.delete, session_id)

    async def _undo(self, seat: Seat, session: Session | None) -> None:
        # the hub removes no user whose server is starting: let that end first
        with suppress(LaunchError):
            async for _ in self._hub.progress(seat.user, seat.server):
                pass
        # never made, or the hub is going down: the idle culler finds what is left
        with suppress(LaunchError):
            await self._hub.delete_user(seat.user)
        if session is not None:
            await asyncio.to_thread(self._sessions.delete, session.id)
