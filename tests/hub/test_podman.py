"""Sessions on Podman's socket: a real service, a real hub, a kernel that runs inside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from hubroam.environments.containers.engine import ContainerEngine
from support.binder import events, launch, run_cell
from support.dockerd import dockerfile, of_hub
from support.hubs import up
from support.podman import Podman, podman

pytestmark = [pytest.mark.hub, pytest.mark.registry]


@pytest.fixture(scope="module")
def engine() -> Iterator[Podman]:
    with podman() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("podman")


@pytest.fixture(scope="module")
def hub(engine, folder) -> Iterator[str]:
    config = "c.BinderService.builder = 'auto'\nc.ContainerBuilder.build_memory = '1G'\n"
    with up(folder, config + engine.config) as url:
        yield url
    with closing(engine.client()) as client:
        assert of_hub(client, folder) == []


def test_a_dockerfile_is_launched_and_its_kernel_answers(hub, engine, git_server, folder):
    assert ContainerEngine(url=engine.url).version().startswith("Podman ")
    assert "Containers run on Podman " in (folder / "log").read_text()
    repository = git_server.repo("ada/podman-book")
    repository.commit({"Dockerfile": dockerfile(engine.base), "prose.md": "one"})
    stream = events(hub, repository.spec)
    ready = stream[-1]
    assert ready["phase"] == "ready", ready
    said = [event["message"].strip() for event in stream]
    assert "Needs a container (Dockerfile: it describes a container)" in said
    assert ready["builder"] == "container"
    code = "import os; print(os.getcwd(), os.getuid(), open('prose.md').read())"
    assert run_cell(ready, code) == "/home/jovyan 1000 one\n"
    assert httpx.get(f"{ready['url']}api/contents").status_code == 403
    status = "l for l in open('/proc/self/status') if l[:6] in ('CapBnd', 'NoNewP')"
    assert run_cell(ready, f"print(*[l.split()[1] for l in ({status})])") == f"{'0' * 16} 1\n"
    with closing(engine.client()) as client:
        (container,) = of_hub(client, folder)
        limits = container.attrs["HostConfig"]
    assert (limits["Memory"], limits["PidsLimit"]) == (2 << 30, 1024)
    again = launch(hub, repository.spec)
    assert again["cached"]
    assert again["url"] != ready["url"]


def test_a_dockerfile_that_fails_says_where(hub, engine, git_server):
    repository = git_server.repo("ada/podman-fails")
    line = "RUN echo looking && exit 7"
    repository.commit({"Dockerfile": dockerfile(engine.base, line)})
    last = events(hub, repository.spec)[-1]
    assert last["code"] == "build-failed"
    assert last["message"] == f"Dockerfile, line 2 failed with status 7: {line}\n"
    greedy = "RUN python3 -c 'bytearray(b\"x\") * (2 << 30)'"
    repository.commit({"Dockerfile": dockerfile(engine.base, greedy)})
    last = events(hub, repository.spec)[-1]
    assert last["message"].startswith("Dockerfile, line 2 was ended, as is what needs more than 1G")
