"""Running git on what strangers wrote.

Every call of git in this room has the options and the environment that are made here:

* No prompt, and no credentials of whoever runs the hub.  Everybody may launch, so a token in
  ``~/.netrc``, a credential helper or a key of ``~/.ssh`` would open the operator's private
  repositories to everybody.  Hence ``HOME`` is no folder, the configuration of the machine and
  of the user is not read, and ssh is called without keys.  An operator who wants ssh names a key
  of the hub's own in ``GIT_SSH_COMMAND``, git's own variable, in this process's environment.
* No transport but http, https, ssh and git; ``file`` for the calls that say so.  ``ext::`` and
  whatever else a URL or a submodule asks for is refused by git itself.
* No hook, no template, nothing collected or repacked behind our back.
* An end in time, and nothing left running after it.

``transfer.fsckObjects`` stays off: many repositories that are good to read hold old objects with
faults, and git checks the paths that it writes to in a checkout without it.
"""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hubroam.errors import RepositoryError
from hubroam.network import network_settings
from hubroam.providers.failures import failure, time_limit
from hubroam.providers.keyring import Keyring
from hubroam.providers.progress import Progress

#: Seconds that git may take when nobody says otherwise.
TIMEOUT = 600.0

#: How git calls ssh: it never asks, has no key, and takes a host's key when it first meets it.
SSH_COMMAND = (
    "ssh -F none -oBatchMode=yes -oStrictHostKeyChecking=accept-new"
    " -oIdentityFile=none -oIdentityAgent=none -oConnectTimeout=20"
)

_SETTINGS = {
    "core.hooksPath": os.devnull,
    "advice.detachedHead": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
}
_PROTOCOLS = ("http", "https", "ssh", "git")

# Seconds that git gets to take its temporary and lock files away when it is told to end.
_GRACE = 2.0
# Bytes of the longest answer; the refs or files of a repository that is a book are far fewer.
_LONGEST_OUTPUT = 256 * 2**20
# Bytes that are read at once.
_BLOCK = 2**16
# Characters of standard error that are kept for its last words.
_KEPT_ERRORS = 20_000


def git_command(*arguments: str) -> list[str]:
    """The words of a call of git."""
    options = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    return ["git", *options, *arguments]


def git_environment(folder: Path | None = None, *, allow_file: bool = False) -> dict[str, str]:
    """The variables of a call of git.

    Args:
        folder: Where it runs; no repository above it is ever taken for the one meant.
        allow_file: Whether git may read repositories of this machine.
    """
    environment = {
        **network_settings(),
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C",
        "GIT_ALLOW_PROTOCOL": ":".join([*_PROTOCOLS, *(["file"] if allow_file else [])]),
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND", SSH_COMMAND),
        "GIT_TEMPLATE_DIR": "",
        "GIT_TERMINAL_PROMPT": "0",
    }
    if folder is not None:
        environment["GIT_CEILING_DIRECTORIES"] = str(folder.resolve().parent)
    return environment


async def run_git(
    *arguments: str,
    what: str,
    folder: Path | None = None,
    stdin: bytes = b"",
    allow_file: bool = False,
    keyring: Keyring | None = None,
    progress: Callable[[str], None] | None = None,
    timeout: float = TIMEOUT,
) -> bytes:
    """Run git to its end.

    Args:
        arguments: What follows ``git``; whoever calls puts ``--`` before what a stranger wrote.
        what: What is worked on, for people, as the beginning of a sentence.
        folder: Where to run.
        stdin: What git reads.
        allow_file: Whether git may read repositories of this machine.
        keyring: What opens private repositories; left out where git asks no host.
        progress: Takes git's lines of progress.
        timeout: Seconds, after which git and all that it started are ended.

    Returns:
        What git wrote on standard output.

    Raises:
        RepositoryError: git failed; the class says why, where git's words do.
        DiskFull: No space is left.
        ConfigurationError: A credential cannot be read.
    """
    options = keyring.options() if keyring else []
    secrets = keyring.variables() if keyring else {}
    try:
        process = await asyncio.create_subprocess_exec(
            *git_command(*options, *arguments),
            cwd=folder,
            env={**git_environment(folder, allow_file=allow_file), **secrets},
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,
        )
    except OSError:
        raise RepositoryError(
            "git cannot be run where this hub is.", next_step="Tell the people who run this hub."
        ) from None
    try:
        async with asyncio.timeout(timeout):
            output, errors, _, _ = await asyncio.gather(
                _read(process), _follow(process, progress), _write(process, stdin), process.wait()
            )
    except BaseException as error:
        await _end(process)
        if isinstance(error, TimeoutError):
            raise time_limit(what, timeout) from None
        raise
    if output is None:
        raise RepositoryError(
            f"{what} is too large to be read.", next_step="Launch a smaller repository."
        )
    if process.returncode:
        raise failure(errors, what)
    return output


async def _write(process: Process, stdin: bytes) -> None:
    assert process.stdin  # noqa: S101 (it is a pipe)
    with suppress(ConnectionError):  # git ended before it had read all: its status says why
        process.stdin.write(stdin)
        await process.stdin.drain()
    process.stdin.close()


async def _read(process: Process) -> bytes | None:
    """Read standard output; None when there is too much, and git is then killed."""
    assert process.stdout  # noqa: S101 (it is a pipe)
    output = bytearray()
    while block := await process.stdout.read(_BLOCK):
        output += block
        if len(output) > _LONGEST_OUTPUT:
            _signal(process, signal.SIGKILL)
            await _drain(process.stdout)
            return None
    return bytes(output)


async def _follow(process: Process, tell: Callable[[str], None] | None) -> str:
    """Read standard error; its last part is what a failure is told by."""
    assert process.stderr  # noqa: S101 (it is a pipe)
    progress = Progress(tell) if tell else None
    text = ""
    while block := await process.stderr.read(_BLOCK):
        piece = block.decode(errors="replace")
        text = (text + piece)[-_KEPT_ERRORS:]
        if progress is not None:
            progress.feed(piece)
    return text


async def _end(process: Process) -> None:
    """End git and the processes that it started: asked first, then by force."""
    assert process.stdin  # noqa: S101 (all three are pipes)
    assert process.stdout  # noqa: S101
    assert process.stderr  # noqa: S101
    process.stdin.close()
    try:
        _signal(process, signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await process.wait()
    finally:
        _signal(process, signal.SIGKILL)
        # asyncio lets go of a process only when its pipes have been read to their end
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await asyncio.gather(_drain(process.stdout), _drain(process.stderr))
        await process.wait()


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.read(_BLOCK):
        pass


def _signal(process: Process, number: signal.Signals) -> None:
    """Send a signal to git and all that it started, which are one process group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
