"""A book of 60 pages, built by Sphinx with and without the launch control."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import document, in_turn

sys.path.append(str(Path(__file__).parent.parent / "tests"))

from support.sphinxbook import Tools, conf, text_notebook, write

PAGES = 60
PROSE = "\n\n".join(f"Paragraph {n} of [the book](index.md), *with* `words`." for n in range(20))
SETTINGS = {"html_theme": "sphinx_book_theme", "hubroam_launch": {"repo": "ada/book"}}


def run(runs: int) -> dict[str, Any]:
    """Measure.

    Args:
        runs: Rounds; each builds the book once in each way.

    Returns:
        The benchmark's document.
    """
    with tempfile.TemporaryDirectory(prefix="hubroam-benchmark-") as name:
        folder = Path(name)
        tools = Tools.install(folder / "venv", "sphinx-book-theme", "myst-nb", "sphinx")
        for label in ("with", "without"):
            write(folder / label, _book(with_control=label == "with"))
            _build(tools, folder, label)  # what is done once, such as byte-compiling
        values = in_turn(
            {
                f"build {label} the control": lambda label=label: _build(tools, folder, label)
                for label in ("with", "without")
            },
            runs,
        )
    pairs = {"with / without": ("build with the control", "build without the control")}
    return document("book", runs, values, pairs)


def _book(*, with_control: bool) -> dict[str, str]:
    """The files of the book."""
    names = [f"page{number}" for number in range(PAGES)]
    text = conf(**SETTINGS)
    if not with_control:
        text = text.replace(", 'hubroam.book.sphinx'", "")
    pages = {f"{name}.md": f"{text_notebook(name)}\n{PROSE}\n" for name in names}
    index = "# Book\n\n```{toctree}\n" + "\n".join(names) + "\n```\n"
    return {"conf.py": text, "index.md": index, **pages}


def _build(tools: Tools, folder: Path, label: str) -> float:
    """Build from nothing.

    Returns:
        Seconds of processor time: those that pass depend on what else the machine does.
    """
    output = folder / f"{label}-built"
    shutil.rmtree(output, ignore_errors=True)
    began = os.times()
    tools.sphinx(folder / label, output)
    ended = os.times()
    seconds = ended.children_user - began.children_user
    seconds += ended.children_system - began.children_system
    built = sum("<hub-launch" in page.read_text() for page in output.glob("page*.html"))
    assert built == (PAGES if label == "with" else 0)
    print(f"book {label} the control: {seconds:.1f} s", file=sys.stderr, flush=True)
    return seconds
