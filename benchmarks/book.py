"""A book of 60 pages, built by Sphinx and Jupyter Book 2 with and without the launch control."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measure import document, in_turn

sys.path.append(str(Path(__file__).parent.parent / "tests"))

from hubroam.book.myst import PLUGIN, plugin
from support.mystbook import JupyterBook
from support.sphinxbook import Tools, conf, text_notebook, write

PAGES = 60
PROSE = "\n\n".join(f"Paragraph {n} of [the book](index.md), *with* `words`." for n in range(20))
SETTINGS = {"html_theme": "sphinx_book_theme", "hubroam_launch": {"repo": "ada/book"}}
TOOLS = ("Sphinx", "Jupyter Book 2")
WAYS = ("with", "without")


def run(runs: int) -> dict[str, Any]:
    """Measure.

    Args:
        runs: Rounds; each builds the book once by each tool in each way.

    Returns:
        The benchmark's document.
    """
    with tempfile.TemporaryDirectory(prefix="hubroam-benchmark-") as name:
        folder = Path(name)
        packages = ("sphinx-book-theme", "myst-nb", "sphinx")
        sphinx = Tools.install(folder / "venv", *packages)
        (folder / "jupyter-book").mkdir()
        jupyter_book = JupyterBook(folder / "jupyter-book")
        measurements: dict[str, Callable[[], float]] = {}
        for way in WAYS:
            with_control = way == "with"
            book = write(folder / f"sphinx {way}", _sphinx_book(with_control=with_control))
            build = partial(_sphinx, sphinx, book, with_control)
            measurements[f"Sphinx {way} the control"] = build
            files = _myst_book(jupyter_book.template, with_control=with_control)
            book = write(folder / f"myst {way}", files)
            (book / PLUGIN).write_bytes(plugin())
            build = partial(_myst, jupyter_book, book, with_control)
            measurements[f"Jupyter Book 2 {way} the control"] = build
        for measure in measurements.values():
            measure()  # what is done once, such as byte-compiling
        values = in_turn(measurements, runs)
    pairs = {
        f"{tool}: with / without": (f"{tool} with the control", f"{tool} without the control")
        for tool in TOOLS
    }
    return document("book", runs, values, pairs)


def _pages() -> dict[str, str]:
    """The pages of the book besides the first."""
    names = [f"page{number}" for number in range(PAGES)]
    return {f"{name}.md": f"{text_notebook(name)}\n{PROSE}\n" for name in names}


def _sphinx_book(*, with_control: bool) -> dict[str, str]:
    """The files of the book for Sphinx."""
    text = conf(**SETTINGS)
    if not with_control:
        text = text.replace(", 'hubroam.book.sphinx'", "")
    pages = _pages()
    names = "\n".join(name.removesuffix(".md") for name in pages)
    return {"conf.py": text, "index.md": f"# Book\n\n```{{toctree}}\n{names}\n```\n", **pages}


def _myst_book(template: Path, *, with_control: bool) -> dict[str, str]:
    """The files of the book for MyST."""
    plugins = f"  plugins: [{PLUGIN}]\n" if with_control else ""
    settings = f"version: 1\nproject:\n  title: A book\n  github: ada/book\n{plugins}"
    site = f"site:\n  template: {template}\n"
    return {"myst.yml": settings + site, "index.md": "# Book\n", **_pages()}


def _sphinx(tools: Tools, book: Path, with_control: bool) -> float:
    # beside the book: what MyST-NB leaves at the output would be pages of it the next time
    output = book.parent / f"{book.name}, built" / "html"
    shutil.rmtree(output, ignore_errors=True)
    seconds = _processor_time(lambda: tools.sphinx(book, output))
    _check(output.glob("page*.html"), "<hub-launch", with_control)
    return seconds


def _myst(jupyter_book: JupyterBook, book: Path, with_control: bool) -> float:
    shutil.rmtree(book / "_build", ignore_errors=True)
    seconds = _processor_time(lambda: jupyter_book(book, "build", "--site"))
    _check(book.glob("_build/site/content/page*.json"), '"anywidget"', with_control)
    return seconds


def _processor_time(build: Callable[[], object]) -> float:
    """Seconds of a child's processor time: those that pass depend on what else the machine does."""
    began = os.times()
    build()
    ended = os.times()
    seconds = ended.children_user - began.children_user
    return seconds + ended.children_system - began.children_system


def _check(pages: Iterable[Path], mark: str, with_control: bool) -> None:
    """Whether all pages have the control, or none of them."""
    assert sum(mark in page.read_text() for page in pages) == (PAGES if with_control else 0)
