"""A real git server over smart HTTP: ``git http-backend`` behind a small web server."""

from __future__ import annotations

import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

ENVIRONMENT = {
    **os.environ,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}


class TestRepository:
    """A repository on the server, and the working tree that its commits are made in."""

    __test__ = False

    def __init__(self, server: GitServer, name: str) -> None:
        self.name = name
        self.url = f"{server.url}{name}.git"
        self.bare = server.root / f"{name}.git"
        self.tree = server.root / ".trees" / name
        self.git(
            "init", "--quiet", "--bare", "--initial-branch=main", str(self.bare), folder=server.root
        )
        self.git("config", "uploadpack.allowAnySHA1InWant", "false", folder=self.bare)
        self.git("init", "--quiet", "--initial-branch=main", str(self.tree), folder=server.root)
        self.git("remote", "add", "origin", str(self.bare))

    @property
    def spec(self) -> str:
        """The Binder spec of the repository's main branch."""
        from urllib.parse import quote

        return f"git/{quote(self.url, safe='')}/main"

    def git(self, *arguments: str, folder: Path | None = None) -> str:
        """Run git in the working tree; returns its output."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=folder or self.tree,
            env=ENVIRONMENT,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(
        self, files: dict[str, str | bytes], message: str = "change", branch: str = "main"
    ) -> str:
        """Write files, commit and push them; returns the commit."""
        if self.git("branch", "--list", branch):
            self.git("checkout", "--quiet", branch)
        else:
            self.git("checkout", "--quiet", "-B", branch)
        for name, content in files.items():
            path = self.tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            if name.endswith(("postBuild", "start")):
                path.chmod(0o755)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        self.push()
        return self.git("rev-parse", "HEAD")

    def tag(self, name: str, *, annotated: bool = False) -> None:
        """Tag the newest commit."""
        self.git("tag", *(["--annotate", "--message", name] if annotated else []), name)
        self.push()

    def push(self) -> None:
        """Bring all branches and tags to the server."""
        self.git("push", "--quiet", "--force", "--all", "origin")
        self.git("push", "--quiet", "--force", "--tags", "origin")


class _Handler(BaseHTTPRequestHandler):
    server: _Http

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length")
        self._answer(self.rfile.read(int(length)) if length else self._chunks())

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        self.server.owner.requests.append(f"{self.command} {self.path}")
        if self.server.owner.private:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        environment = {
            **ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(self.server.owner.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": unquote(parts.path),
            "QUERY_STRING": parts.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": self.client_address[0],
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, env=environment, capture_output=True
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
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
    """Serves the repositories below a folder on a loopback port.

    Attributes:
        url: Where; ends in a slash.
        requests: Every request, as ``GET /path``.
        private: Whether every request is answered with 401.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.requests: list[str] = []
        self.private = False
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.owner = self
        self.url = f"http://127.0.0.1:{self._http.server_port}/"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def repo(self, name: str) -> TestRepository:
        """Make a repository; ``user/book`` is fine."""
        return TestRepository(self, name)
