"""Local ports."""

from __future__ import annotations

import socket
from ipaddress import ip_address


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nothing listens on now."""
    with socket.create_server((host, 0)) as listener:
        return int(listener.getsockname()[1])


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
