"""A real Jupyter server of ours without a hub."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil

from hubroam.hub.ports import free_port
from hubroam.hub.readiness import VARIABLE
from hubroam.hub.sessions import KERNELS_VARIABLE, NOTEBOOK_VARIABLE
from support.binder import run_in_kernel

TOKEN = "0123456789abcdef"
SERVE = """
import sys
from hubroam.hub import readiness
from hubroam.hub.kernels import manager, spare
from hubroam.hub.singleuser import SessionServer
manager._PATIENCE, spare._QUIET, spare._UNUSED = map(float, sys.argv.pop().split())
readiness.promise()
SessionServer.launch_instance()
"""


def notebook(kernelspec: object = None) -> str:
    metadata = {} if kernelspec is None else {"kernelspec": kernelspec}
    return json.dumps({"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


class Server:
    """A running server: its process, its address, its folder."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, folder: Path) -> None:
        self.process, self.url, self.folder = psutil.Process(process.pid), url, folder
        self.api = httpx.Client(
            base_url=f"{url}api/", headers={"Authorization": f"token {TOKEN}"}, timeout=30
        )

    def kernels(self) -> list[int]:
        found = []
        for child in self.process.children():
            with suppress(psutil.NoSuchProcess):  # a zombie is none either
                if "ipykernel_launcher" in child.cmdline():
                    found.append(child.pid)
        return found

    def spares(self) -> list[int]:
        """The interpreters that wait to be kernels, and kernels that they have become."""
        return [
            child.pid
            for child in self.process.children()
            if any("The program of an interpreter" in word for word in child.cmdline())
        ]

    def open(self, path: str) -> str:
        """Open a notebook as JupyterLab does; returns its kernel's id."""
        name = path.rpartition("/")[2]
        body = {"path": path, "name": name, "type": "notebook", "kernel": {"name": "python3"}}
        answer = self.api.post("sessions", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["kernel"]["id"]

    def run(self, kernel: str, code: str) -> str:
        return run_in_kernel(self.url, TOKEN, kernel, code)


@contextmanager
def serving(
    folder: Path,
    first: str = "",
    *,
    patience: float = 60,
    kernels: socket.socket | None = None,
    quiet: float = 0.1,
    unused: float = 600,
) -> Iterator[Server]:
    """Start it.

    Args:
        folder: Its files and its home.
        first: The notebook whose kernel starts with it.
        patience: Seconds until that is given back.
        kernels: The server's end of the socket to the hub's ledger.
        quiet: Seconds without a cell until it asks for an interpreter for the next kernel.
        unused: Seconds without a cell until it gives that back.
    """
    port = free_port()
    ours, theirs = os.pipe()
    settings = [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.port={port}", "--allow-root"]
    more = ["--ServerApp.open_browser=False", f"--ServerApp.root_dir={folder}"]
    command = [sys.executable, "-c", SERVE, *settings, *more]
    command.append(f"{patience} {quiet} {unused}")
    variables = {**os.environ, "HOME": str(folder), VARIABLE: str(theirs)}
    given = [theirs]
    if kernels is not None:
        given.append(kernels.fileno())
        variables[KERNELS_VARIABLE] = str(kernels.fileno())
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env={**variables, NOTEBOOK_VARIABLE: first},
            stdout=log, stderr=log, pass_fds=given,
        )  # fmt: skip
    os.close(theirs)
    if kernels is not None:
        kernels.close()
    try:
        assert os.read(ours, 1) == b"1", (folder / "log").read_text()
        yield Server(process, f"http://127.0.0.1:{port}/", folder)
    finally:
        os.close(ours)
        left = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        psutil.wait_procs(left, timeout=30)
        assert [each for each in left if each.is_running()] == []
