"""Real books, with real environments from the package registry and one store for all of them."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from hubroam.building import BuildOptions
from hubroam.checking import Limits, Wishes, check
from support import shared


def notebook(*cells, kernel="python3", language="python", tags=None):
    """A notebook's text; a cell is its code, `tags` holds tags by the cell's place."""
    v4 = nbformat.v4
    made = v4.new_notebook(cells=[v4.new_code_cell(source) for source in cells])
    for place, names in (tags or {}).items():
        made.cells[place].metadata["tags"] = names
    if kernel:
        made.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": language}
    return nbformat.writes(made)


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("check-data")
    shared.share_packages(folder / "environments" / "cache")
    return folder


@pytest.fixture
def book(tmp_path):
    """Makes a book's folder: for each file its text."""

    def make(files, name="book"):
        folder = tmp_path / name
        for path, text in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return folder

    return make


@pytest.fixture
def run_check(data_dir):
    """Checks a book; returns its `--json` document."""

    async def run(folder, *, seconds=300, **limits):
        wishes = Wishes(
            jobs=limits.pop("jobs", None),
            only=limits.pop("only", ()),
            build=limits.pop("build", BuildOptions(env_path=limits.pop("env_path", ""))),
            limits=Limits(seconds=seconds, **limits),
        )
        before = snapshot(folder)
        report = await check(str(folder), data_dir, lambda phase, message: None, wishes)
        assert snapshot(folder) == before, "a check changes nothing in the book"
        assert list((data_dir / "checks").iterdir()) == []
        return json.loads(json.dumps(report.to_json()))

    return run


def snapshot(folder: Path):
    return {path: path.lstat().st_mtime_ns for path in sorted(folder.rglob("*")) if path.is_file()}


def findings(report, code):
    return [finding for finding in report["findings"] if finding["code"] == code]


def page(report, path):
    return next(page for page in report["pages"] if page["path"] == path)
