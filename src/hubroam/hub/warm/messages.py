"""What the hub and the warm parent say to each other, on sockets that keep messages whole.

======  ====================================  ==================================================
from    message                               with descriptors
======  ====================================  ==================================================
parent  ``{"event": "ready"}``
hub     a `ServerRequest`                     the server's log, the pipe on which it says it
                                              listens, the pipe on which it is told to go on,
                                              what else it is given
parent  ``{"event": "forked", "pid"}``        the server as a process (pidfd)
parent  ``{"event": "refused", "reason"}``
parent  ``{"event": "ended", "pid", "status"}``
======  ====================================  ==================================================

Each request gets one answer, in the order of the requests. A server goes on when the hub knows of
it, and ends when the hub gives it up before: nobody else would end it. The end of either side ends
the other.
"""

from __future__ import annotations

import json
import socket
from dataclasses import asdict, dataclass
from typing import Any

# Bytes: more than a request with the longest environment that a Linux process may have.
_LONGEST = 1 << 22


@dataclass(frozen=True)
class ServerRequest:
    """A server to start.

    Attributes:
        arguments: What the server is told on its command line.
        environment: All of its variables.
        folder: Where it works.
        title: What it is called in the list of processes.
        memory: Bytes that each of its processes may have; None for no limit.
        niceness: How much it lets others go first.
        given: The variable that names what else it is given, a descriptor; empty for nothing.
    """

    arguments: list[str]
    environment: dict[str, str]
    folder: str
    title: str
    memory: int | None = None
    niceness: int = 0
    given: str = ""


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets that keep messages whole."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _LONGEST)
    return ours, theirs


def send(
    channel: socket.socket, message: dict[str, Any], descriptors: tuple[int, ...] = ()
) -> None:
    """Send one message.

    Raises:
        OSError: The other side is gone, or the message is too long.
    """
    socket.send_fds(channel, [json.dumps(message).encode()], descriptors)


def receive(channel: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Receive one message; None when the other side is gone."""
    try:
        data, descriptors, _, _ = socket.recv_fds(channel, _LONGEST, 4)
    except ConnectionError:
        return None
    return (json.loads(data), descriptors) if data else None


def to_message(request: ServerRequest) -> dict[str, Any]:
    """A request as a message."""
    return asdict(request)
