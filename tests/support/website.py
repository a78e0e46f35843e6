"""Small real web servers: a book's site, and servers that answer as hubs of each kind do."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

OPEN = {"Access-Control-Allow-Origin": "*"}
# What counts is the size: JupyterHub's logo is 416 by 80 pixels, BinderHub's badge 109 by 20.
_SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}"/>'


@dataclass(frozen=True)
class Answer:
    """What a path answers with."""

    body: str | bytes = ""
    kind: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Request:
    """What was asked."""

    path: str
    headers: dict[str, str]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        site = self.server.site
        headers = {name.lower(): value for name, value in self.headers.items()}
        if self.path != "/favicon.ico":  # a browser asks for it by itself, at some time
            site.requests.append(Request(self.path, headers))
        if site.hold.is_set():
            site.asked.set()
            site.released.wait()
        answer = site.answers(self.path.partition("?")[0]) or Answer("nothing here", status=404)
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        try:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            return  # the browser has gone

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: Website

    def handle_error(self, *_: object) -> None:
        """A browser that does not trust a certificate, or that left, is no news."""


class Website:
    """A web server on a loopback port, as a context manager.

    Args:
        answers: What a path (without its query) answers with; None is a 404.
        host: The name in its URL: ``localhost`` and ``127.0.0.1`` are different sites.
        certificate: A folder for a self-signed certificate; the server then speaks https.

    Attributes:
        url: Where; ends in a slash.
        requests: Every request so far, but for a tab's icon.
        hold: While it is set, requests stay unanswered until `released`.
        asked: Set by a request that is held.
    """

    def __init__(
        self,
        answers: Callable[[str], Answer | None] | Mapping[str, Answer],
        *,
        host: str = "127.0.0.1",
        certificate: Path | None = None,
    ) -> None:
        self.answers = answers if callable(answers) else answers.get
        self.requests: list[Request] = []
        self.hold, self.asked, self.released = (threading.Event() for _ in range(3))
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.site = self
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(_self_signed(certificate, host))
            self._http.socket = context.wrap_socket(
                self._http.socket, server_side=True, do_handshake_on_connect=False
            )
        scheme = "https" if certificate else "http"
        self.host = f"{host}:{self._http.server_port}"
        self.url = f"{scheme}://{self.host}/"
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def paths(self) -> list[str]:
        """The paths asked for so far."""
        return [request.path for request in self.requests]


def _self_signed(folder: Path, host: str) -> Path:
    """A certificate and its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now().astimezone()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def document(value: Any, *, readable: bool = True) -> Answer:
    """A JSON answer, readable from other origins or not."""
    return Answer(json.dumps(value), "application/json", OPEN if readable else {})


def image(width: int, height: int) -> Answer:
    """An image of a size."""
    return Answer(_SVG.format(width, height), "image/svg+xml")


def binderhub() -> dict[str, Answer]:
    """What a BinderHub answers to who asks what it is."""
    return {
        "/versions": document({"builder_info": {}, "binderhub": "1.0.0"}),
        "/badge_logo.svg": image(109, 20),
    }


def jupyterhub(*, readable: bool = True) -> dict[str, Answer]:
    """What a JupyterHub answers: since 5.3 pages of other origins may read it, before not."""
    return {
        "/hub/api/": document({"version": "5.3.0"}, readable=readable),
        "/hub/static/images/jupyterhub-80.png": image(416, 80),
    }


def profiled(
    name: str, *, providers: list[str] | None = None, folders: bool = False
) -> dict[str, Answer]:
    """What a hub answers that says of itself what it is, and whether recipes may be in folders."""
    names = "urlpath,labpath,filepath" + (",envpath" if folders else "")
    way = {"kind": "binder", "url_template": f"v2/{{provider}}/{{+spec}}{{?{names}}}"}
    profile = {
        "format": 1,
        "name": name,
        "logo": "logo.svg",
        "software": {"name": "ours", "version": "1.0.0"},
        "launch": [{**way, **({"providers": providers} if providers else {})}],
    }
    return {
        "/versions": document({"binderhub": "1.0.0", "hub_profile": profile}),
        "/hub/api/": document({"version": "6.1.1", "hub_profile": profile}),
        "/logo.svg": image(64, 64),
    }


def secret_server() -> dict[str, Answer]:
    """What a server answers that lets no other origin read anything, and shows no images."""
    return {"/": Answer("<h1>Welcome</h1>")}
