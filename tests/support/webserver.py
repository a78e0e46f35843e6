"""A small web server on loopback that answers as a test says, with or without TLS.

Named as a proxy (``HTTP_PROXY``) it answers for any host.
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    """One question: ``path`` without the query, ``url`` as the client meant it."""

    method: str
    url: str
    path: str
    host: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """One answer; a ``body`` that is no bytes is sent as JSON."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = b""


HANG = Answer(0)
"""Answers nothing until the server ends."""


class WebServer:
    """Serves on a loopback port.

    Args:
        answer: What to answer; None is 404.
        host: The name in its URL; ``localhost`` and ``127.0.0.1`` are different sites.
        tls: The context of a server that speaks https.

    Attributes:
        url: Where; ends in a slash.
        requests: Every request so far.
    """

    def __init__(
        self,
        answer: Callable[[Request], Answer | None],
        *,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.ended = threading.Event()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        self.url = f"{'https' if tls else 'http'}://{host}:{self._http.server_port}/"
        if tls:
            # the handshake is each connection's own: a client that leaves must not hold the rest
            self._http.socket = tls.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        owner = self.server.owner
        parts = urlsplit(self.path)
        host = parts.netloc or self.headers.get("Host", "")
        url = self.path if parts.netloc else f"http://{host}{self.path}"
        request = Request(self.command, url, parts.path, host, dict(self.headers))
        owner.requests.append(request)
        answer = owner.answer(request) or Answer(404)
        if answer is HANG:
            owner.ended.wait()
            self.close_connection = True
            return
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            for each in value if isinstance(value, list) else [value]:
                self.send_header(name, each)
        if "Content-Length" not in answer.headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_OPTIONS = do_HEAD = do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100  # with the usual five, who asks much at once waits a second
    owner: WebServer

    def handle_error(self, *_: object) -> None:
        """A client that hangs up, or does not trust the certificate, is what some tests are of."""
