"""A plain client of the Binder protocol and of Jupyter's kernels, as other projects write them."""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import urlsplit

import httpx
import websocket

Event = dict[str, Any]


def events(hub: str, spec: str, **query: str) -> list[Event]:
    """Ask for a launch; returns all events up to the last."""
    found = []
    timeout = httpx.Timeout(10, read=120)
    with httpx.stream(
        "GET",
        f"{hub}build/{spec}",
        params=query,
        headers={"Accept": "text/event-stream"},
        timeout=timeout,
    ) as answer:
        assert answer.status_code == 200, answer.status_code
        assert answer.headers["content-type"] == "text/event-stream"
        for line in answer.iter_lines():
            if line.startswith("data: "):
                found.append(json.loads(line[6:]))
                if found[-1].get("phase") in ("ready", "failed"):
                    return found
    raise AssertionError(f"the stream ended with {found[-1:]}")


def launch(hub: str, spec: str, **query: str) -> Event:
    """Launch; returns the ``ready`` event."""
    last = events(hub, spec, **query)[-1]
    assert last["phase"] == "ready", last
    return last


def run_cell(ready: Event, code: str, *, kernel_name: str = "") -> str:
    """Run code in a new kernel of a session, over its websocket.

    Args:
        ready: The ``ready`` event.
        code: What to run.
        kernel_name: Which kernel; the server's own choice by default.

    Returns:
        What it printed; an error's name and value if it raised one.
    """
    headers = {"Authorization": f"token {ready['token']}"}
    kernels = f"{ready['url']}api/kernels"
    wanted = {"name": kernel_name} if kernel_name else {}
    kernel = httpx.post(kernels, headers=headers, json=wanted, timeout=30)
    kernel.raise_for_status()
    number = kernel.json()["id"]
    try:
        return run_in_kernel(ready["url"], ready["token"], number, code)
    finally:
        httpx.delete(f"{kernels}/{number}", headers=headers, timeout=30)


def run_in_kernel(url: str, token: str, kernel: str, code: str) -> str:
    """Run code in a kernel, over its websocket; returns what it printed, or its error.

    Args:
        url: The server's, which ends in a slash.
        token: What opens it.
        kernel: The kernel's id.
        code: Python.
    """
    address = urlsplit(f"{url}api/kernels/{kernel}/channels")
    socket = websocket.create_connection(
        address._replace(scheme="ws").geturl(),
        header=[f"Authorization: token {token}"],
        timeout=60,
    )
    try:
        return _execute(socket, code)
    finally:
        socket.close()


def _execute(socket: websocket.WebSocket, code: str) -> str:
    asked = uuid.uuid4().hex
    message = {
        "header": {
            "msg_id": asked,
            "msg_type": "execute_request",
            "username": "",
            "session": uuid.uuid4().hex,
            "date": "",
            "version": "5.3",
        },
        "parent_header": {},
        "metadata": {},
        "content": {"code": code, "silent": False, "store_history": True, "allow_stdin": False},
        "channel": "shell",
    }
    socket.send(json.dumps(message))
    printed = ""
    while True:
        answer = json.loads(socket.recv())
        if answer.get("parent_header", {}).get("msg_id") != asked:
            continue
        kind, content = answer["msg_type"], answer["content"]
        if kind == "stream":
            printed += content["text"]
        elif kind == "error":
            printed += f"{content['ename']}: {content['evalue']}"
        elif kind == "status" and content["execution_state"] == "idle":
            return printed
