"""Small real web servers: a book's site, and servers that answer as hubs of each kind do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from support import webserver
from support.certificates import tls
from support.webserver import WebServer

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
    """What was asked: the path with its query; names of headers in lower case."""

    path: str
    headers: dict[str, str]


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
        context = tls(certificate, host, days_left=30) if certificate else None
        self._server = WebServer(self._answer, host=host, tls=context)
        self.url = self._server.url
        self.host = urlsplit(self.url).netloc

    def __enter__(self) -> Self:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.__exit__()

    @property
    def paths(self) -> list[str]:
        """The paths asked for so far."""
        return [request.path for request in self.requests]

    def _answer(self, asked: webserver.Request) -> webserver.Answer:
        if asked.path != "/favicon.ico":  # a browser asks for it by itself, at some time
            _, _, whole = asked.url.partition(asked.host)
            headers = {name.lower(): value for name, value in asked.headers.items()}
            self.requests.append(Request(whole, headers))
        if self.hold.is_set():
            self.asked.set()
            self.released.wait()
        answer = self.answers(asked.path) or Answer("nothing here", status=404)
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        headers = {"Content-Type": answer.kind, **answer.headers}
        return webserver.Answer(answer.status, headers, body)


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
