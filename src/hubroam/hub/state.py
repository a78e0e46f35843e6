"""Where the hub of a data folder is, written down for who looks for it, and for the next hub."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from hubroam.hub.ports import port_is_free

_FILE = "hub.json"


def folder_lock(data_dir: Path) -> FileLock:
    """What the hub of a folder holds while it runs."""
    return FileLock(data_dir / "hub.lock", timeout=0)


def write_state(data_dir: Path, *, url: str, hub_bind_url: str) -> None:
    """Write down that this process is the folder's hub.

    Args:
        data_dir: The hub's data folder.
        url: Where readers find the hub.
        hub_bind_url: Where sessions and services find its API.
    """
    state = {"url": url, "hub_bind_url": hub_bind_url, "pid": os.getpid()}
    (data_dir / _FILE).write_text(json.dumps(state))


def forget_state(data_dir: Path) -> None:
    """This process has ended its sessions; what another hub has left is not its to forget."""
    if _read(data_dir).get("pid") == os.getpid():
        (data_dir / _FILE).unlink()


def running_hub(data_dir: Path) -> str | None:
    """The URL of the hub that uses a data folder now.

    Args:
        data_dir: The hub's data folder.
    """
    state = _read(data_dir)
    try:
        url = str(state["url"])
        os.kill(int(state["pid"]), 0)
    except (OSError, KeyError, TypeError, ValueError):
        return None  # none, or one that was killed and left its file
    try:
        with folder_lock(data_dir):
            return None  # another program has that number now
    except Timeout:
        return url


def left_bind_url(data_dir: Path) -> str | None:
    """The address of the API of a hub that was killed, if it can be had again.

    Args:
        data_dir: The hub's data folder, which no running hub uses.
    """
    try:
        address = urlsplit(str(_read(data_dir)["hub_bind_url"]))
        host, port = address.hostname, address.port
    except (KeyError, ValueError):
        return None
    return address.geturl() if host and port and port_is_free(host, port) else None


def _read(data_dir: Path) -> dict[str, Any]:
    try:
        state = json.loads((data_dir / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}
