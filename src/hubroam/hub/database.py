"""SQLite, set so that a commit does not wait for the disk."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine


def commit_without_waiting() -> None:
    """Set every SQLite connection of this process that is made from now on.

    JupyterHub commits a dozen times for each server that starts, and does nothing else while it
    waits for the disk. With a write-ahead log and this setting SQLite waits when it moves the log
    into the file: a crash of the hub loses nothing, one of the machine the last commits, and with
    them only servers that ran on it (https://www.sqlite.org/pragma.html#pragma_synchronous).
    """
    if not event.contains(Engine, "connect", _set):
        event.listen(Engine, "connect", _set)


def _set(connection: Any, _: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # where the file system cannot have such a log, the mode stays and commits wait
    (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    if mode == "wal":
        connection.execute("PRAGMA synchronous=NORMAL")
