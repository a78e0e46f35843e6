"""Runs in the kernels of pages that are checked: writes down whom they ask for on the network.

The file is copied into the layer of each page and imported when its Python starts, so it needs
nothing but the standard library of any Python. What a kernel does goes on as it would without it.
"""

import os
import sys

VARIABLE = "HUBROAM_CHECK_HOSTS"

_EVENTS = ("socket.getaddrinfo", "socket.gethostbyname")
_OWN = ("localhost", "127.", "::1", "0.0.0.0")  # noqa: S104 (nothing listens here)
_seen = set()  # type: ignore[var-annotated]


def _watch(event, arguments):  # type: ignore[no-untyped-def]
    if event not in _EVENTS or not arguments or VARIABLE not in os.environ:
        return
    host = arguments[0]
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str) or not host or host.startswith(_OWN) or host in _seen:
        return
    _seen.add(host)
    try:
        log = os.open(os.environ[VARIABLE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(log, (host.replace("\n", "") + "\n").encode())
        finally:
            os.close(log)
    except OSError:
        pass


if VARIABLE in os.environ:
    sys.addaudithook(_watch)
