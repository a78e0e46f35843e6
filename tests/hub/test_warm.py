"""The warm parent and the servers that it forks, all of them real processes.

A server runs the ``jupyter_server_config.py`` of its home while it starts: that is how these
tests look at it from inside.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import sysconfig
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from hubroam.hub.ports import free_port
from hubroam.hub.readiness import Readiness, readable
from hubroam.hub.warm.child import can_be_forked
from hubroam.hub.warm.messages import ServerRequest
from hubroam.hub.warm.process import ServerProcess, started_at
from hubroam.hub.warm.stack import NotWarm, WarmStack

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What a server finds itself to be; then it ends with a status of its own.
REPORT = """
import json, multiprocessing, os, pathlib, random, signal, sys, tempfile, threading, uuid
links = {}
for number in os.listdir("/proc/self/fd"):
    try:
        links[number] = os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        pass
print("to the log")
pathlib.Path("report.json").write_text(json.dumps({
    "random": random.random(),
    "uuid": str(uuid.uuid4()),
    "name": next(tempfile._get_candidate_names()),
    "key": bytes(multiprocessing.current_process().authkey).hex(),
    "environment": dict(os.environ),
    "initial": pathlib.Path("/proc/self/environ").read_text(errors="replace"),
    "title": pathlib.Path("/proc/self/cmdline").read_text().strip("\\0"),
    "folder": os.getcwd(),
    "arguments": sys.argv,
    "path": sys.path,
    "session": os.getsid(0) == os.getpid(),
    "descriptors": links,
    "threads": threading.active_count(),
    "interrupt": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
    "child": signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL,
    "blocked": len(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
}))
sys.stdout.flush()
os._exit(7)
"""


@dataclass
class Forked:
    """A server that was forked, with the pipe on which it says that it listens."""

    process: ServerProcess
    readiness: Readiness
    home: Path

    async def status(self) -> int:
        with self.readiness:
            assert not await self.readiness.wait()  # it ended
        while (status := await self.process.poll()) is None:
            await readable(self.process._descriptor)
        return status

    def report(self) -> dict:
        return json.loads((self.home / "report.json").read_text())


@pytest.fixture(scope="module")
def secret():
    """A variable of the hub's that nobody else may see."""
    os.environ["CONFIGPROXY_AUTH_TOKEN"] = "the-hubs-own-secret"
    yield "the-hubs-own-secret"
    del os.environ["CONFIGPROXY_AUTH_TOKEN"]


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """A busy machine takes longer to start a parent than a reader should wait."""
    monkeypatch.setattr("hubroam.hub.warm.stack._PATIENCE", 300)
    monkeypatch.setattr("hubroam.hub.warm.stack._ANSWER", 60)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(secret):
    stack = WarmStack()
    stack.start()
    yield stack
    stack.stop()


async def fork(stack, home: Path, code: str = REPORT, memory=None, nice=0, **variables) -> Forked:
    (home / ".jupyter").mkdir(parents=True)
    (home / ".jupyter" / "jupyter_server_config.py").write_text(code)
    environment = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:1/",
        **variables,
    }
    title = f"a server in {home}"
    request = ServerRequest(["--allow-root"], environment, str(home), title, memory, nice)
    readiness = Readiness()
    with (home / "log").open("ab") as log, ExitStack() as undo:
        undo.enter_context(readiness)
        process = await stack.fork(request, log_file=log.fileno(), ready=readiness.theirs)
        undo.pop_all()
    return Forked(process, readiness, home)


async def test_a_server_is_what_was_asked_for(stack, tmp_path):
    server = await fork(stack, tmp_path / "home", JUPYTERHUB_API_TOKEN="its-own")
    assert await server.status() == 7
    report = server.report()
    assert report["environment"] == {
        "HOME": str(tmp_path / "home"),
        "PATH": os.environ["PATH"],
        "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:1/",
        "JUPYTERHUB_API_TOKEN": "its-own",
    }
    assert report["folder"] == str(tmp_path / "home")
    assert report["arguments"] == ["jupyterhub-singleuser", "--allow-root"]
    assert report["title"] == f"a server in {tmp_path / 'home'}"
    assert report["session"]
    assert report["interrupt"]
    assert report["child"]
    assert report["blocked"] == 0
    assert report["threads"] == 1
    assert "to the log" in (tmp_path / "home" / "log").read_text()
    assert not {"", os.getcwd(), str(tmp_path / "home")} & set(report["path"])
    # its input, its log twice, its pipe; what else is open it has opened itself
    links = report["descriptors"]
    assert links["0"] == "/dev/null"
    assert links["1"] == links["2"] == str(tmp_path / "home" / "log")
    assert len([link for link in links.values() if link.startswith("pipe:")]) == 1
    assert [link for link in links.values() if "pidfd" in link] == []


async def test_two_servers_share_no_chance_and_no_secret(stack, tmp_path, secret):
    first = await fork(stack, tmp_path / "first", JUPYTERHUB_API_TOKEN="token-of-the-first")
    second = await fork(stack, tmp_path / "second", JUPYTERHUB_API_TOKEN="token-of-the-second")
    assert [await first.status(), await second.status()] == [7, 7]
    one, two = first.report(), second.report()
    for chance in ("random", "uuid", "name", "key"):
        assert one[chance] != two[chance]
    assert "token-of-the-first" in json.dumps(one)
    assert "token-of-the-first" not in json.dumps(two)
    assert secret not in json.dumps([one, two])


async def test_the_parent_has_no_secret_and_one_thread(stack, secret):
    parent = psutil.Process(stack.pid)
    assert secret not in json.dumps(parent.environ())
    assert parent.num_threads() == 1
    assert parent.net_connections() == []


async def test_how_a_server_ended_is_told(stack, tmp_path):
    server = await fork(stack, tmp_path / "home", "import signal; signal.pause()")
    assert await server.process.poll() is None
    assert server.process.send(0)
    assert server.process.send(signal.SIGKILL)
    assert await server.status() == -signal.SIGKILL
    assert not server.process.send(signal.SIGTERM)


async def test_servers_outlive_the_parent_and_another_takes_over(stack, tmp_path):
    server = await fork(stack, tmp_path / "home", "import signal; signal.pause()")
    before = stack.pid
    os.kill(before, signal.SIGKILL)
    while stack.pid == before:
        await asyncio.sleep(0.01)
    another = await fork(stack, tmp_path / "another")
    assert await another.status() == 7
    assert await server.process.poll() is None
    again = ServerProcess.find(server.process.pid, server.process.started)
    assert again
    assert ServerProcess.find(server.process.pid, server.process.started - 1) is None
    again.send(signal.SIGKILL)
    assert await server.status() == 0  # who knew is gone
    again.close()


async def test_a_parent_that_does_not_answer_is_replaced(stack, tmp_path, monkeypatch):
    first = await fork(stack, tmp_path / "first")
    assert await first.status() == 7
    before = stack.pid
    os.kill(before, signal.SIGSTOP)
    monkeypatch.setattr("hubroam.hub.warm.stack._ANSWER", 0.2)
    with pytest.raises(NotWarm):
        await fork(stack, tmp_path / "second")
    monkeypatch.setattr("hubroam.hub.warm.stack._ANSWER", 60)
    third = await fork(stack, tmp_path / "third")
    assert await third.status() == 7
    assert stack.pid != before


async def test_a_change_of_the_packages_replaces_the_parent(stack, tmp_path):
    server = await fork(stack, tmp_path / "first", "import signal; signal.pause()")
    before = stack.pid
    os.utime(sysconfig.get_path("purelib"))  # as an installation does
    another = await fork(stack, tmp_path / "second")
    assert await another.status() == 7
    assert stack.pid != before
    assert await server.process.poll() is None
    server.process.send(signal.SIGKILL)
    assert await server.status() == 0


# Looks through all modules for what the parent knew and this server should not.
SCAN = """
import json, os, pathlib, pwd, sys, types
home = pwd.getpwuid(os.getuid()).pw_dir
programs = tuple({os.path.realpath(p) for p in (sys.prefix, sys.base_prefix, *sys.path)}
    | {sys.prefix, sys.base_prefix, *sys.path})
found, seen = [], set()
def stale(value):
    if isinstance(value, pathlib.PurePath):
        value = str(value)
    if isinstance(value, bytes):
        value = value.decode(errors="replace")
    if not isinstance(value, str) or len(value) > 500 or value.startswith(programs):
        return False
    at_home = home != "/" and (value == home or value.startswith(home + "/"))
    return at_home and os.pathsep not in value or "the-hubs-own" in value
def look(value, path, depth):
    if id(value) in seen or depth > 5:
        return
    seen.add(id(value))
    if stale(value):
        found.append(path)
    elif isinstance(value, dict):
        for key, item in list(value.items()):
            look(item, f"{path}[{key}]", depth + 1)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in list(value):
            look(item, f"{path}[]", depth + 1)
    elif isinstance(value, type):
        for key, item in list(vars(value).items()):
            look(item, f"{path}.{key}", depth + 1)
    elif isinstance(value, types.FunctionType):
        look(value.__defaults__, path + "()", depth + 1)
        look(value.__kwdefaults__, path + "()", depth + 1)
        for cell in value.__closure__ or ():
            try:
                look(cell.cell_contents, path + "()", depth + 1)
            except ValueError:
                pass
    elif hasattr(value, "__dict__") and not isinstance(value, types.ModuleType):
        look(vars(value), path, depth + 1)
for name, module in list(sys.modules.items()):
    for key, value in list(getattr(module, "__dict__", {}).items()):
        if not key.startswith("__"):
            look(value, f"{name}.{key}", 0)
pathlib.Path("report.json").write_text(json.dumps(sorted(found)))
os._exit(7)
"""


async def test_what_modules_read_when_they_were_imported(tmp_path, secret, monkeypatch):
    """The parent's home, temporary folder and secrets, in every module of a forked server."""
    temporary = tmp_path / "the-hubs-own-temporary-folder"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    stack = WarmStack()
    stack.start()
    server = await fork(stack, tmp_path / "home", SCAN)
    assert await server.status() == 7
    stack.stop()
    assert set(server.report()) <= {
        # where Python looks for a user's own packages, fixed when it starts; not in a venv
        "site.USER_BASE",
        "site.USER_SITE",
        "sysconfig._CONFIG_VARS[userbase]",
        # variables that sessions get too, for servers of a kind that there is none of here
        "wsgiref.handlers.BaseHandler.os_environ[TMPDIR]",
        # switched off: `FileContentsManager.delete_to_trash`
        "send2trash.plat_other.HOMETRASH",
        "send2trash.plat_other.HOMETRASH_B",
        "send2trash.plat_other.XDG_DATA_HOME",
        # named anew by the spawner's arguments
        "jupyterlab.labapp.LabApp.user_settings_dir[default_value]",
        "jupyterlab.labapp.LabApp.workspaces_dir[default_value]",
    }


# What a server takes from its variables, in the ways in which programs ask for it.
PLACES = """
import getpass, json, os, pathlib, resource, tempfile, time
from jupyter_core import paths
pathlib.Path("report.json").write_text(json.dumps({
    "home": [os.path.expanduser("~"), str(pathlib.Path.home()), paths.get_home_dir()],
    "config": paths.jupyter_config_dir(),
    "data": paths.jupyter_data_dir(),
    "runtime": paths.jupyter_runtime_dir(),
    "path": paths.jupyter_path()[0],
    "temporary": tempfile.gettempdir(),
    "zone": time.tzname[0],
    "user": getpass.getuser(),
    "memory": resource.getrlimit(resource.RLIMIT_DATA),
}))
os._exit(7)
"""


async def test_a_server_finds_its_own_places(stack, tmp_path):
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    temporary.mkdir()
    server = await fork(
        stack,
        home,
        PLACES,
        memory=1 << 30,
        JUPYTER_PATH=str(tmp_path / "layer"),
        JUPYTER_RUNTIME_DIR=str(tmp_path / "runtime"),
        TMPDIR=str(temporary),
        TZ="Asia/Tokyo",
        USER="ada",
        LOGNAME="ada",
    )
    assert await server.status() == 7
    assert server.report() == {
        "home": [str(home)] * 3,
        "config": str(home / ".jupyter"),
        "data": str(home / ".local/share/jupyter"),
        "runtime": str(tmp_path / "runtime"),
        "path": str(tmp_path / "layer"),
        "temporary": str(temporary),
        "zone": "JST",
        "user": "ada",
        "memory": [1 << 30, 1 << 30],
    }


# A server's niceness, that of its session's group, and what a program has that it starts.
NICE = """
import json, os, pathlib, subprocess, sys
group = pathlib.Path("/proc/self/autogroup")
program = [sys.executable, "-c", "import os; print(os.nice(0))"]
pathlib.Path("report.json").write_text(json.dumps([
    os.nice(0),
    int(group.read_text().split()[-1]) if group.exists() else os.nice(0),
    int(subprocess.run(program, capture_output=True, check=True).stdout),
]))
os._exit(7)
"""


async def test_a_server_lets_the_hub_go_first(stack, tmp_path):
    ours = os.nice(0)
    server = await fork(stack, tmp_path / "home", NICE, nice=5)
    assert await server.status() == 7
    assert server.report() == [ours + 5] * 3
    assert os.nice(0) == ours
    assert psutil.Process(stack.pid).nice() == ours


async def test_all_that_a_server_tells_the_hub_is_that_it_is_active(stack, tmp_path):
    """It asks for nothing while it starts, and listens when it says so."""
    told: asyncio.Queue[str] = asyncio.Queue()

    async def answer(reader, writer):
        told.put_nowait((await reader.readuntil(b"\r\n")).decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as hub:
        url = f"http://127.0.0.1:{hub.sockets[0].getsockname()[1]}/hub/api"
        port = free_port()
        server = await fork(
            stack,
            tmp_path / "home",
            "",
            JUPYTERHUB_SERVICE_URL=f"http://127.0.0.1:{port}/user/ada/",
            JUPYTERHUB_SERVICE_PREFIX="/user/ada/",
            JUPYTERHUB_API_TOKEN="its-own",
            JUPYTERHUB_API_URL=url,
            JUPYTERHUB_CLIENT_ID="ada",
            JUPYTERHUB_USER="ada",
            JUPYTERHUB_ACTIVITY_URL=f"{url}/users/ada/activity",
            JUPYTERHUB_ACTIVITY_INTERVAL="1",
        )
        assert await server.readiness.wait()
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        assert told.empty()
        first = await asyncio.wait_for(told.get(), 60)
        assert first == "POST /hub/api/users/ada/activity HTTP/1.1\r\n"
        server.process.send(signal.SIGKILL)


async def test_a_parent_that_hangs_is_ended_once_for_all_who_wait(tmp_path, monkeypatch):
    monkeypatch.setattr("hubroam.hub.warm.stack._ANSWER", 1)
    stack = WarmStack()
    stack.start()
    await stack._have_parent()
    hangs = psutil.Process(stack.pid)
    hangs.send_signal(signal.SIGSTOP)
    waiting = []
    for name in ("one", "two", "three"):
        waiting.append(asyncio.create_task(fork(stack, tmp_path / name)))
        await asyncio.sleep(0.2)  # each has its own time to wait
    given_up = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in given_up] == [NotWarm] * 3
    assert not hangs.is_running()
    monkeypatch.setattr("hubroam.hub.warm.stack._ANSWER", 60)
    assert await (await fork(stack, tmp_path / "four")).status() == 7
    stack.stop()


async def test_a_server_that_the_hub_never_heard_of_ends(tmp_path):
    """Its parent ended before the hub had read its answer: the spawn starts another one cold."""
    stack = WarmStack()
    stack.start()
    await stack._have_parent()
    parent = psutil.Process(stack.pid)
    waiting = asyncio.create_task(fork(stack, tmp_path / "home"))
    while not stack._asked:
        await asyncio.sleep(0)
    while not (servers := parent.children()):  # and the loop reads nothing meanwhile
        time.sleep(0.01)
    stack.stop()
    with pytest.raises(NotWarm):
        await waiting
    _, left = await asyncio.to_thread(psutil.wait_procs, servers, 20)
    assert left == []
    assert not (tmp_path / "home" / "report.json").exists()


async def test_a_parent_that_answers_others_is_waited_for(stack, tmp_path, monkeypatch):
    """A hundred requests may lie before one, each of which is answered in time."""
    await (await fork(stack, tmp_path / "warm")).status()
    parent = stack.pid
    monkeypatch.setattr("hubroam.hub.warm.stack._ANSWER", 0.5)
    waiting = asyncio.create_task(fork(stack, tmp_path / "home"))
    os.kill(parent, signal.SIGSTOP)
    for _ in range(5):
        await asyncio.sleep(0.2)
        stack._heard = time.monotonic()  # it answered somebody
    os.kill(parent, signal.SIGCONT)
    assert await (await waiting).status() == 7
    assert stack.pid == parent


async def test_a_spawn_that_is_given_up_leaves_no_server(stack, tmp_path):
    await (await fork(stack, tmp_path / "warm")).status()
    task = asyncio.create_task(fork(stack, tmp_path / "home", "import signal; signal.pause()"))
    while not stack._asked:
        await asyncio.sleep(0)
    (answer,) = stack._asked
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    process = await answer
    assert started_at(process.pid) in (0, process.started)
    while process.pid in stack._statuses:
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("program", ["/bin/false", "/no/such/program"])
async def test_a_parent_that_cannot_start_is_not_tried_at_every_spawn(
    tmp_path, monkeypatch, program
):
    stack = WarmStack()
    monkeypatch.setattr(sys, "executable", program)
    for name in ("first", "second"):
        with pytest.raises(NotWarm):
            await fork(stack, tmp_path / name)
    assert stack.pid is None
    stack.stop()


async def test_the_end_of_the_hubs_side_ends_the_parent(stack, tmp_path):
    await (await fork(stack, tmp_path / "home")).status()
    other = WarmStack()
    other.start()
    parent = psutil.Process(other.pid)
    await other._have_parent()
    asyncio.get_running_loop().remove_reader(other._channel)
    other._channel.close()
    assert await asyncio.to_thread(parent.wait, 20) == 0
    other._process = other._channel = None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("HOME", True),
        ("JUPYTERHUB_API_TOKEN", True),
        ("PYTHONPATH", False),
        ("LD_PRELOAD", False),
        ("JUPYTERHUB_SINGLEUSER_APP", False),
        ("LC_TIME", False),
    ],
)
async def test_what_is_read_at_a_start_is_not_forked(name, expected):
    locale = {
        name: os.environ[name] for name in ("LANG", "LC_ALL", "LC_CTYPE") if name in os.environ
    }
    assert can_be_forked({**locale, name: "x"}) is expected


async def test_a_server_in_another_language_is_not_forked(monkeypatch):
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_CTYPE", raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    assert can_be_forked({"LANG": "C.UTF-8"})
    assert not can_be_forked({"LANG": "de_CH.UTF-8"})
    assert not can_be_forked({})
