"""What containers, and whoever else reaches the address that is there for them, may ask the hub.

The hub's API listens on an address that containers reach; its pages are behind the same port. A
stranger's container that could sign in there could have a server started outside of any container.
So who is not this machine gets what sessions' servers need, each of it with a token, and no more.
Readers come through the proxy, which is this machine.
"""

from __future__ import annotations

import re
import socket
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher
from tornado.web import RequestHandler

# The version; who a token is; a sign-in's code for a token; that a session is used.
_FOR_SERVERS = r"api/?|api/user|api/oauth2/token|api/users/[^/]+/activity"


def guard(prefix: str) -> tuple[Matcher, type[RequestHandler]]:
    """A rule for Tornado that refuses others than this machine what servers do not need.

    Args:
        prefix: The hub's prefix, ``/hub/`` or one with a base URL before.
    """
    return _Others(prefix), _Refused


class _Others(Matcher):
    """Requests that come from elsewhere, for what only readers ask for."""

    def __init__(self, prefix: str) -> None:
        self._open = re.compile(f"{re.escape(prefix)}(?:{_FOR_SERVERS})")

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        # who is at the other end, whatever the headers of proxies say
        context = getattr(request.connection, "context", None)
        ours = context is not None and _is_ours(str(context.address[0]))
        if ours or self._open.fullmatch(request.path):
            return None
        return {}


class _Refused(RequestHandler):
    """An answer that says why there is none."""

    def prepare(self) -> None:
        """Answer, whatever is asked."""
        self.set_status(403)
        self.finish({"status": 403, "message": "Only this machine may ask for this."})

    def check_xsrf_cookie(self) -> None:
        """Nothing is done here that could be forged."""


def _is_ours(address: str) -> bool:
    """Whether an address is this machine's: then it can be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as trial:
        try:
            trial.bind((address, 0))
        except OSError:
            return False
    return True
