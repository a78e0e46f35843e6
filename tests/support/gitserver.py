"""A real git server over smart HTTP: ``git http-backend`` behind a small web server."""

from __future__ import annotations

import base64
import gzip
import os
import subprocess
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import quote, unquote, urlsplit

_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TEMPLATE_DIR": "",
}
# One identity and one moment for all commits: the same files give the same commit on every machine.
_ADA = "Ada <ada@example.org> 1767225600 +0000"


class Symlink(str):
    """As a file's content: a symbolic link that leads there."""


class Submodule(str):
    """As a file's content: the commit of a submodule."""


class TestRepository:
    """A bare repository on the server.

    Attributes:
        name: Its path on the server, without ``.git``.
        url: Its clone URL.
        bare: Its folder.
    """

    __test__ = False

    def __init__(self, server: GitServer, name: str, object_format: str = "sha1") -> None:
        self.name = name
        self.url = f"{server.url}{quote(name)}.git"
        self.bare = server.root / f"{name}.git"
        self.bare.mkdir(parents=True)
        self.git(
            "init", "--quiet", "--bare", "--initial-branch=main", f"--object-format={object_format}"
        )

    @property
    def spec(self) -> str:
        """The Binder spec of the repository's main branch."""
        return f"git/{quote(self.url, safe='')}/main"

    def git(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run git in the repository; returns its output."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.bare,
            env=_ENVIRONMENT,
            input=stdin,
            check=True,
            capture_output=True,
        )
        return done.stdout.decode().strip()

    def commit(
        self,
        files: Mapping[str, str | bytes | None],
        message: str = "change",
        branch: str = "main",
    ) -> str:
        """Commit to a branch, which is made from nothing when it is not there.

        Args:
            files: What changes: contents, or None for a file that goes.  `Symlink` and
                `Submodule` make those; ``postBuild`` and ``start`` are made executable.
            message: The commit's message.
            branch: Its short name.

        Returns:
            The commit.
        """
        ref = f"refs/heads/{branch}"
        stream = [f"commit {ref}\nmark :1\ncommitter {_ADA}\n".encode(), _data(message)]
        if self.git("for-each-ref", ref):
            stream.append(f"from {ref}^0\n".encode())
        stream += [_change(name, content) for name, content in files.items()]
        stream.append(b"get-mark :1\n")
        return self.git("fast-import", "--quiet", stdin=b"".join(stream))

    def branch(self, name: str, at: str = "main") -> None:
        """Make a branch, or move it."""
        self.git("branch", "--force", name, at)

    def tag(self, name: str, at: str = "main", *, annotated: bool = False) -> None:
        """Tag a commit."""
        if not annotated:
            self.git("tag", name, at)
            return
        commit = self.git("rev-parse", f"{at}^{{commit}}")
        text = f"object {commit}\ntype commit\ntag {name}\ntagger {_ADA}\n\n{name}\n"
        self.git("update-ref", f"refs/tags/{name}", self.git("mktag", stdin=text.encode()))


def _data(content: str | bytes) -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return b"data %d\n%s\n" % (len(content), content)


def _change(name: str, content: str | bytes | None) -> bytes:
    """One line of git's fast-import language; the name is quoted as C quotes it."""
    path = '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if content is None:
        return f"D {path}\n".encode()
    if isinstance(content, Submodule):
        return f"M 160000 {content} {path}\n".encode()
    mode = "100755" if name.endswith(("postBuild", "start")) else "100644"
    mode = "120000" if isinstance(content, Symlink) else mode
    return f"M {mode} inline {path}\n".encode() + _data(content)


class _Handler(BaseHTTPRequestHandler):
    server: _Http

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length")
        self._answer(self.rfile.read(int(length)) if length else self._chunks())

    def _user(self) -> tuple[str, str] | None:
        """Name and password of who asks."""
        kind, _, words = self.headers.get("Authorization", "").partition(" ")
        if kind != "Basic":
            return None
        name, _, password = base64.b64decode(words).decode().partition(":")
        return name, password

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, body: bytes) -> None:
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        owner = self.server.owner
        owner.requests.append(f"{self.command} {self.path}")
        if "Authorization" in self.headers:
            owner.authorizations.append(self.headers["Authorization"])
        if b"command=fetch" in body:
            owner.fetches.append(self.path)
            owner.gives.wait(60)
        if owner.private or owner.user not in (None, self._user()):
            self._send(401, {"WWW-Authenticate": 'Basic realm="git"'}, b"")
            return
        parts = urlsplit(self.path)
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            env={
                **_ENVIRONMENT,
                "GIT_PROJECT_ROOT": str(owner.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": unquote(parts.path),
                "QUERY_STRING": parts.query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "REMOTE_ADDR": self.client_address[0],
            },
            capture_output=True,
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        self._send(int(headers.pop("Status", "200").split()[0]), headers, content)

    def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.server.owner.bytes_sent += len(content)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    owner: GitServer


class GitServer:
    """Serves the repositories below a folder on a loopback port, with and without ``.git``.

    Args:
        root: The folder.

    Attributes:
        url: Where; ends in a slash.
        requests: Every request, as ``GET /path``.
        fetches: The path of every request for objects; a clone makes one.
        authorizations: Every ``Authorization`` that somebody sent.
        bytes_sent: Bytes of all answers.
        private: Whether every request is answered with 401.
        user: Name and password of the one user who may read; None lets everybody.
        gives: Cleared, requests for objects wait until it is set.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.requests: list[str] = []
        self.fetches: list[str] = []
        self.authorizations: list[str] = []
        self.bytes_sent = 0
        self.private = False
        self.user: tuple[str, str] | None = None
        self.gives = threading.Event()
        self.gives.set()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self.url = f"http://127.0.0.1:{self._http.server_port}/"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def repo(self, name: str, object_format: str = "sha1") -> TestRepository:
        """Make a repository; ``user/book`` is fine."""
        return TestRepository(self, name, object_format)
