"""Running a build's programs: watched, in time, and with nothing left of them afterwards."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from hubroam.leftovers import VARIABLE
from hubroam.network import network_settings

Log = Callable[[str], None]

#: What programs say, in the words of the C library and of Rust's, when the disk is full.
DISK_IS_FULL = re.compile(
    r"no space left on device|disk quota exceeded|os error (28|122)", re.IGNORECASE
)

# Lines of a program's output that are kept to say why it failed.
_TAIL = 60
# Characters of the longest line that is passed on.
_LINE = 2000
# Seconds that are waited for the last output when a program has ended.
_LAST_WORDS = 1.0

# What builds see of the hub's environment: no token, no password, no path of the hub's own.
_KEPT = re.compile(r"LANG|LC_\w+|TZ|TMPDIR")
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class TimedOut(Exception):
    """A program did not end in its time."""


def clean_environment(
    home: Path, *, build: Path | None = None, path: Sequence[Path] = ()
) -> dict[str, str]:
    """The environment variables of a build's programs.

    Args:
        home: ``HOME``.
        build: The build's folder, by which whatever it leaves running is found.
        path: Folders that come first on ``PATH``.
    """
    kept = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
    folders = [*map(str, path), os.environ.get("PATH", _SYSTEM_PATH)]
    mark = {} if build is None else {VARIABLE: str(build)}
    return {
        **kept,
        **network_settings(),
        **mark,
        "HOME": str(home),
        "PATH": os.pathsep.join(folders),
    }


async def output_of(*command: str) -> str | None:
    """What a program of this machine says when it is asked something.

    Args:
        command: The program and its arguments.

    Returns:
        What it prints; None when it fails, or is not there.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd="/",
            env=clean_environment(Path.home()),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=DEVNULL,
        )
    except FileNotFoundError:
        return None
    output, _ = await process.communicate()
    return None if process.returncode else os.fsdecode(output)


async def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    log: Log,
    timeout: float,
) -> tuple[int, str]:
    """Run a program to its end.

    Args:
        command: The program and its arguments.
        folder: Where it runs.
        environment: Its variables.
        log: Takes its output by lines, standard error as well.
        timeout: Seconds.

    Returns:
        Its exit status, and the end of its output.

    Raises:
        TimedOut: It did not end in time; it and all that it started in its session are killed.
        OSError: It could not be started.
    """
    # A pipe of our own: of one of asyncio's it waits for the end before it tells that a program
    # has ended, and whatever a script left running in the background keeps it open.
    ours, theirs = os.pipe()
    output = os.fdopen(ours, "rb", buffering=0)
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=dict(environment),
            stdin=DEVNULL,
            stdout=theirs,
            stderr=STDOUT,
            start_new_session=True,
        )
    except BaseException:
        output.close()
        raise
    finally:
        os.close(theirs)
    tail: deque[str] = deque(maxlen=_TAIL)
    reading = asyncio.create_task(_read(output, tail, log))
    try:
        async with asyncio.timeout(timeout):
            status = await process.wait()
    except TimeoutError:
        raise TimedOut from None
    finally:
        # also what a script left running in the background: a build ends when it ends
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        _, pending = await asyncio.wait({reading}, timeout=_LAST_WORDS)
        for task in pending:
            task.cancel()
    return status, "\n".join(tail)


async def _read(pipe: IO[bytes], tail: deque[str], log: Log) -> None:
    stream = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stream), pipe
    )
    held = ""
    try:
        while block := await stream.read(65536):
            *lines, held = (held + block.decode(errors="replace")).split("\n")
            for line in lines:
                _pass_on(line, tail, log)
            held = held[-_LINE:]
    finally:
        transport.close()
    if held:
        _pass_on(held, tail, log)


def _pass_on(line: str, tail: deque[str], log: Log) -> None:
    line = line.rstrip().rpartition("\r")[2][:_LINE]
    tail.append(line)
    log(line)
