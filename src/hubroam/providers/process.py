"""Running git, on what strangers wrote.

Every call of git in hubroam goes through `run_git`: no prompt, no hook, no configuration of the
machine's, no transport but those that are named, an end in time, and git's words turned into
errors for people in one place.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hubroam.errors import (
    DiskFull,
    RepositoryError,
    RepositoryNotFound,
    RepositoryRefused,
    RepositoryUnreachable,
)
from hubroam.network import network_settings

#: Seconds that git may take when nobody says otherwise.
TIMEOUT = 600.0

#: How git calls ssh: it never asks, and takes a host's key when it first meets it.
SSH_COMMAND = "ssh -oBatchMode=yes -oStrictHostKeyChecking=accept-new"

_PROTOCOLS = ("http", "https", "ssh", "git")
_SETTINGS = {
    "protocol.allow": "never",
    **{f"protocol.{name}.allow": "always" for name in _PROTOCOLS},
    "core.hooksPath": os.devnull,
    "core.askPass": "true",
    "credential.helper": "",
    "advice.detachedHead": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
}
# What git needs of our environment: to be found, and to find ssh's keys.
_KEPT = ("PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK")

# Seconds between two lines of progress that are told.
_PACE = 0.25

_UNREACHABLE = re.compile(
    r"could not resolve host|failed to connect|couldn't connect"
    r"|connection (refused|timed out|reset)|network is unreachable|no route to host"
    r"|name or service not known|operation timed out|temporary failure in name resolution|empty reply|returned error: 5\d\d|ssl|certificate"
    r"|unable to connect|early eof|unexpected disconnect|timed out",
    re.IGNORECASE,
)
_NOT_FOUND = re.compile(
    r"not found|does not exist|authentication failed|could not read (username|password)"
    r"|terminal prompts disabled|permission denied|returned error: 40[0-9]"
    r"|does not appear to be a git repository|not valid: is this a git repository"
    r"|no such file or directory|access denied|repository .* unavailable",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"transport '.*' not allowed", re.IGNORECASE)


def _environment(ssh_command: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}
    return {
        **kept,
        **network_settings(),
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_SSH_COMMAND": ssh_command,
        "GIT_LFS_SKIP_SMUDGE": "1",
    }


async def run_git(
    *arguments: str,
    what: str,
    folder: Path | None = None,
    allow_file: bool = False,
    progress: Callable[[str], None] | None = None,
    timeout: float = TIMEOUT,
    ssh_command: str = SSH_COMMAND,
) -> bytes:
    """Run git.

    Args:
        arguments: What follows ``git``; whoever calls puts ``--`` before what a stranger wrote.
        what: What is worked on, for people: ``https://git.example/book.git``.
        folder: Where to run.
        allow_file: Whether git may read repositories of this machine.
        progress: Takes git's lines of progress, a few a second.
        timeout: Seconds, after which git and all that it started are ended.
        ssh_command: How git calls ssh.

    Returns:
        What git wrote on standard output.

    Raises:
        RepositoryNotFound, RepositoryRefused, RepositoryUnreachable, RepositoryError, DiskFull:
            git failed, and why.
    """
    settings = {**_SETTINGS, "protocol.file.allow": "always" if allow_file else "never"}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    process = await asyncio.create_subprocess_exec(
        "git",
        *options,
        *arguments,
        cwd=folder,
        env=_environment(ssh_command),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        start_new_session=True,
    )
    assert process.stdout  # noqa: S101 (PIPE)
    assert process.stderr  # noqa: S101
    try:
        async with asyncio.timeout(timeout):
            output, errors, _ = await asyncio.gather(
                process.stdout.read(), _follow(process.stderr, progress), process.wait()
            )
    except TimeoutError:
        raise RepositoryUnreachable(
            f"Reading {what} took longer than {timeout:.0f} seconds.",
            next_step="Try again later, or tell the people who run this hub.",
        ) from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if process.returncode:
        raise _error(errors, what)
    return output


async def _follow(stream: asyncio.StreamReader, progress: Callable[[str], None] | None) -> str:
    """Read standard error to its end; git ends lines of progress with a carriage return."""
    text, line, told = "", "", 0.0
    while block := await stream.read(4096):
        piece = block.decode(errors="replace")
        text = (text + piece)[-20_000:]
        if progress is None:
            continue
        *lines, line = re.split(r"[\r\n]+", line + piece)
        for done in lines:
            now = time.monotonic()
            if done.strip() and (now - told >= _PACE or "done" in done):
                progress(done.strip())
                told = now
    return text


def _error(errors: str, what: str) -> Exception:
    """The one place where git's words become errors for people."""
    if "No space left on device" in errors:
        return DiskFull("This hub's disk is full.", next_step="Tell the people who run this hub.")
    if _REFUSED.search(errors):
        return RepositoryRefused(
            f"This hub does not read repositories in the way that {what} asks for.",
            next_step="Use a repository that can be cloned over https.",
        )
    if _UNREACHABLE.search(errors):
        return RepositoryUnreachable(
            f"{what} cannot be reached.",
            next_step="Check the address, or try again when its host answers.",
        )
    if _NOT_FOUND.search(errors):
        return RepositoryNotFound(
            f"There is no repository {what}, or it is private.",
            next_step="Check its name; a private repository cannot be launched here.",
        )
    return RepositoryError(
        f"git could not read {what}.",
        next_step="Clone it by hand to see what is wrong, or tell the people who run this hub.",
    )
