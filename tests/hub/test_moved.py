"""A branch that has moved: its session starts while the commit is fetched."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from support.binder import events, run_in_kernel
from support.processes import eventually, pids_of, wait_for_none

pytestmark = [pytest.mark.hub, pytest.mark.registry]

EARLY = "The commit is fetched; the session starts meanwhile\n"


def notebook(text: str, kernel: str = "python3") -> str:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": text, "id": "a"}]
    metadata = {"kernelspec": {"name": kernel, "display_name": "", "language": "python"}}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


class Moving:
    """A book on a hub, and what there is of its sessions."""

    def __init__(self, hub, repository):
        self.hub, self.repository = hub, repository
        self.known = set(self.folders())

    def folders(self) -> list[Path]:
        return list((self.hub.data_dir / "sessions").iterdir())

    def new(self) -> list[Path]:
        """The folders of sessions that came since."""
        return [folder for folder in self.folders() if folder not in self.known]

    def users(self) -> list[str]:
        """Who has a server, of the sessions that came since, by their records."""
        records = [folder / "session.json" for folder in self.new()]
        return [json.loads(record.read_text())["user"] for record in records if record.exists()]

    def serves(self) -> list[int]:
        """The servers of such sessions."""
        title = f"jupyterhub-singleuser {self.hub.data_dir}:"
        return [pid for user in self.users() for pid in pids_of(self.hub.data_dir, title + user)]

    def launch(self, path: str = "part/one.ipynb", **query: str):
        return events(self.hub.url, self.repository.spec, labpath=path, **query)


@pytest.fixture
def moving(hub, git_server, request) -> Iterator[Moving]:
    """A book that was launched, and whose next fetch waits until `git_server.gives`."""
    repository = git_server.repo(f"moving/{request.node.name}")
    files = {"requirements.txt": "six\n", "part/one.ipynb": notebook("old"), "gone.md": "old"}
    repository.commit({**files, "part/data/old.txt": "old"})
    assert events(hub.url, repository.spec, build_only="true")[-1]["phase"] == "ready"
    git_server.gives.clear()
    yield Moving(hub, repository)
    git_server.gives.set()


@contextmanager
def asked(moving: Moving, path: str = "part/one.ipynb"):
    """Ask for a launch, and wait until its session's server runs."""
    with ThreadPoolExecutor(1) as pool:
        launch = pool.submit(moving.launch, path)
        assert eventually(lambda: bool(moving.serves()))
        yield launch


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True,
                          text=True).stdout  # fmt: skip


def open_notebook(ready, path: str) -> str:
    name = path.rpartition("/")[2]
    body = {"path": path, "name": name, "type": "notebook", "kernel": {"name": "python3"}}
    headers = {"Authorization": f"token {ready['token']}"}
    answer = httpx.post(f"{ready['url']}api/sessions", headers=headers, json=body, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer.json()["kernel"]["id"]


def test_the_session_starts_before_its_files_are_here(moving, git_server):
    changes = {"part/one.ipynb": notebook("new"), "part/data/new.txt": "new", "gone.md": None}
    commit = moving.repository.commit({**changes, "part/data/old.txt": None, "deep/er.md": "new"})
    with asked(moving) as launch:
        (server,) = moving.serves()
        (folder,) = moving.new()
        content = folder / "content"
        assert "old" in (content / "part/one.ipynb").read_text()
        assert [path.name for path in content.glob("[!.]*")] == ["part"]
        title = "ipykernel_launcher"
        assert eventually(lambda: bool(pids_of(folder, title)))
        (kernel,) = pids_of(folder, title)
        assert not launch.done()
        git_server.gives.set()
        stream = launch.result()
    phases = list(dict.fromkeys(event["phase"] for event in stream))
    assert phases == ["fetching", "built", "launching", "ready"]
    said = [event["message"] for event in stream]
    assert EARLY in said
    ready = stream[-1]
    assert ready["commit"] == commit
    assert moving.new() == [folder]
    assert moving.serves() == [server]
    # the session is as if it had started afterwards
    assert git(content, "rev-parse", "HEAD").strip() == commit
    untracked = {line.split()[1] for line in git(content, "status", "--porcelain").splitlines()}
    assert untracked <= {".ipython/", ".jupyter/", ".local/", ".cache/"}, untracked
    assert sorted(str(path.relative_to(content)) for path in content.rglob("[!.]*.*")
                  if ".git" not in path.parts and path.parts[len(content.parts)][0] != ".") == [
        "deep/er.md", "part/data/new.txt", "part/one.ipynb", "requirements.txt",
    ]  # fmt: skip
    assert not (folder / "files").exists()
    number = open_notebook(ready, "part/one.ipynb")
    code = (
        "import os; print(os.getpid(), os.getcwd(), os.listdir('data'), "
        "os.environ['BINDER_PERSISTENT_REQUEST'].rpartition('/')[2])"
    )
    answer = run_in_kernel(ready["url"], ready["token"], number, code)
    assert answer == f"{kernel} {content / 'part'} ['new.txt'] {commit}\n"


def test_another_recipe_starts_another_session_in_its_environment(moving, git_server):
    moving.repository.commit({"requirements.txt": "six\ncowsay==6.1\n"})
    with asked(moving) as launch:
        (early,) = moving.new()
        git_server.gives.set()
        stream = launch.result()
    said = [event["message"] for event in stream]
    again = "The commit changes the recipe: the session starts again, in its environment\n"
    assert said.index(EARLY) < said.index(again)
    phases = list(dict.fromkeys(event["phase"] for event in stream))
    assert phases == ["fetching", "building", "pushing", "built", "launching", "ready"]
    ready = stream[-1]
    number = open_notebook(ready, "part/one.ipynb")
    code = "import cowsay, os; print(cowsay.__version__, os.environ['HOME'])"
    answer = run_in_kernel(ready["url"], ready["token"], number, code)
    assert answer.startswith("6.1 ")
    assert str(early) not in answer
    assert eventually(lambda: not early.exists())
    wait_for_none(early)
    (session,) = moving.new()
    assert str(session) in answer


def test_settings_that_come_are_there_when_the_session_starts(moving, git_server):
    moving.repository.commit({".ipython/profile_default/startup/a.py": "found = 'read'\n"})
    with asked(moving) as launch:
        (early,) = moving.new()
        git_server.gives.set()
        stream = launch.result()
    again = "The commit brings settings of the session: it starts again, with them\n"
    assert again in [event["message"] for event in stream]
    assert eventually(lambda: not early.exists())
    ready = stream[-1]
    number = open_notebook(ready, "part/one.ipynb")
    assert run_in_kernel(ready["url"], ready["token"], number, "print(found)") == "read\n"


def test_a_reader_who_leaves_and_a_repository_that_goes_leave_nothing(moving, git_server):
    moving.repository.commit({"gone.md": None})
    address = f"{moving.hub.url}build/{moving.repository.spec}"
    headers = {"Accept": "text/event-stream"}
    query = {"labpath": "part/one.ipynb"}
    with httpx.stream("GET", address, params=query, headers=headers, timeout=60) as stream:
        lines = stream.iter_lines()
        assert any("meanwhile" in line for line in lines)
        assert eventually(lambda: bool(moving.serves()))
        (early,) = moving.new()
    assert eventually(lambda: not moving.new())
    wait_for_none(early)
    with asked(moving) as launch:
        (early,) = moving.new()
        git_server.private = True
        git_server.gives.set()
        try:
            last = launch.result()[-1]
        finally:
            git_server.private = False
    assert last["phase"] == "failed", last
    assert eventually(lambda: not moving.new())
    wait_for_none(early)


def test_a_file_that_has_gone_is_told(moving, git_server):
    moving.repository.commit({"part/one.ipynb": None, "part/two.ipynb": notebook("new")})
    with asked(moving) as launch:
        git_server.gives.set()
        last = launch.result()[-1]
    assert (last["phase"], last["code"]) == ("failed", "path-not-found")
    assert eventually(lambda: not moving.new())


def test_what_is_not_known_is_fetched_first(moving, git_server):
    """A file that is new, and a recipe whose start script would come with the files."""
    git_server.gives.set()
    moving.repository.commit({"part/two.ipynb": notebook("new")})
    for path in ("part/two.ipynb", "part/one.ipynb"):
        stream = moving.launch(path)
        assert stream[-1]["phase"] == "ready"
        assert EARLY not in [event["message"] for event in stream]
