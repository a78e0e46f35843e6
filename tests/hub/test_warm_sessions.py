"""Sessions whose servers are forked, launched on real hubs."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest

from hubroam.hub.process import HubProcess
from support import shared
from support.binder import events, launch, run_cell, run_in_kernel
from support.processes import eventually, pids_of

pytestmark = [pytest.mark.hub, pytest.mark.registry]


@pytest.fixture(scope="module")
def book(git_server):
    repository = git_server.repo("warm/book")
    repository.commit({"requirements.txt": "six\n", "chapter/one.txt": "1"})
    return repository


def server_of(ready) -> psutil.Process:
    """The process of a session's server, by its title."""
    user = ready["url"].rstrip("/").rpartition("/")[2]
    (found,) = [
        process
        for process in psutil.process_iter(["cmdline"])
        if process.info["cmdline"]
        and process.info["cmdline"][0] == "jupyterhub-singleuser"
        and process.info["cmdline"][1].endswith(f":{user}/")
    ]
    return found


def parents_of(hub: int) -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process(hub).children()
        if "hubroam.hub.warm.parent" in child.cmdline()
    ]


def hub_pid(data_dir: Path) -> int:
    return json.loads((data_dir / "hub.json").read_text())["pid"]


def test_a_sessions_server_is_forked_and_ends_with_its_user(hub, book):
    ready = launch(hub.url, book.spec)
    server = server_of(ready)
    (parent,) = parents_of(hub_pid(hub.data_dir))
    assert server.ppid() == parent.pid
    assert ready["token"] not in str(server.environ())
    assert os.getsid(server.pid) == server.pid
    assert run_cell(ready, "import os; print(os.environ['HOME'] == os.getcwd())") == "True\n"
    links = [os.readlink(link) for link in Path(f"/proc/{server.pid}/fd").iterdir()]
    assert "anon_inode:inotify" not in links  # a machine has few of them
    # a reader's session ends with the server that its page asks to shut down
    headers = {"Authorization": f"token {ready['token']}"}
    httpx.post(f"{ready['url']}api/shutdown", headers=headers).raise_for_status()
    server.wait(30)
    assert parent.is_running()


def test_a_sessions_token_opens_its_page(hub, book):
    ready = launch(hub.url, book.spec)
    with httpx.Client(follow_redirects=True, timeout=60) as browser:
        page = browser.get(f"{ready['url']}lab", params={"token": ready["token"]})
        assert page.status_code == 200, page.url
        assert "JupyterLab" in page.text
        # every session's page names the same address for JupyterLab's files
        (script,) = re.findall(r'src="(/services/binder/lab/main\.[^"]+)"', page.text)
        answer = browser.get(httpx.URL(hub.url).join(script))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]


def test_when_the_parent_hangs_servers_start_cold_and_another_takes_over(hub, book):
    launch(hub.url, book.spec)
    (parent,) = parents_of(hub_pid(hub.data_dir))
    parent.send_signal(signal.SIGSTOP)
    ready = launch(hub.url, book.spec)
    assert run_cell(ready, "print(1)") == "1\n"
    assert "starts cold: it did not answer" in hub.log.read_text()
    (another,) = parents_of(hub_pid(hub.data_dir))
    assert another.pid != parent.pid
    assert server_of(launch(hub.url, book.spec)).ppid() == another.pid


@pytest.mark.parametrize("warm", [True, False])
def test_limits_with_and_without_a_warm_parent(tmp_path, book, warm):
    config = tmp_path / "config.py"
    config.write_text(f"c.SessionSpawner.warm = {warm}\nc.SessionSpawner.mem_limit = '1G'\n")
    shared.share_packages(tmp_path / "data" / "environments" / "cache")
    hub = HubProcess(tmp_path / "data", config=config)
    with hub as url:
        assert len(parents_of(hub.pid)) == warm
        ready = launch(url, book.spec)
        assert run_cell(ready, "print(len(bytearray(2**28)))") == f"{2**28}\n"
        assert "MemoryError" in run_cell(ready, "bytearray(2**30)")
        assert run_cell(ready, "import os; print(os.nice(0))") == f"{os.nice(0) + 5}\n"


def test_launches_start_in_turn_and_are_told_their_place(tmp_path, book):
    config = tmp_path / "config.py"
    config.write_text("c.BinderService.start_concurrency = 1\n")
    shared.share_packages(tmp_path / "data" / "environments" / "cache")
    with HubProcess(tmp_path / "data", config=config) as url:
        launch(url, book.spec, build_only="true")
        with ThreadPoolExecutor(4) as pool:
            streams = list(pool.map(lambda _: events(url, book.spec), range(4)))
    assert [stream[-1]["phase"] for stream in streams] == ["ready"] * 4
    waited = [
        event["message"]
        for stream in streams
        for event in stream
        if event["message"].startswith("Waiting to start;")
    ]
    assert "Waiting to start; 0 more are waiting before this one.\n" in waited
    assert len({each[-1]["url"] for each in streams}) == 4


def test_jupyterlabs_workspaces_are_each_sessions_own(hub, book):
    """JupyterLab finds their folder when it is imported: before a fork that is the parent's."""
    first, second = (launch(hub.url, book.spec) for _ in range(2))

    def ask(ready, method, path, **options):
        headers = {"Authorization": f"token {ready['token']}"}
        answer = httpx.request(method, ready["url"] + path, headers=headers, timeout=30, **options)
        answer.raise_for_status()
        return answer

    workspace = {"data": {}, "metadata": {"id": "mine"}}
    ask(first, "PUT", "lab/api/workspaces/mine", json=workspace)
    named = [ask(each, "GET", "lab/api/workspaces").json() for each in (first, second)]
    assert [each["workspaces"]["ids"] for each in named] == [["mine"], []]


def test_what_a_server_does_not_import_until_it_is_used(hub, book):
    """A notebook as HTML, a terminal, the list of language servers."""
    ready = launch(hub.url, book.spec)
    headers = {"Authorization": f"token {ready['token']}"}
    cell = {"cell_type": "code", "source": "6 * 7", "outputs": [], "metadata": {}}
    notebook = {"cells": [{**cell, "execution_count": None}], "metadata": {}}
    content = {"type": "notebook", "content": {**notebook, "nbformat": 4, "nbformat_minor": 4}}
    with httpx.Client(base_url=ready["url"], headers=headers, timeout=60) as reader:
        reader.put("api/contents/new.ipynb", json=content).raise_for_status()
        page = reader.get("nbconvert/html/new.ipynb").raise_for_status().text
        assert "<html" in page
        assert '<span class="mi">7</span>' in page
        name = reader.post("api/terminals").raise_for_status().json()["name"]
        assert [each["name"] for each in reader.get("api/terminals").json()] == [name]
        servers = reader.get("lsp/status").raise_for_status().json()
        assert servers["sessions"] == {}


def test_a_server_tells_the_hub_of_activity(tmp_path, book):
    config = tmp_path / "config.py"
    config.write_text("c.Spawner.environment = {'JUPYTERHUB_ACTIVITY_INTERVAL': '1'}\n")
    hub = HubProcess(tmp_path / "data", config=config)
    with hub as url:
        ready = launch(url, book.spec)
        user = ready["url"].rstrip("/").rpartition("/")[2]
        told = f"200 POST /hub/api/users/{user}/activity"
        deadline = time.monotonic() + 60
        while told not in hub.log.read_text():
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_the_next_kernel_of_a_session_waits_in_its_layer(hub, book):
    ready = launch(hub.url, book.spec)
    server = server_of(ready)
    headers = {"Authorization": f"token {ready['token']}"}

    def start() -> str:
        answer = httpx.post(f"{ready['url']}api/kernels", headers=headers, json={}, timeout=30)
        return answer.raise_for_status().json()["id"]

    def report(kernel: str) -> list[str]:
        code = (
            "import os, sys; print(os.getpid(), sys.prefix, os.getcwd(), os.environ['HOME'], "
            "*sorted(name for name in os.environ if 'HUBROAM' in name))"
        )
        return run_in_kernel(ready["url"], ready["token"], kernel, code).split()

    first = start()
    pid, *rest = report(first)
    assert [child.pid for child in server.children()] == [int(pid)]
    assert eventually(lambda: len(server.children()) == 2)
    (spare,) = [child.pid for child in server.children() if child.pid != int(pid)]
    assert report(start()) == [str(spare), *rest]
    # what is installed now is there in a kernel that started before
    assert eventually(lambda: len(server.children()) == 3)
    run_in_kernel(ready["url"], ready["token"], first, "%pip install --quiet colorama==0.4.6")
    httpx.post(f"{ready['url']}api/kernels/{first}/restart", headers=headers, timeout=30)
    code = "import colorama; print(colorama.__version__)"
    assert run_in_kernel(ready["url"], ready["token"], first, code) == "0.4.6\n"
    children = server.children()
    httpx.post(f"{ready['url']}api/shutdown", headers=headers).raise_for_status()
    _, alive = psutil.wait_procs([server, *children], timeout=30)
    assert alive == []


@pytest.mark.parametrize(("warm", "budget"), [(True, 64), (False, 64), (True, 0)])
def test_interpreters_of_two_sessions_within_a_budget(tmp_path, book, warm, budget):
    config = tmp_path / "config.py"
    config.write_text(
        f"c.SessionSpawner.warm = {warm}\nc.SessionSpawner.warm_kernel_memory = {budget}\n"
    )
    data = tmp_path / "data"

    def waiting() -> int:
        return len(pids_of(data, "The program of an interpreter"))

    with HubProcess(data, config=config) as url:
        for ready in [launch(url, book.spec) for _ in range(2)]:
            headers = {"Authorization": f"token {ready['token']}"}
            answer = httpx.post(f"{ready['url']}api/kernels", headers=headers, json={}, timeout=30)
            kernel = answer.raise_for_status().json()["id"]
            run_in_kernel(ready["url"], ready["token"], kernel, "1")
            if budget:
                assert eventually(lambda: waiting() == 1)
        assert waiting() == (1 if budget else 0)
