"""Pages: notebooks, and the text formats that MyST and jupytext make notebooks of."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import yaml
from jupytext.myst import MystMetadataParsingError, myst_to_notebook
from nbformat import NotebookNode

from hubroam.checking.book import Book, not_to_run, table

_CODE_CELL = re.compile(r"^\s*(?:`{3,}|~{3,})\{code-cell\}", re.MULTILINE)
_HEADER = re.compile(r"\A---\s*\n.*?^(?:kernelspec|jupytext)\s*:", re.MULTILINE | re.DOTALL)
_FRONTMATTER = re.compile(r"\A---\s*\n(.*?)^---\s*$", re.MULTILINE | re.DOTALL)
_SCRIPT = re.compile(r"\A(?:#!.*\n)?# ---\n# (?:jupyter|jupytext):")

# Characters of a library's own words that are shown.
_WORDS = 200


class PageUnreadable(Exception):
    """A page that is no notebook; its text says why, in a sentence."""


@dataclass(frozen=True)
class Cell:
    """A code cell.

    Attributes:
        number: From 1, as JupyterLab counts cells that it runs from top to bottom.
        index: Its place among all cells, from 0.
        source: Its code.
        line: The line of the page's file on which the code begins; None in a notebook.
        tags: Its tags.
    """

    number: int
    index: int
    source: str
    line: int | None
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """A page that can run.

    Attributes:
        path: Its file, below the book.
        notebook: What it holds.
        cells: Its code cells that are not empty.
        kernel: The name of the kernel that it asks for, if it does.
        language: The language that it is in, as far as it says.
        skipped: Why it says that it is not to be executed; None when it does not.
    """

    path: str
    notebook: NotebookNode
    cells: tuple[Cell, ...]
    kernel: str | None
    language: str | None
    skipped: str | None


def read_page(root: Path, path: str, book: Book) -> Page | None:
    """Read a page.

    Args:
        root: The book's folder.
        path: The page's file.
        book: What the book says of its pages.

    Returns:
        The page; None when the file is prose only, or belongs to a notebook beside it.

    Raises:
        PageUnreadable: It is meant to be a notebook and is none.
    """
    file = root / path
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise PageUnreadable("The file is not UTF-8 text.") from None
    if file.suffix == ".ipynb":
        notebook = _read_notebook(text)
        return _page(path, notebook, _frontmatter(notebook), [])
    if file.with_suffix(".ipynb").is_file():
        return None  # jupytext's twin of that notebook
    if file.suffix == ".py":
        if not _SCRIPT.match(text):
            return None
        notebook = _read_script(text)
        return _page(path, notebook, {}, text.splitlines())
    if not _CODE_CELL.search(text) or not (book.configured or _HEADER.match(text)):
        return None
    notebook, settings = _read_markdown(text)
    notebook.metadata.update(
        {key: settings[key] for key in ("kernelspec", "language_info") if key in settings}
    )
    page = _page(path, notebook, settings, text.splitlines())
    return page if page.cells else None


def _read_notebook(text: str) -> NotebookNode:
    """A notebook of any version; JupyterLab opens those too that break nbformat's finer rules."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook: NotebookNode = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
        for cell in notebook.cells:
            if not isinstance(cell.source, str) or not isinstance(cell.cell_type, str):
                raise TypeError("a cell has no source")
            table(cell.metadata)
    except nbformat.reader.NotJSONError:
        raise PageUnreadable("The file is not JSON, so it is no notebook.") from None
    except Exception as error:  # nbformat goes through whatever the JSON holds, and trusts it
        raise PageUnreadable(f"The file is no notebook of Jupyter's: {_brief(error)}") from None
    return notebook


def _read_markdown(text: str) -> tuple[NotebookNode, dict[str, Any]]:
    """A page of MyST, and its frontmatter, which may be other than a notebook's metadata."""
    front = _FRONTMATTER.match(text)
    try:
        settings = table(yaml.safe_load(front[1])) if front else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook: NotebookNode = myst_to_notebook(text[front.end() :] if front else text)
    except (MystMetadataParsingError, nbformat.ValidationError, yaml.YAMLError) as error:
        raise PageUnreadable(f"The page's settings cannot be read: {_brief(error)}") from None
    return notebook, settings


def _read_script(text: str) -> NotebookNode:
    try:
        notebook: NotebookNode = jupytext.reads(text, fmt="py")
    except (ValueError, nbformat.ValidationError, yaml.YAMLError) as error:
        raise PageUnreadable(f"The page's settings cannot be read: {_brief(error)}") from None
    return notebook


def _brief(error: Exception) -> str:
    words = " ".join(str(error).split())
    return words if len(words) <= _WORDS else f"{words[:_WORDS]}…"


def _page(path: str, notebook: NotebookNode, settings: dict[str, Any], lines: list[str]) -> Page:
    metadata = notebook.metadata
    kernelspec = table(metadata.get("kernelspec"))
    kernel = kernelspec.get("name")
    language = kernelspec.get("language") or table(metadata.get("language_info")).get("name")
    return Page(
        path,
        notebook,
        tuple(_cells(notebook, lines)),
        kernel if isinstance(kernel, str) and kernel else None,
        language.lower() if isinstance(language, str) else None,
        "its own settings say not to execute" if not_to_run(settings) else None,
    )


def _cells(notebook: NotebookNode, lines: list[str]) -> list[Cell]:
    cells: list[Cell] = []
    begin = 0
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        code = cell.source.split("\n")
        line = next((i for i in range(begin, len(lines)) if lines[i : i + len(code)] == code), None)
        if line is not None:
            begin = line + len(code)
        tags = cell.metadata.get("tags") or []
        if isinstance(tags, str):  # jupytext keeps `:tags: one` as it is written
            cell.metadata["tags"] = tags = [tags]
        number = len(cells) + 1
        cells.append(
            Cell(number, index, cell.source, None if line is None else line + 1, tuple(tags))
        )
    return cells


def _frontmatter(notebook: NotebookNode) -> dict[str, Any]:
    """MyST reads the frontmatter of a notebook from its first cell."""
    first = notebook.cells[0] if notebook.cells else None
    front = _FRONTMATTER.match(first.source) if first and first.cell_type == "markdown" else None
    try:
        return table(yaml.safe_load(front[1])) if front else {}
    except yaml.YAMLError:
        return {}
