"""Local ports."""

from __future__ import annotations

import errno
import random
import socket
from collections import deque
from ipaddress import ip_address
from pathlib import Path

_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_000
_IANA_EPHEMERAL = 49_152  # RFC 6335, section 6
# As many as may have been chosen by this process and not be listened on yet.
_promised: deque[socket.socket] = deque(maxlen=256)


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nothing listens on now, and that no other choice of this kind gives meanwhile.

    A server takes its port seconds after it was chosen. The kernel gives the ports of its own
    range to every outgoing connection meanwhile, so one below that range is chosen. And it stays
    bound: others who choose pass it over, while a server that reuses addresses, as all of ours
    do, may listen on it (socket(7), SO_REUSEADDR).

    Raises:
        OSError: There is none.
    """
    for port in [*random.sample(quiet_ports(), 200), 0]:
        chosen = socket.socket(_family(host), socket.SOCK_STREAM)
        try:
            chosen.bind((host, port))
        except OSError:
            chosen.close()
            continue
        chosen.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _promised.append(chosen)
        return int(chosen.getsockname()[1])
    raise OSError(errno.EADDRINUSE, "No local port is free.")


def quiet_ports() -> range:
    """The ports that are for servers: not privileged, and none that the kernel gives away."""
    try:
        first = int(_EPHEMERAL.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        first = _IANA_EPHEMERAL
    return range(_LOWEST, first) if first > _LOWEST + 1_000 else range(_LOWEST, 65_536)


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    try:
        with socket.create_server((host, port), family=_family(host)):
            return True
    except OSError:
        return False


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens on this host name or address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
