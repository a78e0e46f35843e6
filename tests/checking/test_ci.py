"""What runs the check elsewhere: GitHub's actions, GitLab, pre-commit."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from uv import find_uv_bin

from checking.conftest import notebook
from hubroam.cli import hubroam

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/check-in-ci.md").read_text()
BLOCKS = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())


def commands(value):
    """Every line of a shell that calls hubroam."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "run":
                yield from (line for line in inner.splitlines() if line.startswith("hubroam "))
            else:
                yield from commands(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from commands(inner)
    elif isinstance(value, str) and value.startswith("hubroam "):
        yield value


def parse(words):
    """Fail when a command or an option of it is not there."""
    program, name, *arguments = words
    assert program == "hubroam"
    # with the program's settings: click keeps what the first context makes of --help
    parent = hubroam.context_class(hubroam, **hubroam.context_settings)
    hubroam.get_command(parent, name).make_context(name, arguments, parent)


def test_every_command_that_is_shown_is_there():
    shown = [*commands(ACTION), *(line for block in BLOCKS for line in commands(block))]
    assert len(shown) == 3
    for line in shown:
        parse(shlex.split(line.replace(" $OPTIONS", "")))


def test_the_action():
    inputs = set(ACTION["inputs"])
    used = set(re.findall(r"inputs\.([\w-]+)", (ROOT / "action.yml").read_text()))
    assert used == inputs
    assert ACTION["runs"]["using"] == "composite"
    for step in ACTION["runs"]["steps"]:
        # GitHub asks for a shell with each `run`; and what callers give never becomes its text
        assert ("run" in step) == ("shell" in step)
        assert "${{" not in step.get("run", "")
    (given,) = [
        step["with"] for block in BLOCKS for step in block.get("steps", []) if "with" in step
    ]
    assert given.keys() <= inputs
    parse(["hubroam", "check", given["book"], *shlex.split(given["options"])])


def test_the_hook():
    parse([*shlex.split(HOOK["entry"]), *HOOK["args"]])
    (repo,) = [block["repos"][0] for block in BLOCKS if "repos" in block]
    assert repo["hooks"][0]["id"] == HOOK["id"]
    for name in ("a.ipynb", "docs/a.md", "uv.lock", "binder/requirements.txt", "binder/postBuild"):
        assert re.search(HOOK["files"], name), name
    assert not re.search(HOOK["files"], "a.png")


@pytest.fixture(scope="module")
def pip_settings(tmp_path_factory):
    """pip downloads each package once, and leaves it to Python to compile what is imported."""
    return {"PIP_CACHE_DIR": str(tmp_path_factory.mktemp("pip")), "PIP_NO_COMPILE": "1"}


@pytest.fixture(scope="module")
def runner(tmp_path_factory, pip_settings):
    """A machine as a runner is: a Python of its own, and the wheel of this tree for pip to find.

    Gives a function that runs a step's text as GitHub does, and returns its status and its words.
    """
    wheels, python, home = (tmp_path_factory.mktemp(name) for name in ("wheels", "python", "home"))
    build = [find_uv_bin(), "build", "--quiet", "--wheel", "--out-dir", wheels]
    subprocess.run([*build, ROOT], check=True)
    subprocess.run([sys.executable, "-m", "venv", python], check=True)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("VIRTUAL", "PYTHON"))
    }
    environment = {
        **kept,
        **pip_settings,
        "PATH": f"{python / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "PIP_FIND_LINKS": str(wheels),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }

    def run(text, folder, **given):
        script = folder.parent / "step.sh"
        script.write_text(text)
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
            cwd=folder,
            env={**environment, **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=900,
        )
        return done.returncode, done.stdout

    return run


def checkout(folder, *code, book="docs"):
    """A repository with a book, whose page runs some cells."""
    (folder / book / "binder").mkdir(parents=True)
    (folder / book / "binder/requirements.txt").write_text("six==1.17.0\n")
    (folder / book / "a.ipynb").write_text(notebook(*code))
    return folder


def outcome(report):
    """How many tests a JUnit file has, and how many of them failed."""
    (suite,) = ElementTree.parse(report).getroot().iter("testsuite")
    return int(suite.get("tests")), int(suite.get("failures")) + int(suite.get("errors"))


@pytest.mark.registry
def test_the_actions_steps_run(runner, tmp_path):
    """With what a workflow gives it, and its defaults."""
    inputs = {name: each.get("default") for name, each in ACTION["inputs"].items()}
    inputs |= {"book": "docs", "options": "--timeout 300 --memory 2048"}
    steps = [step for step in ACTION["runs"]["steps"] if "run" in step]
    assert [step["shell"] for step in steps] == ["bash", "bash"]

    def run(folder):
        for step in steps:
            given = {
                name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: inputs[found[1]], value)
                for name, value in step["env"].items()
            }
            status, said = runner(step["run"], folder, **given)
            if status:
                break
        return step["name"], status, said

    good = checkout(tmp_path / "good" / "repository", "import six", "six.PY3")
    assert run(good)[1] == 0, run(good)
    assert outcome(good / inputs["junit"])[1] == 0
    bad = checkout(tmp_path / "bad" / "repository", "import six", "six.nosuch")
    name, status, said = run(bad)
    assert (name, status) == ("Check the book", 1)
    assert "cell 2: AttributeError: module 'six' has no attribute 'nosuch'" in said
    assert outcome(bad / inputs["junit"])[1] == 1


@pytest.mark.registry
def test_the_workflows_steps_run(runner, tmp_path):
    """As the page shows them: GitHub's, and GitLab's."""
    (github,) = [block["jobs"]["check"]["steps"] for block in BLOCKS if "jobs" in block]
    (gitlab,) = [block["check"]["script"] for block in BLOCKS if "check" in block]
    for number, lines in enumerate(([s["run"] for s in github if "run" in s], gitlab)):
        repository = checkout(tmp_path / str(number) / "repository", "import six", book=".")
        for line in lines:
            status, said = runner(line, repository)
            assert status == 0, said
        assert outcome(repository / "check.xml") == (1, 0)


@pytest.mark.registry
def test_pre_commit_runs_the_hook(tmp_path, pip_settings):
    """From a copy of this repository, as pre-commit installs a hook's repository."""
    source, book = tmp_path / "hubroam", tmp_path / "book"
    listing = ["git", "ls-files", "-z", "--cached", "--others"]
    files = subprocess.check_output([*listing, "--exclude-standard"], cwd=ROOT, text=True)
    for name in (name for name in files.split("\0") if name and (ROOT / name).is_file()):
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    (book / "binder").mkdir(parents=True)
    (book / "binder/requirements.txt").write_text("six==1.17.0\n")
    (book / "a.ipynb").write_text(notebook("import six", "six.nosuch"))
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for folder in (source, book):
        subprocess.run(["git", "init", "--quiet", folder], check=True)
        subprocess.run(["git", "add", "--all", "--force"], cwd=folder, check=True)
        subprocess.run(["git", *identity, "commit", "--quiet", "-m", "x"], cwd=folder, check=True)

    commit = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=source, text=True).strip()
    config = {"repos": [{"repo": str(source), "rev": commit, "hooks": [{"id": HOOK["id"]}]}]}
    (book / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    subprocess.run(["git", "add", "--all"], cwd=book, check=True)  # it reads no other

    def run():
        return subprocess.run(
            [
                *(find_uv_bin(), "tool", "run", "--quiet", "pre-commit", "run", HOOK["id"]),
                *("--hook-stage", "manual", "--all-files"),
            ],
            cwd=book,
            env={
                **os.environ,
                **pip_settings,
                "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
                "XDG_DATA_HOME": str(tmp_path / "data"),
            },
            capture_output=True,
            text=True,
            timeout=900,
        )

    failed = run()
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "cell 2: AttributeError: module 'six' has no attribute 'nosuch'" in failed.stdout
    (book / "a.ipynb").write_text(notebook("import six"))
    passed = run()
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "Passed" in passed.stdout
