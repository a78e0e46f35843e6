"""`hubroam check`, as a person and a program use it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from xml.etree import ElementTree

import pytest

from checking.conftest import notebook
from support.processes import processes_of, wait_for_none

pytestmark = pytest.mark.registry

RECIPE = {"binder/requirements.txt": "six==1.17.0\n", "binder/runtime.txt": "python-3.11\n"}


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def book(tmp_path):
    def make(files):
        for name, text in {**RECIPE, **files}.items():
            file = tmp_path / "book" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path / "book"

    return make


def command(*arguments):
    return [sys.executable, "-m", "hubroam", "check", *map(str, arguments)]


def check(*arguments):
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=300)


def test_a_book_that_fails(book, data_dir, tmp_path):
    cells = ["import six", "x = {}\nx['no [red]key[/red]']"]
    files = {"fails.ipynb": notebook(*cells), "runs.ipynb": notebook("import six")}
    junit = tmp_path / "junit.xml"
    folder = book(files)
    done = check(folder, "--json", "--junit", junit, "--data-dir", data_dir)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["ok"] is False
    assert [(page["path"], page["ok"]) for page in report["pages"]] == [
        ("fails.ipynb", False),
        ("runs.ipynb", True),
    ]
    assert report["pages"][0]["error"].keys() >= {"cell", "message"}
    suite = ElementTree.parse(junit).getroot()[0]
    assert (suite.attrib["name"], suite.attrib["failures"]) == ("book", "1")
    assert "2 of 2 pages" in done.stderr

    plain = check(folder, "--data-dir", data_dir)
    assert plain.returncode == 1
    lines = plain.stdout.splitlines()
    assert lines[0].split()[:2] == ["fails", "fails.ipynb"]
    assert lines[1].strip() == "cell 2: KeyError: 'no [red]key[/red]'"
    assert lines[2].strip() == "> x['no [red]key[/red]']"
    assert lines[4].split()[:2] == ["runs", "runs.ipynb"]
    assert lines[-1].startswith("Not well: 1 page runs, 1 fails")
    assert "Traceback" not in plain.stdout + plain.stderr


def test_a_book_that_is_well(book, data_dir):
    done = check(book({"a.ipynb": notebook("import six")}), "--data-dir", data_dir)
    assert done.returncode == 0, done.stderr
    assert "Well: 1 page runs" in done.stdout
    assert "WARNING" not in done.stderr


@pytest.mark.parametrize("arguments", [[], ["--jobs", "0"], ["--timeout", "0"], ["--memory", "x"]])
def test_wrong_use(arguments, tmp_path):
    done = check(*([tmp_path] if arguments else []), *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_no_such_book(data_dir):
    done = check("nosuch/book", "--json", "--data-dir", data_dir)
    assert done.returncode == 1
    assert json.loads(done.stdout)["code"] == "unknown-provider"


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_order(book, tmp_path, data_dir, sign):
    reached = tmp_path / "reached"
    os.mkfifo(reached)
    code = (
        f"import subprocess\nopen({str(reached)!r}, 'w').close()\n"
        "subprocess.run(['sleep', '1000'], start_new_session=True)"
    )
    folder = book({"a.ipynb": notebook(code)})
    process = subprocess.Popen(
        command(folder, "--data-dir", data_dir), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with reached.open():  # opens when the kernel has come so far
        pass
    assert processes_of(data_dir)
    process.send_signal(sign)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors.decode()
    assert output == b""
    assert errors.decode().splitlines()[-1] == "Stopped."
    assert "Traceback" not in errors.decode()
    assert list((data_dir / "checks").iterdir()) == []
    wait_for_none(data_dir)
