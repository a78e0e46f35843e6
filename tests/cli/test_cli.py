"""The command line, as a person and a program use it."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

import hubroam.cli
from hubroam.cli.output import Progress
from hubroam.errors import MissingExtra
from support.processes import processes_of
from support.reference import json_example


def hubroam_command(*arguments, **kwargs):
    return subprocess.run(
        [sys.executable, "-m", "hubroam", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=180,
        **kwargs,
    )


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def recipe(tmp_path):
    (tmp_path / "book" / "binder").mkdir(parents=True)
    (tmp_path / "book" / "binder" / "requirements.txt").write_text("six==1.16.0\n")
    return tmp_path / "book"


def test_help_names_every_command():
    text = hubroam_command("--help").stdout
    for name in ("build", "demo", "launch", "up"):
        assert f"  {name} " in text


@pytest.mark.parametrize(
    "arguments", [["nosuch"], ["build"], ["launch"], ["demo", "--port", "x"], ["up", "--nosuch=1"]]
)
def test_wrong_use(arguments):
    done = hubroam_command(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.registry
def test_build_a_folder(recipe, data_dir):
    before = sorted(recipe.rglob("*"))
    done = hubroam_command("build", recipe, "--json", "--data-dir", data_dir)
    assert done.returncode == 0, done.stderr
    first = json.loads(done.stdout)
    assert first.keys() == json_example("command-line.md", "`hubroam build`").keys()
    assert first["cached"] is False
    python = Path(first["path"]) / "bin" / "python"
    code = "import six, ipykernel; print(six.__version__)"
    assert subprocess.check_output([python, "-c", code], text=True) == "1.16.0\n"
    assert 'name = "six"' in Path(first["lock"]).read_text()
    assert "six==1.16.0" in done.stderr
    assert sorted(recipe.rglob("*")) == before

    (recipe / "prose.md").write_text("changed")
    again = json.loads(hubroam_command("build", recipe, "--json", "--data-dir", data_dir).stdout)
    assert (again["cached"], again["digest"], again["path"]) == (
        True,
        first["digest"],
        first["path"],
    )
    plain = hubroam_command("build", recipe, "--data-dir", data_dir)
    assert plain.stdout.split() == [first["path"], first["digest"]]


@pytest.mark.registry
def test_a_spec_and_a_folder_of_one_recipe_share_the_environment(recipe, data_dir, git_server):
    repository = git_server.repo("cli/book")
    repository.commit({"binder/requirements.txt": "six==1.16.0\n"})
    one = hubroam_command("build", recipe, "--json", "--data-dir", data_dir)
    two = hubroam_command("build", repository.spec, "--json", "--data-dir", data_dir)
    assert json.loads(one.stdout)["digest"] == json.loads(two.stdout)["digest"]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("gh/x", "invalid-spec"),
        ("./nosuch", "path-not-found"),
        ("git/http%3A%2F%2F127.0.0.1%3A1%2Fx/main", "repository-unreachable"),
        ("hydroshare/123", "repository-not-found"),
    ],
)
def test_what_cannot_be_built(data_dir, what, code):
    done = hubroam_command("build", what, "--json", "--data-dir", data_dir)
    assert done.returncode == 1
    assert json.loads(done.stdout).keys() == {"code", "message", "next_step"}
    assert json.loads(done.stdout)["code"] == code
    plain = hubroam_command("build", what, "--data-dir", data_dir)
    assert (plain.returncode, plain.stdout) == (1, "")
    assert json.loads(done.stdout)["next_step"] in plain.stderr
    assert "Traceback" not in plain.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_stops_a_build_and_leaves_nothing(tmp_path, number):
    book = tmp_path / "book"
    book.mkdir()
    script = book / "postBuild"
    script.write_text("#!/bin/sh\necho post build runs\nsleep 300\n")
    data = tmp_path / "data"
    process = subprocess.Popen(
        [sys.executable, "-m", "hubroam", "build", str(book), "--data-dir", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    for line in process.stderr:
        if "post build runs" in line:
            break
    process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert output == ""
    assert "Traceback" not in errors
    assert list((data / "environments" / "builds").iterdir()) == []
    assert processes_of(data) == []


def test_a_data_folder_inside_of_the_book_is_not_copied(tmp_path):
    (tmp_path / "requirements.txt").write_text("six\n")
    done = hubroam_command("build", tmp_path, "--data-dir", tmp_path / "data", "--json")
    assert json.loads(done.stdout)["digest"], done.stderr


def test_a_data_folder_that_cannot_be_used(tmp_path):
    (tmp_path / "file").write_text("no folder")
    done = hubroam_command("build", tmp_path, "--data-dir", tmp_path / "file" / "x", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["code"] == "invalid-configuration"
    assert "--data-dir" in json.loads(done.stdout)["next_step"]
    assert "Traceback" not in done.stderr


@pytest.mark.hub
@pytest.mark.registry
def test_launch_on_a_hub(hub, git_server):
    repository = git_server.repo("cli/launch")
    commit = repository.commit({"requirements.txt": "six\n", "a b.ipynb": "{}"})
    done = hubroam_command(
        "launch", repository.spec, "--hub", hub.url, "--path", "a b.ipynb", "--json"
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["commit"] == commit
    documented = json_example("command-line.md", "`hubroam launch`")
    assert document.keys() == documented.keys()
    assert document["seconds"].keys() == documented["seconds"].keys()
    page = httpx.get(document["url"], follow_redirects=True)
    assert page.status_code == 200
    assert page.url.path.endswith("/lab/tree/a%20b.ipynb") or page.url.path.endswith("a b.ipynb")
    assert "Starting the session" in done.stderr

    plain = hubroam_command("launch", f"{hub.url}v2/{repository.spec}", "--hub", hub.url)
    assert plain.stdout.startswith(f"{hub.url}user/")


@pytest.mark.hub
@pytest.mark.registry
def test_launch_finds_the_hub_that_runs(hub, git_server):
    repository = git_server.repo("cli/own")
    repository.commit({"requirements.txt": "six\n"})
    done = hubroam_command("launch", repository.spec, "--json", "--data-dir", hub.data_dir)
    assert json.loads(done.stdout)["url"].startswith(hub.url)


@pytest.mark.hub
@pytest.mark.registry
def test_launch_brings_a_hub_when_none_runs(tmp_path, git_server):
    repository = git_server.repo("cli/none")
    repository.commit({"requirements.txt": "six\n"})
    progress = tmp_path / "progress.txt"
    with progress.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "hubroam", "launch", repository.spec, "--data-dir", tmp_path],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    log = tmp_path / "hub.log"
    try:
        url = process.stdout.readline().strip()
        assert url, progress.read_text() + (log.read_text() if log.exists() else "")
        assert httpx.get(url, follow_redirects=True).status_code == 200
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert processes_of(tmp_path) == []


@pytest.mark.hub
@pytest.mark.parametrize(
    ("hub_url", "code"),
    [
        ("http://127.0.0.1:1/", "hub-unreachable"),
        ("javascript:alert(1)", "invalid-link"),
        ("http://user:pw@127.0.0.1/", "invalid-link"),
    ],
)
def test_hubs_that_are_none(hub_url, code):
    done = hubroam_command("launch", "gh/a/b/main", "--hub", hub_url, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["code"] == code
    assert "pw" not in done.stdout + done.stderr


@pytest.mark.hub
def test_a_server_that_is_no_hub(git_server):
    done = hubroam_command("launch", "gh/a/b/main", "--hub", git_server.url, "--json")
    assert json.loads(done.stdout)["code"] == "not-a-hub"


@pytest.mark.hub
def test_launch_tells_what_the_hub_said(hub):
    spec = f"git/{quote('http://127.0.0.1:1/x', safe='')}/main"
    done = hubroam_command("launch", spec, "--hub", hub.url, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["code"] == "repository-unreachable"


def test_commands_that_need_the_hub_say_how_to_get_it():
    with pytest.raises(MissingExtra) as caught:
        hubroam.cli.need_hub("a_module_that_is_not_there")
    assert "hubroam[hub]" in caught.value.next_step


def test_progress_off_a_terminal_is_lines(capsys):
    with Progress() as progress:
        progress.show("building", "one\ntwo\n")
        progress.show(None, "three\n")
    lines = capsys.readouterr().err.splitlines()
    assert [line.strip() for line in lines][1:] == ["one", "two", "three"]
    assert "Building the environment" in lines[0]


def test_progress_on_a_terminal_is_one_line_with_the_time():
    code = "from hubroam.cli.output import Progress\nwith Progress() as p: p.show('building', 'a')"
    ours, theirs = pty.openpty()
    try:
        subprocess.run(
            [sys.executable, "-c", code],
            stderr=theirs,
            check=True,
            timeout=60,
            env={**os.environ, "TERM": "xterm"},
        )
        shown = os.read(ours, 65536).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert "Building the environment" in shown
    assert re.search(r"0 s  a", shown), shown
