"""Words between the hub and a session's server; which there are is told in `ledger`."""

from __future__ import annotations

import socket
from contextlib import suppress

_LONGEST = 32


def say(channel: socket.socket, word: bytes) -> None:
    """Say a word; who has gone need not hear it."""
    with suppress(OSError):  # that the other side has gone is heard next
        channel.send(word)


def hear(channel: socket.socket) -> bytes | None:
    """The other side's next word.

    Args:
        channel: Does not block.

    Returns:
        Empty when the other side has gone; None when it has said nothing.
    """
    try:
        return channel.recv(_LONGEST)
    except BlockingIOError:
        return None
    except OSError:
        return b""
