"""A recipe in a folder of its repository: built, shared and laid out as if the folder were all."""

from __future__ import annotations

import json
import subprocess
import sys
from urllib.parse import quote

import httpx
import pytest

from support.binder import events, launch, run_cell
from support.gitserver import Symlink

pytestmark = [pytest.mark.hub, pytest.mark.registry]

POST_BUILD = "#!/bin/sh\npwd > where.txt\nls > seen.txt\n"
START = '#!/bin/sh\nexport STARTED=yes\nexec "$@"\n'
RECIPE = {"requirements.txt": "cowsay==6.1\n", "postBuild": POST_BUILD, "start": START}


@pytest.fixture(scope="module")
def courses(git_server):
    repository = git_server.repo("ada/courses")
    repository.commit(
        {
            "requirements.txt": "colorama==0.4.6\n",
            "week 1/notes.md": "one",
            **{f"week 1/{name}": content for name, content in RECIPE.items()},
        }
    )
    return repository


def test_the_session_has_the_folders_recipe_and_the_whole_repository(hub, courses):
    ready = launch(hub.url, courses.spec, envpath="week 1", urlpath="lab/tree/week%201/notes.md")
    assert ready["env_path"] == "week 1"
    asked = f"v2/{courses.spec}?envpath=week%201"
    assert ready["binder_request"] == asked
    commit = courses.git("rev-parse", "main")
    assert ready["binder_persistent_request"] == asked.replace("/main?", f"/{commit}?")
    code = (
        "import cowsay, importlib.util, os\n"
        "print(importlib.util.find_spec('colorama'), sorted(os.listdir('.'))[-2:])\n"
        "print(open('week 1/seen.txt').read().split(), os.environ['STARTED'])\n"
    )
    assert run_cell(ready, code) == (
        "None ['requirements.txt', 'week 1']\n"
        "['notes.md', 'postBuild', 'requirements.txt', 'seen.txt', 'start', 'where.txt'] yes\n"
    )


def test_only_the_recipe_decides_the_environment(hub, courses, git_server):
    before = launch(hub.url, courses.spec, envpath="week 1", build_only="true")
    courses.commit({"week 1/notes.md": "two", "requirements.txt": "colorama==0.4.5\n"})
    after = launch(hub.url, courses.spec, envpath="week 1", build_only="true")
    assert (after["digest"], after["cached"]) == (before["digest"], True)
    alone = git_server.repo("ada/alone")
    alone.commit(RECIPE)
    same = launch(hub.url, alone.spec, build_only="true")
    assert (same["digest"], same["cached"]) == (before["digest"], True)


@pytest.mark.parametrize(
    ("folder", "code"),
    [
        ("week 2", "path-not-found"),
        ("week 1/notes.md", "path-not-found"),
        ("../week 1", "invalid-link"),
        ("/week 1/..", "invalid-link"),
        ("week%201", "path-not-found"),
    ],
)
def test_no_such_folder(hub, courses, folder, code):
    last = events(hub.url, courses.spec, envpath=folder)[-1]
    assert (last["phase"], last["code"]) == ("failed", code)
    assert last["next_step"]


def test_a_recipe_that_cannot_be_read_is_named_with_its_folder(hub, git_server):
    repository = git_server.repo("ada/wrong")
    repository.commit({"week 1/requirements.txt": "six\n--frob\n", "week 2/Dockerfile": ""})
    for folder, words in (
        ("week 1", "In week 1: requirements.txt, line 2 is not a requirement: --frob\n"),
        ("week 2", "In week 2: This hub cannot honour Dockerfile: "),
    ):
        last = events(hub.url, repository.spec, envpath=folder)[-1]
        assert last["message"].startswith(words)


def test_a_folder_through_a_link_is_none(hub, git_server):
    repository = git_server.repo("eve/link")
    repository.commit({"out": Symlink("/etc"), "in": Symlink("real"), "real/x": ""})
    for name in ("out", "in"):
        assert events(hub.url, repository.spec, envpath=name)[-1]["code"] == "path-not-found"


def test_the_page_says_it_and_its_token_is_for_it(hub, courses):
    address = f"{hub.url}v2/{courses.spec}?envpath=week%201"
    page = httpx.get(address, follow_redirects=True).text
    assert "<dt>Recipe in</dt><dd>week 1</dd>" in page
    assert "envpath=week+1" in page
    assert httpx.get(f"{hub.url}v2/{courses.spec}?envpath=..%2Fx").status_code == 400


def test_the_command_line_builds_it(courses, tmp_path):
    def build(*arguments):
        command = [sys.executable, "-m", "hubroam", "build", "--json", "--data-dir", str(tmp_path)]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True)
        return done.returncode, json.loads(done.stdout)

    status, built = build(courses.spec, "--env-path", "week 1")
    assert status == 0
    assert "cowsay" in (tmp_path / "environments" / built["digest"] / "pylock.toml").read_text()
    status, again = build(f"{courses.spec}?envpath={quote('week 1')}")
    assert (status, again["digest"], again["cached"]) == (0, built["digest"], True)
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", courses.url, str(folder)], check=True)
    status, local = build(str(folder), "--env-path", "week 1")
    assert (status, local["digest"], local["cached"]) == (0, built["digest"], True)
    status, failed = build(str(folder), "--env-path", "week 3")
    assert (status, failed["code"]) == (1, "path-not-found")


def test_the_command_line_launches_and_checks_it(hub, courses, git_server, tmp_path):
    def run(*arguments):
        command = [sys.executable, "-m", "hubroam", *arguments, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
        return done.stderr, json.loads(done.stdout)

    content = git_server.repo("ada/pages")
    content.commit({"a b.md": "# Pages"})
    asked = [f"{courses.spec}?envpath={quote('week 1')}", "--hub", hub.url]
    said, ready = run("launch", *asked, "--content", content.url, "--path", "a b.md")
    assert "knows of no recipes in folders" not in said
    assert "git-pull?repo=" in ready["url"]
    built = launch(hub.url, courses.spec, envpath="week 1", build_only="true")
    assert ready["digest"] == built["digest"]
    page = httpx.get(ready["url"], follow_redirects=True)
    assert page.status_code == 200
    assert "nbgitpuller" in page.text
    _, report = run("check", asked[0], "--data-dir", str(hub.data_dir))
    assert [finding["code"] for finding in report["findings"]] == ["no-pages"]
