"""The hubs that benchmarks launch on, ours and stock JupyterHub, and what a reader does there."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from benchmarks.measure import say
from hubroam.events import decode
from hubroam.hub.process import HubProcess

sys.path.append(str(Path(__file__).parent.parent / "tests"))

from support.binder import launch, run_in_kernel
from support.gitserver import GitServer
from support.stockhub import StockHub

NOTEBOOK = "lesson.ipynb"
_CONTENT = json.dumps(
    {
        "cells": [],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)
_RECIPE = "numpy\npandas\nmatplotlib\n"
# its own limit of 30 s is less than a burst takes it
_PATIENCE = "c.Spawner.http_timeout = c.Spawner.start_timeout = 600"
# as on an ordinary machine: Python keeps what it compiled
_ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Session:
    """A reader's running server: its URL, which ends in a slash, and what opens it."""

    url: str
    token: str

    def first_answer(self, notebook: str = NOTEBOOK) -> str:
        """Open a notebook as JupyterLab does, and run a cell; returns its kernel's id."""
        body = {"path": notebook, "name": notebook, "type": "notebook"}
        answer = httpx.post(
            f"{self.url}api/sessions",
            headers=self._headers,
            json={**body, "kernel": {"name": "python3"}},
            timeout=120,
        )
        kernel = str(answer.raise_for_status().json()["kernel"]["id"])
        self.run(kernel)
        return kernel

    def restart(self, kernel: str) -> None:
        """Restart a kernel as JupyterLab does, and run a cell."""
        address = f"{self.url}api/kernels/{kernel}/restart"
        httpx.post(address, headers=self._headers, timeout=120).raise_for_status()
        self.run(kernel)

    def run(self, kernel: str) -> None:
        """Run a cell."""
        assert run_in_kernel(self.url, self.token, kernel, "print(1 + 1)") == "2\n"

    def end(self) -> None:
        """End the server, as its page does."""
        httpx.post(f"{self.url}api/shutdown", headers=self._headers, timeout=60)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"token {self.token}"}


class Ours:
    """A hub of ours with one book, whose environment is built.

    Args:
        folder: Where it keeps everything.
        config: Lines of its ``jupyterhub_config.py``.
    """

    def __init__(self, folder: Path, config: str = "") -> None:
        folder.mkdir()
        (folder / "config.py").write_text(config)
        self._git = GitServer(folder / "git")
        self._hub = HubProcess(folder / "hub", config=folder / "config.py")
        self._mark = f"{folder / 'hub'}:"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start it."""
        with self._git, self._hub as self.url:
            self.book = self._git.repo("bench/book")
            self.book.commit({"requirements.txt": _RECIPE, NOTEBOOK: _CONTENT})
            self.spec = self.book.spec
            launch(self.url, self.spec, build_only="true")
            self.session().end()  # the warm parent is ready, and all is byte-compiled
            yield

    def session(self, spec: str = "") -> Session:
        """Launch the book, or a spec of it."""
        ready = launch(self.url, spec or self.spec, labpath=NOTEBOOK)
        return Session(ready["url"], ready["token"])

    async def launch(self, client: httpx.AsyncClient) -> Session:
        """Launch the book beside others."""
        address, query = f"{self.url}build/{self.spec}", {"labpath": NOTEBOOK}
        async with client.stream("GET", address, params=query) as answer:
            async for event in decode(answer.aiter_lines()):
                if event.last:
                    assert event.phase == "ready", event
                    return Session(event.fields["url"], event.fields["token"])
        raise AssertionError("the stream ended")

    def add_book(self, post_build: str) -> str:
        """Another book, which is not built; returns its spec.

        Args:
            post_build: The script that its build runs.
        """
        book = self._git.repo(f"bench/{uuid.uuid4().hex[:8]}")
        book.commit({"requirements.txt": _RECIPE, "postBuild": post_build})
        return book.spec

    def service(self) -> psutil.Process:
        """The Binder service."""
        children = psutil.Process(self._hub.pid).children(recursive=True)
        (found,) = [child for child in children if "hubroam.binder" in child.cmdline()]
        return found

    def servers(self) -> list[psutil.Process]:
        """The processes of its sessions' servers."""
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if any(word.startswith(self._mark) for word in process.info["cmdline"] or ())
        ]

    def parents(self) -> list[psutil.Process]:
        """The warm parent."""
        children = psutil.Process(self._hub.pid).children()
        return [child for child in children if "hubroam.hub.warm.parent" in child.cmdline()]


class Stock:
    """JupyterHub with SimpleLocalProcessSpawner, where the book is in everybody's home.

    Args:
        folder: Where it keeps everything.
        config: Lines of its ``jupyterhub_config.py``.
    """

    def __init__(self, folder: Path, config: str = "") -> None:
        self._hub = StockHub(folder, config=f"{_PATIENCE}\n{config}", environment=_ENVIRONMENT)
        self.url = self._hub.url
        self._homes = folder / "homes"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start it."""
        with self._hub:
            self.session().end()
            yield

    def session(self) -> Session:
        """Make a user and start their server."""
        name = self._new_user()
        self._hub.start(name)
        return Session(f"{self._hub.url}user/{name}/", self._hub.token)

    async def launch(self, client: httpx.AsyncClient) -> Session:
        """The same beside others."""
        name = self._new_user()
        api, headers = f"{self.url}hub/api/users", {"Authorization": f"token {self._hub.token}"}
        made = await client.post(api, json={"usernames": [name]}, headers=headers)
        made.raise_for_status()
        (await client.post(f"{api}/{name}/server", headers=headers)).raise_for_status()
        progress = client.stream("GET", f"{api}/{name}/server/progress", headers=headers)
        async with progress as answer:
            async for event in decode(answer.aiter_lines()):
                assert not event.fields.get("failed"), event
                if event.fields.get("ready"):
                    return Session(f"{self.url}user/{name}/", self._hub.token)
        raise AssertionError("the stream ended")

    def _new_user(self) -> str:
        name = f"reader{uuid.uuid4().hex[:8]}"
        (self._homes / name).mkdir()
        (self._homes / name / NOTEBOOK).write_text(_CONTENT)
        return name

    def servers(self) -> list[psutil.Process]:
        """The processes of its users' servers."""
        homes = str(self._homes)
        return [
            process
            for process in psutil.process_iter(["cmdline", "cwd"])
            if (process.info["cwd"] or "").startswith(homes)
            and "jupyterhub-singleuser" in " ".join(process.info["cmdline"] or ())
        ]


def to_first_answer(label: str, start: Callable[[], Session]) -> float:
    """Start a session, and end it; returns the seconds to its kernel's first answer."""
    began = time.monotonic()
    session = start()
    ready = time.monotonic() - began
    session.first_answer()
    seconds = time.monotonic() - began
    session.end()
    say(f"{label}: {seconds:.2f} s, server ready after {ready:.2f} s")
    return seconds


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that goes when everything is measured."""
    with tempfile.TemporaryDirectory(prefix="hubroam-benchmark-") as name:
        yield Path(name)
