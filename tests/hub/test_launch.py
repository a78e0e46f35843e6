"""The Binder protocol, spoken to a real hub."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import httpx
import pytest

from support.binder import events, launch, run_cell

pytestmark = [pytest.mark.hub, pytest.mark.registry]

NOTEBOOK = json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture(scope="module")
def book(git_server):
    repository = git_server.repo("ada/book")
    repository.commit(
        {
            # of these two, which no other test has on the hub that tests share
            "binder/requirements.txt": "cowsay==6.1\niniconfig==2.0.0\n",
            "chapter one.ipynb": NOTEBOOK,
            "prose.md": "one",
        }
    )
    return repository


def phases(stream):
    """The phases in their order, each once."""
    found = []
    for event in stream:
        phase = event.get("phase")
        if phase and phase not in found:
            found.append(phase)
    return found


def test_a_launch_from_nothing_to_a_cell(hub, book):
    stream = events(hub.url, book.spec)
    assert phases(stream) == ["fetching", "building", "pushing", "built", "launching", "ready"]
    assert all("message" in event for event in stream)
    built = next(event for event in stream if event.get("phase") == "built")
    ready = stream[-1]
    assert re.fullmatch(r"hubroam:[0-9a-f]{64}", built["imageName"])
    assert ready["image"] == built["imageName"]
    assert ready["url"].startswith(f"{hub.url}user/")
    assert ready["url"].endswith("/")
    assert ready["repo_url"] == book.url
    assert ready["binder_ref_url"] == book.url
    assert ready["binder_launch_host"] == hub.url
    assert ready["binder_request"] == f"v2/{book.spec}"
    commit = book.git("rev-parse", "main")
    assert ready["binder_persistent_request"] == f"v2/git/{quote(book.url, safe='')}/{commit}"
    assert ready["commit"] == commit
    code = (
        "import cowsay, os, sys\n"
        "print(cowsay.__version__, os.environ['BINDER_REQUEST'], os.path.exists('prose.md'))\n"
        "print(os.environ['HOME'] == os.getcwd())"
    )
    assert run_cell(ready, code) == f"6.1 v2/{book.spec} True\nTrue\n"


def test_the_token_opens_this_session_and_nothing_else(hub, book):
    first, second = launch(hub.url, book.spec), launch(hub.url, book.spec)
    assert first["url"] != second["url"]
    token = {"Authorization": f"token {first['token']}"}
    assert httpx.get(f"{first['url']}api/contents", headers=token).status_code == 200
    assert httpx.get(f"{second['url']}api/contents", headers=token).status_code == 403
    assert httpx.get(f"{first['url']}api/contents").status_code == 403
    assert httpx.get(f"{hub.url}hub/api/users", headers=token).status_code == 403


def test_a_commit_that_changes_only_prose_builds_nothing(hub, book):
    launch(hub.url, book.spec)
    book.commit({"prose.md": "two"})
    stream = events(hub.url, book.spec)
    assert phases(stream) == ["fetching", "built", "launching", "ready"]
    assert stream[-1]["cached"] is True
    assert run_cell(stream[-1], "print(open('prose.md').read())") == "two\n"


def test_what_a_reader_installs_stays_in_their_session(hub, book):
    mine, theirs = launch(hub.url, book.spec), launch(hub.url, book.spec)
    run_cell(mine, "%pip install --quiet colorama==0.4.6")
    assert run_cell(mine, "import colorama; print(colorama.__version__)") == "0.4.6\n"
    assert "ModuleNotFoundError" in run_cell(theirs, "import colorama")


def test_ten_launches_at_once_make_one_build_and_ten_sessions(hub, git_server):
    repository = git_server.repo("ada/ten")
    repository.commit({"requirements.txt": "humanize==4.9.0\n"})
    with ThreadPoolExecutor(10) as pool:
        streams = list(pool.map(lambda _: events(hub.url, repository.spec), range(10)))
    readies = [stream[-1] for stream in streams]
    assert [ready["phase"] for ready in readies] == ["ready"] * 10
    assert len({ready["url"] for ready in readies}) == 10
    digest = readies[0]["digest"]
    assert {ready["digest"] for ready in readies} == {digest}
    builds = list((hub.data_dir / "environments" / "builds").glob(f"{digest}-*"))
    assert len(builds) == 1
    clones = [r for r in git_server.requests if "ada/ten.git/git-upload-pack" in r and "POST" in r]
    lookups = 10  # each launch asks for the ref; one fetches
    assert len(clones) <= lookups + 2
    code = "import sys; print(sys.path)\nimport humanize; print(humanize.intcomma(10000))"
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda ready: run_cell(ready, code), readies))
    assert all(answer.endswith("\n10,000\n") for answer in answers), answers


def test_a_reader_who_is_slow_gets_every_line_and_keeps_nobody_waiting(hub, git_server):
    lines = 20_000  # more than sockets on the way hold
    script = f"#!/bin/sh\nseq -f 'line %06.0f of a long log of a build' {lines}\n"
    repository = git_server.repo("ada/long-log")
    repository.commit({"binder/requirements.txt": "six\n", "binder/postBuild": script})
    address = f"{hub.url}build/{repository.spec}"
    headers = {"Accept": "text/event-stream"}
    with httpx.stream("GET", address, params={"build_only": "true"}, headers=headers) as slow:
        quick = events(hub.url, repository.spec, build_only="true")
        assert quick[-1]["phase"] == "ready"  # nothing was read of the other one
        late = []
        for line in slow.iter_lines():
            if line.startswith("data: "):
                late.append(json.loads(line[6:]))
                if late[-1]["phase"] == "ready":
                    break
    for heard in (quick, late):
        said = [event["message"] for event in heard if event["message"].startswith("line 0")]
        # who comes late, or takes long, hears of a log as much as is kept
        assert said == sorted(said)
        assert said[-1] == f"line {lines:06} of a long log of a build\n"
        assert len(said) >= 5_000


def test_build_only(hub, book):
    last = events(hub.url, book.spec, build_only="true")[-1]
    assert last["phase"] == "ready"
    assert last["imageName"].startswith("hubroam:")
    assert "url" not in last


def test_the_environments_lock_and_log(hub, book):
    digest = launch(hub.url, book.spec)["digest"]
    lock = httpx.get(f"{hub.url}environments/{digest}")
    assert 'name = "cowsay"\nversion = "6.1"' in lock.text
    assert re.search(r'sha256 = "[0-9a-f]{64}"', lock.text)
    log = httpx.get(f"{hub.url}environments/{digest}/log")
    assert "cowsay==6.1" in log.text
    missing = httpx.get(f"{hub.url}environments/{'0' * 64}")
    assert (missing.status_code, missing.json()["code"]) == (404, "environment-not-found")


@pytest.mark.parametrize(
    ("spec", "code", "status", "words"),
    [
        ("nosuch/a/b", "unknown-provider", 404, "nosuch"),
        ("gh/only-one", "invalid-spec", 400, ""),
        ("hydroshare/123", "repository-not-found", 404, "123 is no resource of HydroShare"),
        (
            "git/http%3A%2F%2F127.0.0.1%3A1%2Fbook.git/main",
            "repository-unreachable",
            502,
            "127.0.0.1:1",
        ),
        ("git/file%3A%2F%2F%2Fetc/main", "repository-refused", 403, ""),
    ],
)
def test_what_cannot_be_launched(hub, spec, code, status, words):
    last = events(hub.url, spec)[-1]
    assert (last["phase"], last["code"], last["status_code"]) == ("failed", code, status)
    assert words in last["message"]
    assert last["next_step"]
    assert "Traceback" not in json.dumps(last)


def test_a_repository_that_is_not_there(hub, git_server):
    url = quote(f"{git_server.url}no/such.git", safe="")
    assert events(hub.url, f"git/{url}/main")[-1]["code"] == "repository-not-found"


def test_a_ref_that_is_not_there(hub, book):
    last = events(hub.url, book.spec.replace("/main", "/nosuch"))[-1]
    assert last["code"] == "ref-not-found"
    assert "main" in last["next_step"]


def test_a_file_that_is_not_there(hub, book):
    last = events(hub.url, book.spec, urlpath="lab/tree/chapter%20on.ipynb")[-1]
    assert last["code"] == "path-not-found"
    assert "chapter one.ipynb" in last["next_step"]
    assert events(hub.url, book.spec, labpath="chapter one.ipynb")[-1]["phase"] == "ready"


@pytest.mark.parametrize(
    ("files", "code", "words"),
    [
        (
            {"requirements.txt": "no-such-package-of-ours-xyz\n"},
            "resolution-failed",
            "no-such-package",
        ),
        ({"requirements.txt": "six==1.16\nsix==1.15\n"}, "resolution-failed", "six"),
        (
            {"requirements.txt": "six\n", "postBuild": "#!/bin/sh\necho no luck\nexit 3\n"},
            "postbuild-failed",
            "no luck",
        ),
        ({"Project.toml": "[deps]\n"}, "recipe-unsupported", "Project.toml"),
        ({"binder/Dockerfile": "FROM x\n"}, "recipe-unsupported", "binder/Dockerfile"),
        ({"runtime.txt": "python-2.7\n"}, "recipe-unsupported", "runtime.txt"),
        ({"binder/a": "", ".binder/b": ""}, "invalid-recipe", "both"),
        ({"requirements.txt": "a b c\n"}, "invalid-recipe", "line 1"),
    ],
)
def test_recipes_that_fail_leave_nothing_half_built(hub, git_server, request, files, code, words):
    name = re.sub(r"\W+", "-", request.node.name)
    repository = git_server.repo(f"bad/{name}")
    repository.commit(files)
    before = set((hub.data_dir / "environments" / "builds").iterdir())
    last = events(hub.url, repository.spec)[-1]
    assert (last["phase"], last["code"]) == ("failed", code)
    assert words in last["message"]
    assert last["next_step"]
    assert set((hub.data_dir / "environments" / "builds").iterdir()) == before
    assert httpx.get(f"{hub.url}health").json()["ok"] is True


def test_a_launch_that_fails_keeps_its_log(hub, git_server):
    repository = git_server.repo("bad/log")
    repository.commit({"requirements.txt": "six\n", "postBuild": "#!/bin/sh\necho heard\nexit 4\n"})
    stream = events(hub.url, repository.spec)
    assert any("heard" in event["message"] for event in stream[:-1])
    logs = (hub.data_dir / "environments" / "logs").glob("*.log")
    assert any("heard" in log.read_text() for log in logs)


def test_start_and_postbuild_as_repo2docker_runs_them(hub, git_server):
    repository = git_server.repo("ada/scripts")
    repository.commit(
        {
            "binder/requirements.txt": "six\n",
            "binder/postBuild": "#!/bin/bash\nmkdir data && pwd > data/where\n",
            "binder/start": '#!/bin/bash\nexport FROM_START=yes\nexec "$@"\n',
            "kept.txt": "kept",
        }
    )
    ready = launch(hub.url, repository.spec)
    code = (
        "import os; where = os.path.exists('data/where')\n"
        "print(os.environ['FROM_START'], open('kept.txt').read(), where)"
    )
    assert run_cell(ready, code) == "yes kept True\n"


def test_a_recipe_that_brings_a_server_extension(hub, git_server):
    repository = git_server.repo("ada/extension")
    repository.commit({"requirements.txt": "nbgitpuller\n"})
    ready = launch(hub.url, repository.spec)
    headers = {"Authorization": f"token {ready['token']}"}
    page = httpx.get(f"{ready['url']}git-pull?repo=x", headers=headers)
    assert (page.status_code, "nbgitpuller" in page.text) == (200, True)


def test_accept(hub, book):
    def status(accept):
        with httpx.stream(
            "GET", f"{hub.url}build/{book.spec}", headers={"Accept": accept}
        ) as answer:
            return answer.status_code

    assert status("text/html, text/event-stream;q=0.9") == 200
    assert status("*/*") == 200
    assert status("image/png") == 406
