"""The hub's side of a warm parent: starts it, asks it for servers, watches it, replaces it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections import deque
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from hubroam.hub.warm.child import INHERITED
from hubroam.hub.warm.messages import ServerRequest, pair, receive, send, to_message
from hubroam.hub.warm.process import ServerProcess
from hubroam.network import network_settings

log = logging.getLogger("hubroam")

# Seconds that a spawn waits for a parent that is starting; a cold start takes no longer.
_PATIENCE = 20.0
# Seconds that a parent has to fork, which takes milliseconds: later it is as good as gone.
_ANSWER = 5.0
# Seconds until a parent that could not start is tried again.
_REST = 60.0


class NotWarm(Exception):
    """There is no warm parent now, or it cannot fork; servers start cold meanwhile."""


class WarmStack:
    """A warm parent for this interpreter's Jupyter, started again when it ends.

    It belongs to the event loop that `start` was called in.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._ready: asyncio.Future[None] | None = None
        self._packages: tuple[int, ...] = ()
        self._asked: deque[asyncio.Future[ServerProcess]] = deque()
        self._statuses: dict[int, asyncio.Future[int]] = {}
        self._not_before = 0.0
        self._heard = 0.0

    @property
    def pid(self) -> int | None:
        """The parent's process id, for those who look after it; None when there is none."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the parent, unless it is there; `fork` waits until it has imported everything."""
        if self._process is not None:
            return
        loop = asyncio.get_running_loop()
        variables = {k: v for k, v in os.environ.items() if k in (*INHERITED, *network_settings())}
        ours, theirs = pair()
        # -P: what lies in a folder must not be taken for a module of Jupyter's; no_debug_ranges:
        # memory for marks below the lines of a traceback, which Jupyter's log is readable without
        options = ["-P", "-X", "no_debug_ranges"]
        program = ["-m", "hubroam.hub.warm.parent", str(theirs.fileno())]
        self._packages = installed()
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, *options, *program],
                    cwd="/",
                    env=variables,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # Ctrl-C in the hub's terminal is not for it
                )
            except OSError as error:
                ours.close()
                self._rest(f"cannot be started ({error})")
                return
        self._channel = ours
        self._ready = loop.create_future()
        loop.add_reader(ours, self._receive)

    async def fork(
        self, request: ServerRequest, *, log_file: int, ready: int, given: int | None = None
    ) -> ServerProcess:
        """Have a server forked.

        Args:
            request: The server.
            log_file: A descriptor of its log.
            ready: The descriptor on which it says that it listens.
            given: What else it is given, if the request names a variable for that.

        Raises:
            NotWarm: There is no parent that could do it.
        """
        await self._have_parent()
        channel = self._channel
        assert channel  # noqa: S101 (there is a parent)
        more = () if given is None else (given,)
        theirs, go = os.pipe()
        try:
            try:
                send(channel, to_message(request), (log_file, ready, theirs, *more))
            except OSError as error:
                raise NotWarm(f"it cannot be asked ({error})") from None
            finally:
                os.close(theirs)
            server = await self._answer(channel)
            with suppress(BrokenPipeError):  # it was killed already
                os.write(go, b"1")
            return server
        finally:
            os.close(go)  # a server that nobody knows of ends by this

    async def _answer(self, channel: socket.socket) -> ServerProcess:
        """Wait for the answer to the request that was just sent."""
        answer: asyncio.Future[ServerProcess] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        asked = time.monotonic()
        try:
            # It answers one after the other: as long as it answers somebody, it will answer this.
            while not answer.done():
                left = max(asked, self._heard) + _ANSWER - time.monotonic()
                if left <= 0:
                    # perhaps another one is there by now, which has done nothing wrong
                    if channel is self._channel:
                        self._ended("does not answer")
                    raise NotWarm("it did not answer")
                await asyncio.wait({answer}, timeout=left)
        except asyncio.CancelledError:
            answer.add_done_callback(_unwanted)
            raise
        return answer.result()

    def stop(self) -> None:
        """End the parent; the servers that it forked go on."""
        if self._process is not None:
            self._let_go("the hub stops")

    async def _have_parent(self) -> None:
        """See that there is a parent, with what is installed now, and that it is ready."""
        if self._process is not None and installed() != self._packages:
            log.info("The installed packages changed: a new warm parent takes over.")
            self.stop()
        if self._process is None:
            if time.monotonic() < self._not_before:
                raise NotWarm("the last one did not start")
            self.start()
        if self._ready is None:
            raise NotWarm("it cannot be started")
        try:
            await asyncio.wait_for(asyncio.shield(self._ready), _PATIENCE)
        except TimeoutError:
            raise NotWarm("it is not ready yet") from None

    def _receive(self) -> None:
        """Take one message of the parent's, or its end."""
        assert self._channel  # noqa: S101 (it is read from)
        received = receive(self._channel)
        if received is None:
            self._ended("ended")
            return
        self._heard = time.monotonic()
        message, descriptors = received
        match message["event"]:
            case "ready":
                assert self._ready  # noqa: S101 (it was started)
                self._ready.set_result(None)
            case "forked":
                pid, (process,) = message["pid"], descriptors
                status = self._statuses[pid] = asyncio.get_running_loop().create_future()
                self._asked.popleft().set_result(ServerProcess(pid, process, status))
            case "refused":
                self._asked.popleft().set_exception(NotWarm(message["reason"]))
            case "ended":
                self._statuses.pop(message["pid"]).set_result(message["status"])

    def _ended(self, what: str) -> None:
        """Go on without the parent: start another, unless that one could not even start."""
        was_ready = self._ready is not None and self._ready.done()
        self._let_go(f"it {what}")
        if was_ready:
            log.warning("The warm parent %s; starting another.", what)
            self.start()
        else:
            self._rest(f"{what} before it was ready")

    def _rest(self, what: str) -> None:
        """Do without a parent for a while."""
        log.warning("The warm parent %s; servers start cold for a while.", what)
        self._not_before = time.monotonic() + _REST

    def _let_go(self, reason: str) -> None:
        """Close the channel, which ends the parent, and tell everybody who waits for it."""
        if self._channel is not None:
            asyncio.get_running_loop().remove_reader(self._channel)
            self._channel.close()
        process, self._process, self._channel = self._process, None, None
        if process is not None:
            process.kill()  # it holds nothing that could be lost
            process.wait()
        waiting: list[asyncio.Future[Any]] = [*self._asked]
        if self._ready is not None:
            waiting.append(self._ready)
        for future in waiting:
            if not future.done():
                future.set_exception(NotWarm(reason))
                future.exception()  # read, since perhaps nobody waits any more
        self._asked.clear()
        self._ready = None
        for status in self._statuses.values():
            status.set_result(0)  # nobody will say
        self._statuses.clear()


@cache
def warm_stack() -> WarmStack:
    """The one of this process."""
    return WarmStack()


def installed() -> tuple[int, ...]:
    """What tells that packages were installed, removed or replaced: their folders' changes."""
    folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    return tuple(Path(folder).stat().st_mtime_ns for folder in sorted(folders))


def _unwanted(answer: asyncio.Future[ServerProcess]) -> None:
    """End a server whose spawn was given up while it was being forked."""
    if answer.exception() is None:
        server = answer.result()
        server.send(signal.SIGKILL)
        server.close()
