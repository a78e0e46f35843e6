"""Files into a commit of a bare repository, without a folder in between."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import IO

from hubroam.errors import RepositoryError
from hubroam.providers.archives.entries import Entry, shown
from hubroam.providers.failures import failure
from hubroam.providers.process import git_command, git_environment

BRANCH = "refs/heads/main"
"""The one branch of a mirror that holds a record."""

# One name and one moment: the same files give the same commit on every machine, at any time.
_NOBODY = b"hubroam <hubroam@localhost> 0 +0000"


class Stopped(Exception):
    """Nobody waits for the commit any more."""


def import_commit(
    folder: Path, entries: Iterable[Entry], message: str, what: str, stop: threading.Event
) -> str:
    """Make the first commit of a repository.

    Args:
        folder: A bare repository without commits.
        entries: What the commit holds, `hubroam.providers.archives.entries.arranged`.
        message: The commit's message: with the files, all that the commit depends on.
        what: Where the files come from, as the beginning of a sentence.
        stop: Set when nobody waits for the commit any more.

    Returns:
        The commit.

    Raises:
        RepositoryError: A file is not what its archive says of it, or git failed.
        DiskFull: No space is left.
        Stopped: ``stop`` was set.
    """
    with subprocess.Popen(
        git_command("fast-import", "--quiet", "--done"),
        cwd=folder,
        env=git_environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin  # noqa: S101 (it is a pipe)
        try:
            _write(process.stdin, entries, message, what, stop)
        except BrokenPipeError:
            pass  # git ended before it had read all: its words say why
        except BaseException:
            process.kill()
            with suppress(BrokenPipeError):  # closing writes what was not written yet
                process.stdin.close()
            raise
        output, errors = process.communicate()
    if process.returncode:
        raise failure(errors.decode(errors="replace"), what)
    return output.decode().strip()


def _write(
    stream: IO[bytes], entries: Iterable[Entry], message: str, what: str, stop: threading.Event
) -> None:
    """Write git's fast-import language (git-fast-import(1))."""
    text = message.encode()
    head = b"commit %s\nmark :1\nauthor %s\ncommitter %s\ndata %d\n%s\n"
    stream.write(head % (BRANCH.encode(), _NOBODY, _NOBODY, len(text), text))
    for entry in entries:
        stream.write(b"M %s inline %s\n" % (entry.mode.encode(), _quoted(entry.path)))
        stream.write(b"data %d\n" % entry.size)
        left = entry.size
        for block in entry.blocks():
            if stop.is_set():
                raise Stopped
            left -= len(block)
            if left < 0:
                break
            stream.write(block)
        if left:
            raise RepositoryError(
                f"{what} is broken: {shown(entry.path)} is not as long as it says.",
                next_step="Try again later, or tell its author to pack it anew.",
            )
        stream.write(b"\n")
    stream.write(b"get-mark :1\ndone\n")


def _quoted(path: str) -> bytes:
    """A path as fast-import reads it; `cleaned` leaves no other character to be escaped."""
    return b'"%s"' % path.encode(errors="surrogateescape").replace(b'"', b'\\"')
