"""Recipes and repositories that cannot be launched: one sentence and what helps, wherever it shows.

The same words are in the launch's events, on its page and in a terminal.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from support.binder import events
from support.gitserver import GitServer
from support.hubs import up

pytestmark = [pytest.mark.browser, pytest.mark.hub, pytest.mark.registry]

BAD = {
    "two folders": (
        {"binder/requirements.txt": "", ".binder/requirements.txt": ""},
        "invalid-recipe",
        "The repository has both binder/ and .binder/.",
    ),
    "no YAML": (
        {"environment.yml": "dependencies:\n  - numpy: : x\n"},
        "invalid-recipe",
        "environment.yml, line 2 is not YAML: mapping values are not allowed here.",
    ),
    "no requirement": (
        {"binder/requirements.txt": "six\n--frob x\n"},
        "invalid-recipe",
        "binder/requirements.txt, line 2 is not a requirement: --frob x",
    ),
    "no channel": (
        {"environment.yml": "dependencies: [numpy]\nchannels: ['http://127.0.0.1:9/forge']\n"},
        "index-unreachable",
        "The channel http://127.0.0.1:9/forge of environment.yml, line 2 cannot be read from this "
        "hub: nothing answers there.",
    ),
    "no solution": (
        {"requirements.txt": "idna\nsix==99\n"},
        "resolution-failed",
        "The recipe's packages cannot be installed together: Because there is no version of "
        "six==99 and you require six==99, we can conclude that your requirements are "
        "unsatisfiable (requirements.txt, line 2).",
    ),
    "containers": (
        {"Dockerfile": "FROM debian\n"},
        "recipe-unsupported",
        "This hub cannot honour Dockerfile: it describes a container, which its local builder "
        "does not build.",
    ),
}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A hub that fetches 20 MB at most."""
    config = "c.GitRefProvider.size_limit = 20_000_000\n"
    with up(tmp_path_factory.mktemp("hub"), config) as url:
        yield url


@pytest.mark.parametrize("name", BAD)
def test_events_page_and_terminal_say_the_same(
    hub: str,
    git_server: GitServer,
    new_page: Callable[..., Page],
    tmp_path: Path,
    name: str,
) -> None:
    files, code, message = BAD[name]
    repository = git_server.repo(f"bad/{name.replace(' ', '-')}")
    repository.commit(files)
    last = events(hub, repository.spec)[-1]
    assert (last["phase"], last["code"], last["message"]) == ("failed", code, f"{message}\n")
    assert last["next_step"]

    page = new_page(errors=True)
    page.goto(f"{hub}v2/{repository.spec}")
    alert = page.locator("#failure")
    expect(alert).to_contain_text(message, timeout=60_000)
    expect(alert).to_contain_text(last["next_step"])

    command = [sys.executable, "-m", "hubroam", "build", repository.spec]
    command += ["--data-dir", str(tmp_path), "--builder", "local"]
    said = subprocess.run([*command, "--json"], capture_output=True, text=True)
    assert said.returncode == 1
    assert json.loads(said.stdout) == {
        "code": code,
        "message": message,
        "next_step": last["next_step"],
    }
    shown = subprocess.run(command, capture_output=True, text=True)
    assert shown.returncode == 1
    assert shown.stderr.endswith(f"{message}\n{last['next_step']}\n")
    assert "Traceback" not in shown.stderr + said.stderr


def test_a_large_repository(
    hub: str, git_server: GitServer, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    repository = git_server.repo("bad/large")
    repository.commit({f"{n}.bin": os.urandom(5_000_000) for n in range(8)})
    page = new_page(errors=True)
    page.goto(f"{hub}v2/git/{quote(repository.url, safe='')}/main")
    message = (
        f"{repository.url} is larger than 20.0 MB, the most that this hub fetches: the download "
        "was stopped."
    )
    expect(page.locator("#failure")).to_contain_text(message, timeout=60_000)
    assert events(hub, repository.spec)[-1]["code"] == "repository-too-large"
