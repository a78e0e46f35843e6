"""The documentation is a book: Jupyter Book 2 builds it, its pages run, its tutorials work."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from nbclient import NotebookClient

from book.conftest import jupyter_book
from hubroam.checking.copying import copy_book
from support.notebooks import notebook
from support.reference import DOCS, sources

__all__ = ["jupyter_book"]

NOTEBOOKS = sources(".ipynb")
AUTHOR = (DOCS / "tutorials" / "author.md").read_text()


def hubroam(*arguments: object, status: int = 0) -> str:
    """What a command prints on standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "hubroam", *map(str, arguments)], capture_output=True, text=True
    )
    assert done.returncode == status, done.stderr
    return done.stdout


def nodes(tree: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield tree
    for child in tree.get("children", []):
        yield from nodes(child)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where checks keep their environments."""
    return tmp_path_factory.mktemp("checks")


@pytest.fixture(scope="module")
def site(jupyter_book, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The documentation built as a site, in a copy of the checkout: its folder, what was said."""
    checkout = tmp_path_factory.mktemp("docs") / "hubroam"
    book = checkout / copy_book(DOCS, checkout)
    origin = ["remote", "add", "origin", "https://github.com/ada/hubroam.git"]
    for arguments in (["init", "-q"], origin):
        subprocess.run(["git", "-C", checkout, *arguments], check=True)
    hubroam("book", "add", book, "--yes")
    settings = yaml.safe_load((book / "myst.yml").read_text())
    settings["site"]["template"] = str(jupyter_book.template)
    (book / "myst.yml").write_text(yaml.safe_dump(settings))
    return book, jupyter_book(book, "build", "--site", "--strict")


@pytest.fixture(scope="module")
def pages(site: tuple[Path, str]) -> dict[str, dict[str, Any]]:
    """The built pages, by their source files."""
    book, _ = site
    built = [json.loads(path.read_text()) for path in book.glob("_build/site/content/*.json")]
    return {page["location"].lstrip("/"): page for page in built}


@pytest.mark.registry
def test_the_book_is_built_without_a_warning(site: tuple[Path, str]) -> None:
    _, said = site
    assert not re.search("⚠|⛔|[Ww]arning", said), said


@pytest.mark.registry
def test_every_page_is_in_the_book(pages: dict[str, dict[str, Any]]) -> None:
    own = [*sources(".md"), *NOTEBOOKS]
    assert pages.keys() == {path.relative_to(DOCS).as_posix() for path in own}


@pytest.mark.registry
def test_every_link_leads_to_a_page_its_heading_or_a_file(
    site: tuple[Path, str], pages: dict[str, dict[str, Any]]
) -> None:
    public = site[0] / "_build" / "site" / "public"
    slugs = {"/": "index.md"} | {f"/{page['slug']}": source for source, page in pages.items()}
    headings = {
        source: {node["html_id"] for node in nodes(page["mdast"]) if "html_id" in node}
        for source, page in pages.items()
    }
    broken = []
    for source, page in pages.items():
        for node in nodes(page["mdast"]):
            url = node.get("url") or ""
            if node["type"] not in ("link", "crossReference", "image") or "://" in url:
                continue
            if (public / url.lstrip("/")).is_file():
                continue
            target = slugs.get(url or f"/{page['slug']}")
            heading = node.get("html_id")
            if target is None or (heading and heading not in headings[target]):
                broken.append((source, node.get("urlSource", url)))
    assert broken == []


@pytest.mark.registry
def test_pages_that_run_have_the_control(pages: dict[str, dict[str, Any]]) -> None:
    shown = {
        source: node["model"]
        for source, page in pages.items()
        for node in nodes(page["mdast"])
        if node["type"] == "anywidget"
    }
    assert shown.keys() == {path.relative_to(DOCS).as_posix() for path in NOTEBOOKS}
    for source, model in shown.items():
        assert model["repo"] == "ada/hubroam"
        assert model["path"] == f"docs/{source}"


@pytest.mark.registry
def test_the_book_is_well(data_dir: Path) -> None:
    report = json.loads(hubroam("check", DOCS, "--json", "--data-dir", data_dir))
    runs = {page["path"] for page in report["pages"] if page["ok"] and not page["skipped"]}
    assert runs == {path.relative_to(DOCS).as_posix() for path in NOTEBOOKS}
    assert {finding["severity"] for finding in report["findings"]} <= {"info"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_the_outputs_that_are_kept_are_those_of_a_run(path: Path) -> None:
    kept, fresh = nbformat.read(path, 4), nbformat.read(path, 4)
    NotebookClient(fresh, timeout=120).execute()
    for before, after in zip(kept.cells, fresh.cells, strict=True):
        assert before.get("outputs") == after.get("outputs"), before.source


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", AUTHOR, re.MULTILINE | re.DOTALL)


def measured(text: str) -> str:
    """A report without what was measured."""
    return re.sub(r"\d+(\.\d)?(?= (?:s|MB)\b)", "…", text).strip()


@pytest.mark.registry
def test_the_author_s_tutorial(data_dir: Path, tmp_path: Path) -> None:
    python, failing, requirement, well, difference = blocks("text")
    (code,), (settings,) = blocks("python"), blocks("yaml")
    book = tmp_path / "small-motions"
    book.mkdir()
    (book / "waves.ipynb").write_text(notebook(code.rstrip("\n")))
    (book / "myst.yml").write_text(settings)
    (book / "runtime.txt").write_text(python)
    subprocess.run(["git", "init", "-q", book], check=True)
    check = ("check", book, "--data-dir", data_dir)
    assert measured(hubroam(*check, status=1)) == measured(failing)
    (book / "requirements.txt").write_text(requirement)
    assert measured(hubroam(*check)) == measured(well)
    added = subprocess.run(
        [sys.executable, "-m", "hubroam", "book", "add", "."],
        cwd=book,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    shown = difference.partition("Change them?")[0]
    assert added.stderr.startswith(shown)
    hubroam("book", "add", book, "--yes")
    assert yaml.safe_load((book / "myst.yml").read_text())["project"]["plugins"]
