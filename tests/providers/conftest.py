from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hubroam.providers import MirrorStore
from support.gitserver import GitServer, TestRepository


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    """A git server of the test's own, so that its counts are the test's."""
    with GitServer(tmp_path / "served") as server:
        yield server


@pytest.fixture
def book(server: GitServer) -> TestRepository:
    """A repository with one commit on main."""
    repository = server.repo("ada/book")
    repository.commit({"index.md": "# Waves\n", "binder/requirements.txt": "numpy\n"})
    return repository


@pytest.fixture
def store(tmp_path: Path) -> MirrorStore:
    return MirrorStore(tmp_path / "mirrors")


@pytest.fixture
def closed_url() -> str:
    """A URL where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/"


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.fixture
def silent_url(silent: socket.socket) -> str:
    return f"http://127.0.0.1:{silent.getsockname()[1]}/book.git"
