"""Books whose recipe needs a container: their pages run in the image, on a real daemon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from traitlets.config import Config

from checking.conftest import findings, notebook, page
from hubroam.building import BuildOptions
from support.dockerd import DOCKER, Docker, dockerd, dockerfile

pytestmark = pytest.mark.registry

PAGES = {
    "prose.md": "one",
    "chapters/good.ipynb": notebook("import os", "print(os.getcwd(), open('../prose.md').read())"),
    "chapters/wrong.ipynb": notebook("x = {}", "1 / 0", "print('later')"),
    "meant.ipynb": notebook("1 / 0", "print('later')", tags={0: ["raises-exception"]}),
    "other.ipynb": notebook("1", kernel="nosuch", language="nosuch"),
    "greedy.ipynb": notebook("x = bytearray(b'x') * (900 << 20)"),
    "user.ipynb": notebook("import os; assert os.getuid() == 1000 and os.access('.', os.W_OK)"),
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Docker]:
    with dockerd() as running:
        yield running
        with closing(running.client()) as client:
            assert client.containers.list(all=True) == []


def options(engine, **more) -> BuildOptions:
    config = Config()
    config.ContainerEngine.url = engine.url
    config.ContainerEngine.command = DOCKER
    return BuildOptions(config=config, **more)


async def test_pages_run_in_the_image(engine, book, run_check):
    folder = book({**PAGES, "Dockerfile": dockerfile(engine.base)})
    build = options(engine)
    report = await run_check(folder, build=build, memory=700 << 20)
    errors = {each["path"]: each["error"] for each in report["pages"]}
    assert errors.keys() == {name for name in PAGES if name.endswith("ipynb")}
    good = {"chapters/good.ipynb", "meant.ipynb", "user.ipynb"}
    assert {path for path, error in errors.items() if error is None} == good
    wrong = errors["chapters/wrong.ipynb"]
    assert (wrong["cell"], wrong["message"]) == (2, "ZeroDivisionError: division by zero")
    assert "the kernel nosuch, which the image does not have" in errors["other.ipynb"]["message"]
    assert "more memory than the 700 MB" in errors["greedy.ipynb"]["message"]
    assert not report["ok"]
    slow = book({"slow.ipynb": notebook("while True: pass"), "Dockerfile": dockerfile(engine.base)})
    report = await run_check(slow, build=build, only=("slow.ipynb",), seconds=4)
    assert page(report, "slow.ipynb")["error"]["message"] == "The page did not end in 4 seconds."


async def test_a_recipe_in_a_folder_has_the_whole_repository_beside_it(engine, book, run_check):
    files = {
        "env/Dockerfile": dockerfile(engine.base),
        "env/tool.txt": "tool",
        "chapters/one.ipynb": notebook("assert open('../tool.txt').read() == 'tool'"),
    }
    report = await run_check(book(files, "whole"), build=options(engine, env_path="env"))
    assert page(report, "chapters/one.ipynb")["error"] is None
    assert report["ok"]


async def test_without_an_engine_the_author_is_told_what_would_help(book, run_check, tmp_path):
    config = Config()
    config.ContainerEngine.url = f"unix://{tmp_path}/nobody.sock"
    report = await run_check(
        book({"Dockerfile": "FROM scratch", "a.ipynb": notebook("1")}),
        build=BuildOptions(config=config),
    )
    (fault,) = findings(report, "recipe-unsupported")
    assert "Start Docker or Podman" in fault["remedy"]
    assert page(report, "a.ipynb")["error"]["message"].startswith("It was not run")
