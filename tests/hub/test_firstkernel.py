"""The first kernel of a session, on a real Jupyter server of ours without a hub."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import psutil
import pytest

from hubroam.hub.ports import free_port
from hubroam.hub.readiness import VARIABLE
from hubroam.hub.sessions import NOTEBOOK_VARIABLE
from support.binder import run_in_kernel

TOKEN = "0123456789abcdef"
SERVE = """
import sys
from hubroam.hub import firstkernel, readiness
from hubroam.hub.singleuser import SessionServer
firstkernel._PATIENCE = float(sys.argv.pop())
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
def serving(folder: Path, first: str, patience: float = 60):
    port = free_port()
    ours, theirs = os.pipe()
    settings = [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.port={port}", "--allow-root"]
    more = ["--ServerApp.open_browser=False", f"--ServerApp.root_dir={folder}"]
    command = [sys.executable, "-c", SERVE, *settings, *more, str(patience)]
    variables = {**os.environ, "HOME": str(folder), VARIABLE: str(theirs)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env={**variables, NOTEBOOK_VARIABLE: first},
            stdout=log, stderr=log, pass_fds=[theirs],
        )  # fmt: skip
    os.close(theirs)
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


def test_the_page_gets_the_kernel_that_is_there_once(tmp_path):
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "one.ipynb").write_text(notebook({"name": "python3"}))
    (tmp_path / "part" / "two.ipynb").write_text(notebook())
    with serving(tmp_path, "part/one.ipynb") as server:
        (there,) = server.kernels()
        assert server.api.get("kernels").json() == []  # nobody has asked for it yet
        first = server.open("part/one.ipynb")
        assert server.kernels() == [there]
        assert [kernel["id"] for kernel in server.api.get("kernels").json()] == [first]
        code = "import os; print(os.getpid(), os.getcwd(), os.environ['JPY_SESSION_NAME'])"
        one = str(tmp_path / "part" / "one.ipynb")
        assert server.run(first, code) == f"{there} {tmp_path / 'part'} {one}\n"
        code = (
            f"import os; print(os.environ.get('{NOTEBOOK_VARIABLE}'), '{VARIABLE}' in os.environ)"
        )
        assert server.run(first, code) == "None False\n"
        second = server.open("part/two.ipynb")
        assert second != first
        assert len(server.kernels()) == 2


def test_whoever_asks_for_another_kernel_gets_another(tmp_path):
    (tmp_path / "one.ipynb").write_text(notebook())
    (tmp_path / "two.ipynb").write_text(notebook())
    with serving(tmp_path, "one.ipynb") as server:
        (there,) = server.kernels()
        other = server.open("two.ipynb")
        bare = server.api.post("kernels").json()["id"]
        pids = [server.run(kernel, "import os; print(os.getpid())") for kernel in (other, bare)]
        assert f"{there}\n" not in pids
        first = server.open("one.ipynb")
        assert server.run(first, "import os; print(os.getpid())") == f"{there}\n"


def test_a_kernel_that_nobody_asks_for_is_given_back(tmp_path):
    (tmp_path / "one.ipynb").write_text(notebook())
    with serving(tmp_path, "one.ipynb", patience=0.1) as server:
        psutil.wait_procs([psutil.Process(pid) for pid in server.kernels()], timeout=30)
        assert server.kernels() == []
        kernel = server.open("one.ipynb")
        assert server.run(kernel, "print(1)") == "1\n"


@pytest.mark.parametrize(
    "content",
    [
        notebook({"name": "no-such-kernel"}),
        notebook({"name": "../../etc/passwd"}),
        notebook({"name": ["python3"]}),
        notebook("python3"),
        "[]",
        "not a notebook",
        None,
    ],
)
def test_a_notebook_that_names_no_kernel_of_ours_gets_the_default(tmp_path, content):
    if content is not None:
        (tmp_path / "one.ipynb").write_text(content)
    with serving(tmp_path, "one.ipynb") as server:
        (there,) = server.kernels()
        kernel = server.open("one.ipynb")
        assert server.run(kernel, "import os; print(os.getpid())") == f"{there}\n"
