"""Local ports."""

from __future__ import annotations

import random
import socket
from ipaddress import ip_address
from pathlib import Path

_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10_000
_IANA_EPHEMERAL = 49_152  # RFC 6335, section 6


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nothing listens on now.

    A server takes its port seconds after it was chosen. The kernel gives the ports of its own
    range to every outgoing connection meanwhile, so one below that range is chosen.

    Raises:
        OSError: There is none.
    """
    for port in random.sample(quiet_ports(), 200):
        if port_is_free(host, port):
            return port
    with socket.create_server((host, 0)) as listener:
        return int(listener.getsockname()[1])


def quiet_ports() -> range:
    """The ports that are for servers: not privileged, and none that the kernel gives away."""
    try:
        first = int(_EPHEMERAL.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        first = _IANA_EPHEMERAL
    return range(_LOWEST, first) if first > _LOWEST + 1_000 else range(_LOWEST, 65_536)


def port_is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family):
            return True
    except OSError:
        return False


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens on this host name or address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
