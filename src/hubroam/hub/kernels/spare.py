"""An interpreter of a session's own that waits to be its next kernel."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from hubroam.hub.kernels.words import hear, say
from hubroam.hub.sessions import KERNELS_VARIABLE

_PROGRAM = Path(__file__).with_name("interpreter.py")
_MODULE = ["-m", "ipykernel_launcher"]

# Seconds for which all kernels have been idle before an interpreter is started: it must not take
# the processor from a page that loads or from cells that run.
_QUIET = 2.0
# Seconds without a cell after which nobody is taken to be at work here.
_UNUSED = 600.0
# Seconds until the hub is asked again when it said no.
_REST = 60.0
# Bytes that a pipe takes at once, so that nobody waits.
_LONGEST = 60_000


class Spare:
    """One interpreter, from its start until it is a kernel or has ended.

    Args:
        command: The command line of a kernel like it.
        settings: What that kernel was started with: its variables, its folder.
    """

    def __init__(self, command: list[str], settings: dict[str, Any]) -> None:
        self._kind = kind_of(command)
        self._settings = without_place(settings)
        ours, theirs = os.pipe()
        self.warm = ours  #: readable when it has imported everything, or has ended
        try:
            self.process = subprocess.Popen(
                [*(self._kind or [])[: -len(_MODULE)], "-c", _PROGRAM.read_text(), str(theirs)],
                stdin=subprocess.PIPE,
                cwd=settings.get("cwd"),
                env=settings["env"],
                start_new_session=True,
                pass_fds=[theirs],
            )
        except OSError:
            os.close(ours)
            raise
        finally:
            os.close(theirs)

    def fits(self, command: list[str], settings: dict[str, Any]) -> bool:
        """Whether it can be this kernel, see `become`."""
        return kind_of(command) == self._kind and without_place(settings) == self._settings

    def become(self, command: list[str], settings: dict[str, Any]) -> bool:
        """Have it be a kernel that it fits; returns whether it will be.

        Args:
            command: The kernel's command line.
            settings: All else that the kernel is to be started with.
        """
        told = {
            "argv": command,
            "cwd": settings.get("cwd") or str(Path.cwd()),
            "env": settings["env"],
        }
        data = json.dumps(told).encode()
        if len(data) > _LONGEST or self.process.poll() is not None:
            return False
        assert self.process.stdin  # noqa: S101 (it is a pipe)
        try:
            self.process.stdin.write(data)
            self.process.stdin.close()
        except OSError:
            return False
        os.close(self.warm)
        return True

    def end(self) -> None:
        """End it."""
        os.close(self.warm)
        assert self.process.stdin  # noqa: S101 (it is a pipe)
        with suppress(OSError):
            self.process.stdin.close()
        self.process.kill()
        self.process.wait()

    @property
    def size(self) -> int:
        """Bytes that it takes of the machine's memory."""
        with suppress(OSError):
            for line in Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    return int(line.split()[1]) << 10
        return 0


def kind_of(command: list[str]) -> list[str] | None:
    """Interpreter, options and module of a command line that starts ipykernel; None of another."""
    for at in range(1, len(command) - 1):
        if command[at : at + 2] == _MODULE:
            return command[: at + 2]
        if not command[at].startswith("-X"):  # any other option may mean more than it seems
            return None
    return None


def without_place(settings: dict[str, Any]) -> dict[str, Any]:
    """What a kernel is started with, but for what it may be told later."""
    return {key: value for key, value in settings.items() if key not in ("cwd", "env")}


class Spares:
    """The one that a session may keep.

    Args:
        loop: Runs all of it.
        channel: Asks the hub, see `hubroam.hub.kernels.ledger`.
    """

    def __init__(self, loop: AbstractEventLoop, channel: socket.socket) -> None:
        self._loop = loop
        self._channel: socket.socket | None = channel
        channel.setblocking(False)
        loop.add_reader(channel, self._hear)
        self._spare: Spare | None = None
        self._last: tuple[list[str], dict[str, Any]] | None = None
        self._asked = False
        self._not_before = 0.0
        self._timer: TimerHandle | None = None

    def launched(self, command: list[str], settings: dict[str, Any]) -> None:
        """Remember a kernel: the next one will be like it."""
        if kind_of(command):
            self._last = (command, settings)

    def take(self, command: list[str], settings: dict[str, Any]) -> subprocess.Popen[bytes] | None:
        """Hand the interpreter over to be this kernel; None where there is none for it."""
        spare = self._spare
        if spare is None or not spare.fits(command, settings):
            return None
        self._let_go()
        if spare.become(command, settings):
            return spare.process
        spare.end()
        return None

    def busy(self) -> None:
        """A cell runs, or there is no kernel any more."""
        self._after(_UNUSED, self._end)

    def idle(self) -> None:
        """No cell runs any more."""
        self._after(_QUIET, self._quiet)

    def close(self) -> None:
        """End it, and keep none any more."""
        self._last = None
        if self._channel is not None:
            self._loop.remove_reader(self._channel)
            self._channel.close()
            self._channel = None
        self._end()

    def _after(self, seconds: float, then: Callable[[], None]) -> None:
        """Do something in some time, unless something else happens before."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, then)

    def _quiet(self) -> None:
        """Ask for one, or say that the one here is one of a reader who is at work."""
        self._after(_UNUSED, self._end)
        if self._spare is not None:
            self._tell(b"used")
        elif self._last and not self._asked and self._loop.time() >= self._not_before:
            self._asked = True
            self._tell(b"want")

    def _hear(self) -> None:
        """Take one of the hub's words; when it has gone it gives no more."""
        assert self._channel is not None  # noqa: S101 (it is read from)
        word = hear(self._channel)
        if word is None:
            return
        if not word:
            self.close()
            return
        if word == b"drop":
            self._end()
        elif self._asked:
            self._asked = False
            self._not_before = self._loop.time() + (_REST if word == b"no" else 0)
            if word == b"yes":
                self._start()

    def _start(self) -> None:
        assert self._last is not None  # noqa: S101 (it was asked for)
        try:
            spare = self._spare = Spare(*self._last)
        except OSError:
            self._tell(b"gone")
            return
        self._loop.add_reader(spare.warm, self._warm)

    def _warm(self) -> None:
        """It has imported everything, or has ended."""
        assert self._spare is not None  # noqa: S101 (its pipe is read from)
        if os.read(self._spare.warm, 1):
            self._loop.remove_reader(self._spare.warm)
            self._tell(b"have %d" % self._spare.size)
        else:
            self._not_before = self._loop.time() + _REST
            self._end()

    def _end(self) -> None:
        if spare := self._let_go():
            spare.end()

    def _let_go(self) -> Spare | None:
        """Have no interpreter any more; returns the one that there was."""
        spare, self._spare = self._spare, None
        if spare is not None:
            self._loop.remove_reader(spare.warm)
            self._tell(b"gone")
        return spare

    def _tell(self, word: bytes) -> None:
        if self._channel is not None:
            say(self._channel, word)


class Provisioner(LocalProvisioner):
    """Starts a kernel from the interpreter that waits, where there is one for it.

    Attributes:
        spares: Has it; None for never.
    """

    spares: Spares | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start the kernel; returns how to connect to it."""
        settings = self._scrub_kwargs(kwargs)
        settings = {**settings, "env": {**settings["env"], "JPY_PARENT_PID": str(os.getpid())}}
        process = self.spares.take(cmd, settings) if self.spares else None
        if process is None:
            await super().launch_kernel(cmd, **kwargs)
        else:
            self.process = process
            self.pid = self.pgid = process.pid
        if self.spares:
            self.spares.launched(cmd, settings)
        return self.connection_info


def spares_socket() -> socket.socket | None:
    """The socket to the hub; its variable is taken, so that no kernel has it."""
    number = os.environ.pop(KERNELS_VARIABLE, "")
    if not number:
        return None
    os.set_inheritable(int(number), False)
    return socket.socket(fileno=int(number))
