"""What tests of all rooms share: a git server, and a real hub."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hubroam.hub.process import HubProcess
from support.gitserver import GitServer

# A shell's background job ignores Ctrl-C, and all that it starts inherits that: the commands
# under test must not.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def git_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    """A git server on loopback."""
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@dataclass(frozen=True)
class Hub:
    """A running hub: its URL, which ends in a slash, its folder, its log."""

    url: str
    data_dir: Path
    log: Path


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub as `hubroam up` starts it, for all tests that leave it as it was."""
    process = HubProcess(tmp_path_factory.mktemp("hub"))
    with process as url:
        yield Hub(url, process.log.parent, process.log)
