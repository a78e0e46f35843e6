"""Sessions in containers: a real daemon, a real hub, a kernel that runs inside."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import PurePosixPath

import httpx
import pytest
from playwright.sync_api import expect

from browser.conftest import browser, browsers, new_page
from hubroam.hub.engine import hub_label
from support.binder import events, launch, run_cell
from support.dockerd import Docker, dockerd, dockerfile, of_hub
from support.hubs import started, up
from support.processes import eventually, kill_and_wait, wait_for_none

__all__ = ["browser", "browsers", "new_page"]

pytestmark = [pytest.mark.hub, pytest.mark.registry, pytest.mark.browser]

KERNEL = {"name": "python3", "display_name": "Python 3"}
NOTEBOOK = json.dumps(
    {"cells": [], "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}
)
AUTO = "c.BinderService.builder = 'auto'\n"


@pytest.fixture(scope="module")
def engine() -> Iterator[Docker]:
    with dockerd() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("containers")


@pytest.fixture(scope="module")
def hub(engine, folder) -> Iterator[str]:
    with up(folder, AUTO + engine.config) as url:
        yield url
    with closing(engine.client()) as client:
        assert of_hub(client, folder) == []
        assert client.networks.list(names=[hub_label(folder / "data")]) == []


@pytest.fixture(scope="module")
def book(engine, git_server):
    repository = git_server.repo("ada/container-book")
    lines = ["RUN uv pip install --system --break-system-packages cowsay==6.1"]
    repository.commit(
        {
            "Dockerfile": dockerfile(engine.base, *lines),
            "chapter one.ipynb": NOTEBOOK,
            "prose.md": "one",
        }
    )
    return repository


def test_a_dockerfile_is_launched_and_its_kernel_answers(hub, book):
    stream = events(hub, book.spec, urlpath="lab/tree/chapter%20one.ipynb")
    ready = stream[-1]
    assert ready["phase"] == "ready", ready
    said = [event["message"].strip() for event in stream]
    assert "Needs a container (Dockerfile: it describes a container)" in said
    assert any("repo2docker" in line for line in said)
    assert any("cowsay==6.1" in line for line in said)
    commit = book.git("rev-parse", "main").strip()
    assert ready["builder"] == "container"
    assert ready["image"].startswith("hubroam/")
    assert ready["image"].endswith(f":{commit}")
    code = (
        "import cowsay, os\n"
        "print(cowsay.__version__, os.getcwd(), os.getuid(), open('prose.md').read())\n"
        "print(os.environ['BINDER_REQUEST'])"
    )
    assert run_cell(ready, code) == f"6.1 /home/jovyan 1000 one\nv2/{book.spec}\n"
    page = httpx.get(
        f"{ready['url']}lab/tree/chapter%20one.ipynb",
        params={"token": ready["token"]},
        follow_redirects=True,
    )
    assert page.status_code == 200
    assert "jupyter-config-data" in page.text
    notebook = httpx.get(
        f"{ready['url']}api/contents/chapter%20one.ipynb",
        headers={"Authorization": f"token {ready['token']}"},
    )
    assert notebook.json()["type"] == "notebook"
    assert httpx.get(f"{ready['url']}api/contents").status_code == 403
    lock = httpx.get(f"{hub}environments/{ready['digest']}").json()
    assert lock["name"] == ready["image"]
    assert "cowsay" in httpx.get(f"{hub}environments/{ready['digest']}/log").text


def test_the_launch_page_opens_the_notebook_in_its_container(hub, book, new_page):
    page = new_page()
    page.goto(f"{hub}v2/{book.spec}?labpath=chapter%20one.ipynb")
    page.wait_for_url(re.compile(f"{re.escape(hub)}user/"), timeout=60_000)
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)


INSIDE = """
import os, socket, urllib.parse
def reaches(host, port):
    try:
        socket.create_connection((host, port), 2).close()
    except OSError:
        return False
    return True
api = urllib.parse.urlsplit(os.environ["JUPYTERHUB_API_URL"])
own = socket.gethostbyname(socket.gethostname())
wanted = ("CapBnd", "NoNewPrivs")
print(*[l.split()[1] for l in open("/proc/self/status") if l.startswith(wanted)])
print(reaches(api.hostname, api.port), reaches(own, 8888))
print(reaches("127.0.0.1", HUB) or reaches(api.hostname, HUB))
print(any(reaches(address, 8888) for address in ADDRESSES if address != own))
import urllib.error, urllib.request
def asks(path, **headers):
    request = urllib.request.Request(f"http://{api.netloc}{path}", headers=headers)
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        return error.code
token = "token " + os.environ["JUPYTERHUB_API_TOKEN"]
print(asks("/hub/api"), asks("/hub/api/user", Authorization=token), asks("/hub/api/user"))
near = {"X-Real-Ip": "127.0.0.1", "X-Forwarded-For": "127.0.0.1"}
pages = ["/hub/login", "/hub/tmplogin", "/hub/spawn", "/hub/api/users", "/hub/api/../login"]
print({asks(path, Authorization=token, **near) for path in pages})
"""


def test_a_container_has_limits_and_reaches_the_hubs_api_and_no_more(hub, book, engine, folder):
    first, second = launch(hub, book.spec), launch(hub, book.spec)
    assert second["cached"]
    with closing(engine.client()) as client:
        network = hub_label(folder / "data")
        containers = of_hub(client, folder)
        addresses = [
            container.attrs["NetworkSettings"]["Networks"][network]["IPAddress"]
            for container in containers
        ]
        limits = [container.attrs["HostConfig"] for container in containers]
    assert {(each["Memory"], each["PidsLimit"]) for each in limits} == {(2 << 30, 1024)}
    assert not any(each["Binds"] for each in limits)
    code = INSIDE.replace("HUB)", f"{httpx.URL(hub).port})").replace("ADDRESSES", str(addresses))
    assert len(addresses) > 1
    assert run_cell(first, code).splitlines() == [
        "0000000000000000 1",
        "True True",
        "False",
        "False",
        "200 200 403",
        "{403}",
    ]


def test_what_this_machine_can_build_stays_on_it(hub, git_server, engine, folder):
    repository = git_server.repo("ada/local-book")
    repository.commit({"requirements.txt": "", "apt.txt": "bash\n"})
    stream = events(hub, repository.spec)
    ready = stream[-1]
    assert ready["builder"] == "local"
    assert not any("container" in event["message"] for event in stream)
    assert str(folder) in run_cell(ready, "import sys; print(sys.prefix)")


def test_an_image_that_knows_nothing_of_jupyterhub_is_opened_by_a_token_of_its_own(
    hub, git_server, engine
):
    repository = git_server.repo("ada/plain-book")
    lines = ["RUN uv pip uninstall --system --break-system-packages jupyterhub"]
    repository.commit({"Dockerfile": dockerfile(engine.base, *lines), "prose.md": "plain"})
    ready = launch(hub, repository.spec)
    assert run_cell(ready, "print(open('prose.md').read())") == "plain\n"
    assert httpx.get(f"{ready['url']}api/contents").status_code == 403
    variables = run_cell(ready, "import os; print([n for n in os.environ if 'HUB' in n])")
    assert variables == "[]\n"


def test_the_hub_learns_that_a_server_which_tells_it_nothing_is_used(engine, git_server, tmp_path):
    repository = git_server.repo("ada/plain-book-in-use")
    lines = ["RUN uv pip uninstall --system --break-system-packages jupyterhub"]
    repository.commit({"Dockerfile": dockerfile(engine.base, *lines)})
    watching = """
c.Spawner.poll_interval = 1
c.JupyterHub.services = [{"name": "watcher", "api_token": "watcher-token"}]
c.JupyterHub.load_roles = [
    {"name": "watcher", "scopes": ["read:users"], "services": ["watcher"]}
]
"""
    with up(tmp_path, AUTO + engine.config + watching) as url:
        ready = launch(url, repository.spec)
        user = ready["url"].removeprefix(f"{url}user/").strip("/")

        def last_used() -> str:
            answer = httpx.get(
                f"{url}hub/api/users/{user}", headers={"Authorization": "token watcher-token"}
            )
            return str(answer.json()["last_activity"])

        run_cell(ready, "1")
        used = datetime.now(UTC).isoformat()
        run_cell(ready, "2")
        assert eventually(lambda: last_used() > used)


def test_a_recipe_in_a_folder_has_the_whole_repository_beside_it(hub, git_server, engine):
    repository = git_server.repo("ada/container-folder")
    repository.commit(
        {
            "env/Dockerfile": dockerfile(engine.base),
            "env/tool.txt": "of the image",
            "chapters/one.ipynb": NOTEBOOK,
        }
    )
    path = "lab/tree/chapters/one.ipynb"
    first = launch(hub, repository.spec, envpath="env", urlpath=path)
    code = """
import os
print(sorted(n for n in os.listdir() if n[0] != "."), open("tool.txt").read())
os.rename("chapters/one.ipynb", "chapters/mine.ipynb")
print(os.stat("chapters").st_uid == os.getuid())
"""
    assert run_cell(first, code) == (
        "['Dockerfile', 'chapters', 'env', 'tool.txt'] of the image\nTrue\n"
    )
    repository.commit({"chapters/two.ipynb": NOTEBOOK})
    second = launch(hub, repository.spec, envpath="env", urlpath="lab/tree/chapters/two.ipynb")
    assert second["cached"], "new content needs no new image"
    assert run_cell(second, "import os; print(sorted(os.listdir('chapters')))") == (
        "['one.ipynb', 'two.ipynb']\n"
    )


def test_a_server_that_fails_says_so_at_once(hub, git_server, engine):
    repository = git_server.repo("ada/broken-book")
    server = "/usr/local/bin/jupyterhub-singleuser"
    line = f"RUN printf '#!/bin/sh\\necho no server today; exit 3' > {server}"
    repository.commit({"Dockerfile": dockerfile(engine.base, line)})
    last = events(hub, repository.spec)[-1]
    assert (last["phase"], last["code"]) == ("failed", "launch-failed")
    assert "ended while it started" in last["message"]


@pytest.mark.parametrize("recipe", ["", "env"], ids=["root", "folder"])
def test_signed_in_readers_keep_what_they_changed(engine, git_server, tmp_path, recipe):
    repository = git_server.repo(f"grace/container-notes{recipe}")
    file = str(PurePosixPath(recipe, "Dockerfile"))
    repository.commit({file: dockerfile(engine.base), "notes.txt": "theirs"})
    config = f"""{AUTO}{engine.config}
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.services = [{{"name": "test", "api_token": "t" * 32}}]
c.JupyterHub.load_roles = [{{
    "name": "test", "services": ["test"], "scopes": ["admin:users", "tokens", "admin:servers"],
}}]
"""
    with up(tmp_path, config) as url:
        admin = httpx.Client(
            base_url=f"{url}hub/api/", headers={"Authorization": f"token {'t' * 32}"}, timeout=60
        )
        admin.post("users/ada").raise_for_status()
        token = admin.post("users/ada/tokens").json()["token"]

        def open_book():
            last = None
            with httpx.stream(
                "GET",
                f"{url}build/{repository.spec}",
                params={"envpath": recipe} if recipe else {},
                headers={"Authorization": f"token {token}"},
                timeout=120,
            ) as answer:
                for line in answer.iter_lines():
                    if line.startswith("data: "):
                        last = json.loads(line[6:])
                        if last.get("phase") in ("ready", "failed"):
                            break
            assert last["phase"] == "ready", last
            return {**last, "token": token}

        ready = open_book()
        code = "print(open('notes.txt').read()); print('mine', file=open('notes.txt', 'w'))"
        assert run_cell(ready, code) == "theirs\n"
        server = ready["url"].rstrip("/").rpartition("/")[2]
        admin.delete(f"users/ada/servers/{server}").raise_for_status()
        with closing(engine.client()) as client:
            assert of_hub(client, tmp_path) == []
        again = open_book()
        assert again["url"] == ready["url"]
        assert run_cell(again, "print(open('notes.txt').read())") == "mine\n\n"
        with closing(engine.client()) as client:
            label = hub_label(tmp_path / "data")
            assert len([v for v in client.volumes.list() if v.name.startswith(label)]) == 1
            admin.delete(f"users/ada/servers/{server}").raise_for_status()
            admin.delete("users/ada").raise_for_status()
            assert [v for v in client.volumes.list() if v.name.startswith(label)] == []


def test_a_hub_that_was_killed_finds_its_containers_again(engine, book, tmp_path):
    with started(tmp_path, AUTO + engine.config) as (process, former):
        ready = launch(former, book.spec)
        kill_and_wait(process.pid)
    wait_for_none(tmp_path)
    with closing(engine.client()) as client:
        assert len(of_hub(client, tmp_path)) == 1
    with up(tmp_path, AUTO + engine.config) as url:
        found = {**ready, "url": ready["url"].replace(former, url)}
        assert run_cell(found, "print(1 + 1)") == "2\n"
    with closing(engine.client()) as client:
        assert of_hub(client, tmp_path) == []


def test_a_hub_of_containers_starts_nothing_else(engine, git_server, tmp_path):
    repository = git_server.repo("ada/only-containers")
    repository.commit({"Dockerfile": dockerfile(engine.base), "prose.md": "near"})
    config = (
        f"c.BinderService.builder = 'container'\n{engine.config}"
        "c.DockerSpawner.network_name = 'host'\n"
    )
    with up(tmp_path, config) as url:
        ready = launch(url, repository.spec)
        assert ready["builder"] == "container"
        assert run_cell(ready, "print(open('prose.md').read())") == "near\n"
        where = "import os; print(os.environ['JUPYTERHUB_API_URL'])"
        assert run_cell(ready, where).startswith("http://127.0.0.1:")
        about = httpx.get(f"{url}versions").json()
        assert about["builder_info"] == {"builder": "container"}
        assert "requirements.txt" in about["hub_profile"]["launch"][0]["recipes"]
        with httpx.Client(follow_redirects=True, timeout=60) as browser:
            page = browser.get(f"{url}hub/spawn")
            assert "in containers only" in page.text


def test_without_an_engine_the_local_builder_goes_on_and_says_why(git_server, tmp_path):
    repository = git_server.repo("ada/no-engine")
    repository.commit({"binder/Dockerfile": "FROM python\n"})
    config = f"c.ContainerEngine.url = 'unix://{tmp_path}/nobody.sock'\n"
    with up(tmp_path, AUTO + config) as url:
        last = events(url, repository.spec)[-1]
        assert last["code"] == "recipe-unsupported"
        assert last["message"].startswith("This hub cannot honour binder/Dockerfile")
        assert "container" in last["next_step"]
    assert "No container engine answers at" in (tmp_path / "log").read_text()


def test_a_hub_of_containers_without_an_engine_does_not_start(tmp_path):
    config = tmp_path / "config.py"
    config.write_text(
        "c.BinderService.builder = 'container'\n"
        f"c.ContainerEngine.url = 'unix://{tmp_path}/nobody.sock'\n"
    )
    command = [sys.executable, "-m", "hubroam", "up", "--port", "0", "--config", str(config)]
    done = subprocess.run(
        [*command, "--data-dir", str(tmp_path / "data")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "No container engine answers at unix:///" in done.stderr
    assert "c.ContainerEngine.url" in done.stderr
    assert "Traceback" not in done.stderr
