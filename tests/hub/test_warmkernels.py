"""Interpreters that wait to be kernels, on a real Jupyter server of ours."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from jupyter_client import BlockingKernelClient

from hubroam.hub.kernels import interpreter
from support.jupyterserver import notebook, serving
from support.processes import eventually

REPORT = """
import gc, json, os, signal, sys, threading, __main__
def leads(link):
    try:
        return os.readlink(link)
    except FileNotFoundError:  # it was open for the look itself
        return "/proc/"
variables = {k: v for k, v in os.environ.items() if k not in ("JPY_SESSION_NAME",)}
print(json.dumps({
    "argv": [sys.argv[0], sys.argv[1]], "orig_argv": sys.orig_argv[:-1], "flags": str(sys.flags),
    "path": sys.path, "prefix": sys.prefix, "executable": sys.executable, "cwd": os.getcwd(),
    "names": sorted(set(globals()) - {"variables", "leads"}), "main": [__main__.__name__, hasattr(__main__, "__file__")],
    "variables": variables, "signals": [str(signal.getsignal(n)).split(" at ")[0] for n in range(1, 32)],
    "threads": sorted(t.name.rstrip("0123456789") for t in threading.enumerate()),
    "session": os.getsid(0) == os.getpid() == os.getpgid(0), "input": os.read(0, 1).decode(),
    "modules": sorted(sys.modules), "policy": os.sched_getscheduler(0), "nice": os.nice(0), "limits": sys.getrecursionlimit(),
    "files": sorted(l for l in map(leads, __import__("glob").glob("/proc/self/fd/*")) if not any(w in l for w in ("[", "/proc/", ".ipython"))),
}))
"""  # noqa: E501
PID = "import os; print(os.getpid())"


class Hub:
    """The hub's end of a server's socket."""

    def __init__(self):
        self.socket, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(30)

    def hear(self) -> bytes:
        """The server's next word, but for that a reader is still at work."""
        while (word := self.socket.recv(32)) == b"used":
            pass
        return word

    def give(self) -> int:
        """Let the server have an interpreter; returns the bytes that it takes."""
        assert self.hear() == b"want"
        self.socket.send(b"yes")
        word, size = self.hear().split()
        assert word == b"have"
        return int(size)


@pytest.fixture
def hub():
    hub = Hub()
    with hub.socket:
        yield hub


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "part").mkdir()
    for name in ("one.ipynb", "two.ipynb", "part/three.ipynb"):
        (tmp_path / name).write_text(notebook({"name": "python3"}))
    return tmp_path


def ended(pid: int) -> bool:
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], 30)[0])
    finally:
        os.close(descriptor)


def test_an_interpreter_is_handed_over_once_and_is_as_a_kernel_that_starts(folder, hub):
    with serving(folder, kernels=hub.theirs) as server:
        cold = server.open("one.ipynb")
        before = json.loads(server.run(cold, REPORT))
        assert server.spares() == []
        assert 10 << 20 < hub.give() < 100 << 20
        (spare,) = server.spares()
        assert psutil.Process(spare).ppid() == server.process.pid
        second = server.open("two.ipynb")
        assert hub.hear() == b"gone"
        assert json.loads(server.run(second, REPORT)) == before
        assert server.run(second, PID) == f"{spare}\n"
        hub.give()
        (another,) = set(server.spares()) - {spare}
        third = server.open("part/three.ipynb")
        assert server.run(third, PID) == f"{another}\n"
        where = "import os; print(os.getcwd(), os.environ['JPY_SESSION_NAME'])"
        session = folder / "part/three.ipynb"
        assert server.run(third, where) == f"{folder / 'part'} {session}\n"
        code = "import random, uuid; print(random.random(), uuid.uuid4())"
        assert server.run(second, code) != server.run(third, code)


def test_a_restart_takes_it(folder, hub):
    with serving(folder, kernels=hub.theirs) as server:
        kernel = server.open("part/three.ipynb")
        assert server.run(kernel, "x = 1; print(x)") == "1\n"
        for _ in range(2):
            hub.give()
            spare = server.spares()[-1]
            server.api.post(f"kernels/{kernel}/restart").raise_for_status()
            assert hub.hear() == b"gone"
            assert server.run(kernel, PID) == f"{spare}\n"
            assert server.run(kernel, "print('x' in globals())") == "False\n"
            cwd = "import os; print(os.getcwd())"
            assert server.run(kernel, cwd) == f"{folder / 'part'}\n"


def test_it_may_be_handed_over_before_it_is_warm(folder, hub):
    with serving(folder, kernels=hub.theirs) as server:
        server.run(server.open("one.ipynb"), "1")
        assert hub.hear() == b"want"
        hub.socket.send(b"yes")
        assert eventually(lambda: bool(server.spares()))
        (spare,) = server.spares()
        second = server.open("two.ipynb")
        assert server.run(second, PID) == f"{spare}\n"
        assert hub.hear() == b"gone"


def test_interrupts_input_comms_and_magics(folder, hub):
    (folder / "script.py").write_text("print('from a script', __name__)\n")
    (folder / "helper.py").write_text("value = 7\n")
    with serving(folder, kernels=hub.theirs) as server, ThreadPoolExecutor(1) as pool:
        server.run(server.open("one.ipynb"), "1")
        hub.give()
        (spare,) = server.spares()
        kernel = server.open("two.ipynb")
        assert server.run(kernel, PID) == f"{spare}\n"
        endless = pool.submit(server.run, kernel, "print('begun', flush=True)\nwhile True: pass")
        model = f"kernels/{kernel}"
        assert eventually(lambda: server.api.get(model).json()["execution_state"] == "busy")
        server.api.post(f"{model}/interrupt").raise_for_status()
        assert "KeyboardInterrupt" in endless.result()
        assert server.run(kernel, "%run script.py") == "from a script __main__\n"
        assert server.run(kernel, "import helper; print(helper.value)") == "7\n"
        assert server.run(kernel, "!echo $JPY_SESSION_NAME").strip() == str(folder / "two.ipynb")
        (connection,) = folder.rglob(f"kernel-{kernel}.json")
        client = BlockingKernelClient(connection_file=str(connection))
        client.load_connection_file()
        client.start_channels()
        heard = []
        code = (
            "import comm; comm.create_comm(target_name='ours'); print(input('who? ') * 2)\n"
            "def f(x): return x + 1\n"
            "from multiprocessing import get_context\n"
            "with get_context('fork').Pool(1) as pool: print(pool.map(f, [1]))\n"
        )
        try:
            client.execute_interactive(
                code, stdin_hook=lambda _: client.input("ada"), output_hook=heard.append, timeout=30
            )
        finally:
            client.stop_channels()
        assert "comm_open" in [message["msg_type"] for message in heard]
        printed = [m["content"]["text"] for m in heard if m["msg_type"] == "stream"]
        assert "".join(printed) == "adaada\n[2]\n"


def test_it_ends_when_the_hub_says_so_when_the_hub_goes_and_when_nobody_works(folder, hub):
    with serving(folder, kernels=hub.theirs) as server:
        kernel = server.open("one.ipynb")
        server.run(kernel, "1")
        hub.give()
        (spare,) = server.spares()
        hub.socket.send(b"drop")
        assert hub.hear() == b"gone"
        assert ended(spare)
        server.run(kernel, "1")
        hub.give()
        (spare,) = server.spares()
        hub.socket.close()
        assert ended(spare)
        assert server.run(kernel, "print(1)") == "1\n"
    hub = Hub()
    with hub.socket, serving(folder, kernels=hub.theirs, unused=0.1) as server:
        server.run(server.open("one.ipynb"), "1")
        assert hub.hear() == b"want"
        hub.socket.send(b"yes")
        while hub.hear() != b"gone":
            pass
        assert eventually(lambda: server.spares() == [])


def test_no_means_no_and_it_is_not_asked_again_at_once(folder, hub):
    with serving(folder, kernels=hub.theirs) as server:
        kernel = server.open("one.ipynb")
        server.run(kernel, "1")
        assert hub.hear() == b"want"
        hub.socket.send(b"no")
        server.run(kernel, "1")
        second = server.open("two.ipynb")
        assert server.run(second, "print(1)") == "1\n"
        assert server.spares() == []
        hub.socket.settimeout(1)
        with pytest.raises(TimeoutError):
            hub.hear()


def test_it_ends_with_a_server_that_is_killed(folder, hub):
    with serving(folder, kernels=hub.theirs) as server:
        kernel = server.open("one.ipynb")
        server.run(kernel, "1")
        hub.give()
        (spare,) = server.spares()
        server.api.delete(f"kernels/{kernel}")
        server.process.send_signal(signal.SIGKILL)
        assert ended(spare)


def test_a_kernel_of_another_kind_leaves_it(folder, hub):
    specs = folder / ".local/share/jupyter/kernels/other"
    specs.mkdir(parents=True)
    argv = [sys.executable, "-E", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "other", "language": "python"}
    (specs / "kernel.json").write_text(json.dumps(spec))
    with serving(folder, kernels=hub.theirs) as server:
        server.run(server.open("one.ipynb"), "1")
        hub.give()
        (spare,) = server.spares()
        other = server.api.post("kernels", json={"name": "other"}).json()["id"]
        assert server.run(other, PID) != f"{spare}\n"
        second = server.open("two.ipynb")
        assert server.run(second, PID) == f"{spare}\n"


class Waiting:
    """The program by itself, with a module that reports in place of ipykernel's."""

    def __init__(self, folder: Path, *, hasty: bool = False):
        self.folder, self.library = folder, folder / "library"
        self.library.mkdir()
        self.place = folder / "place"
        self.place.mkdir()
        text = "import json, os, sys\nprint(json.dumps([sys.argv, sys.path[:1], os.getcwd(), "
        text += "os.environ.get('MORE'), 'ipykernel' in sys.modules, os.getpid()]))\n"
        (self.library / "report.py").write_text(text)
        self.variables = {**os.environ, "PYTHONPATH": str(self.library)}
        ours, theirs = os.pipe()
        program = Path(interpreter.__file__).read_text()
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, str(theirs)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, pass_fds=[theirs], env=self.variables, cwd=folder,
        )  # fmt: skip
        os.close(theirs)
        assert hasty or os.read(ours, 1) == b"1"
        os.close(ours)

    def become(self, **variables: str) -> list:
        argv = [sys.executable, "-m", "report", "-f", "x"]
        told = {"argv": argv, "cwd": str(self.place), "env": {**self.variables, **variables}}
        output, _ = self.process.communicate(json.dumps(told).encode(), timeout=30)
        assert self.process.returncode == 0
        argv, path, cwd, more, warm, pid = json.loads(output)
        assert [argv[0], argv[1:]] == [str(self.library / "report.py"), ["-f", "x"]]
        assert (path, cwd) == ([str(self.place)], str(self.place))
        assert pid == self.process.pid
        return [more, warm]


def test_the_program_becomes_what_it_is_told(tmp_path):
    assert Waiting(tmp_path).become(JPY_SESSION_NAME="x") == [None, True]


def test_the_program_need_not_be_listened_to(tmp_path):
    assert Waiting(tmp_path, hasty=True).become() == [None, True]


@pytest.mark.parametrize("change", ["variable", "module", "path file", "imported", "removed"])
def test_the_program_starts_anew_when_something_has_changed(tmp_path, change):
    waiting = Waiting(tmp_path)
    if change == "variable":
        assert waiting.become(MORE="more") == ["more", False]
        return
    if change == "module":
        (waiting.library / "fresh.py").write_text("")
    elif change == "path file":
        (waiting.library / "fresh.pth").write_text("")
    elif change == "imported":
        os.utime(waiting.library / "report.py")
        waiting.library.touch()
    else:
        (waiting.library / "gone.py").write_text("")
        (waiting.library / "gone.py").unlink()
    assert waiting.become() == [None, False]


def test_the_program_ends_when_nobody_wants_it(tmp_path):
    waiting = Waiting(tmp_path)
    assert waiting.process.communicate(timeout=30)[0] == b""
    assert waiting.process.returncode == 0
