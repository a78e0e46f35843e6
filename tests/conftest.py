"""What tests of all rooms share: a git server, and a real hub."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

from hubroam.hub.process import HubProcess
from support import shared
from support.condachannel import CondaChannel
from support.gitserver import GitServer

# What is tested is what comes out, not how long a loaded machine takes for it.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

# What the tests start again and again must not be compiled each time, wherever this is set.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# A shell's background job ignores Ctrl-C, one of nohup's the end of its terminal, and all that they
# start inherits that: the commands under test must not.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


# What makes a file long, from the longest on.
_LONG = ("hub", "registry", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: one that began last would keep a worker while the others have nothing."""
    place: dict[Path, int] = {}
    for item in items:
        own = (n for n, mark in enumerate(_LONG) if item.get_closest_marker(mark))
        place[item.path] = min(place.get(item.path, len(_LONG)), *own, len(_LONG))
    items.sort(key=lambda item: place[item.path])


# Files that one worker runs, one after the other: those of other hubs start them all, and there is
# one Docker at a time.
_TOGETHER = {
    "tests/hubs/": "hubs",
    "tests/environments/containers/": "containers",
    "tests/hub/test_containers.py": "containers",
}


class _Files(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return next((name for start, name in _TOGETHER.items() if file.startswith(start)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Take files for `--dist loadfile` as they belong together."""
    return _Files(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(scope="session", autouse=True)
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """See `shared`."""
    shared.begin(tmp_path_factory)


@pytest.fixture(scope="session")
def git_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    """A git server on loopback."""
    with GitServer(tmp_path_factory.mktemp("git")) as server:
        yield server


@pytest.fixture(scope="session")
def forge_channel(tmp_path_factory: pytest.TempPathFactory) -> CondaChannel:
    """A channel that stands in for conda-forge.

    It has this machine's Python, a kernel, and a package with data, in two versions, whose place
    its activation tells.
    """
    made = shared.once("forge", _make_forge)
    own = tmp_path_factory.mktemp("channel") / "forge"  # tests add to it
    return CondaChannel(shutil.copytree(made, own, symlinks=True))


def _make_forge(root: Path) -> None:
    root.mkdir()
    channel = CondaChannel(root)
    channel.add_python()
    channel.add_wheels(["ipykernel", "ipywidgets", "pip"], root.with_name("forge-wheels"))
    script = b"export DATA_OF_ATLAS=$CONDA_PREFIX/share/atlas\n"
    for version in ("1.0", "2.0"):
        files = {
            "share/atlas/version": version.encode(),
            "etc/conda/activate.d/atlas.sh": script,
            "bin/atlas": f"#!/bin/sh\necho atlas {version}\n".encode(),
        }
        channel.add("atlas", version, files, noarch="generic")
    channel.add("globe", "1.0", {"share/globe": b""}, depends=["atlas <2"], noarch="generic")
    channel.index()


@pytest.fixture(scope="session")
def forge(forge_channel: CondaChannel) -> Iterator[str]:
    """The address of that channel."""
    with forge_channel.serve() as url:
        yield url


@dataclass(frozen=True)
class Hub:
    """A running hub: its URL, which ends in a slash, its folder, its log."""

    url: str
    data_dir: Path
    log: Path


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub as `hubroam up` starts it, for all tests that leave it as it was."""
    folder = tmp_path_factory.mktemp("hub")
    shared.share_packages(folder / "environments" / "cache")
    process = HubProcess(folder)
    with process as url:
        yield Hub(url, process.log.parent, process.log)
