"""Which pages a book has, as the tool that makes the book sees it.

``myst.yml`` (`project.toc`, `project.exclude`), ``_toc.yml`` and ``_config.yml`` of Jupyter Book 1
(sphinx-external-toc), and ``conf.py`` of Sphinx, which is a program: only plain values are read
from it, and it is never run. Where there is no table of contents, every notebook is a page.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from hubroam.checking.report import Finding

#: What a page may be written as.
SUFFIXES = (".ipynb", ".md", ".myst", ".py")

# Folders of tools, and of the recipe; hidden ones are passed over too.
_NO_PAGES = {"_build", "_site", "__pycache__", "binder", "node_modules", "site-packages"}


@dataclass
class Book:
    """What a book's configuration says of its pages.

    Attributes:
        pages: Files that may be pages, in the book's order.
        listed: Whether a table of contents names them.
        configured: Whether a tool's configuration is there, so that any Markdown may be a page.
        allow_errors: Whether cells may fail.
        excluded: For each page that the author does not want to be run, why.
        findings: What is wrong with the configuration.
    """

    pages: list[str] = field(default_factory=list)
    listed: bool = False
    configured: bool = False
    allow_errors: bool = False
    excluded: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read_book(root: Path) -> Book:
    """Find the pages of a book.

    Args:
        root: The folder of the book.
    """
    return _Reader(root).read()


class _Reader:
    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._book = Book()

    def read(self) -> Book:
        book = self._book
        project = table(self._yaml("myst.yml").get("project"))
        config = self._yaml("_config.yml")
        sphinx = self._sphinx()
        book.configured = bool(project or config or sphinx)
        execute = table(config.get("execute"))
        left_out = [
            *texts(project.get("exclude")),
            *texts(config.get("exclude_patterns")),
            *texts(sphinx.get("exclude_patterns")),
        ]
        book.allow_errors = bool(
            execute.get("allow_errors") or sphinx.get("nb_execution_allow_errors")
        )
        contents = project.get("toc") or self._yaml("_toc.yml")
        book.listed = bool(contents) and isinstance(contents, list | dict)
        found = self._named(contents) if book.listed else self._walk()
        book.pages = [
            page for page in dict.fromkeys(found) if book.listed or not _matches(page, left_out)
        ]
        not_run = {
            "_config.yml": texts(execute.get("exclude_patterns")),
            "conf.py": texts(sphinx.get("nb_execution_excludepatterns")),
        }
        for page in book.pages:
            for source, patterns in not_run.items():
                if _matches(page, patterns):
                    book.excluded[page] = f"{source} excludes it from execution"
            if not_to_run(project):
                book.excluded[page] = "myst.yml says not to execute"
        return book

    def _yaml(self, name: str) -> dict[str, Any]:
        """A configuration file; empty when there is none, or it cannot be read."""
        path = self._root / name
        if not path.is_file():
            return {}
        try:
            return table(yaml.safe_load(path.read_bytes()))
        except (yaml.YAMLError, UnicodeError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            self._complain(
                f"{name} is not YAML: {getattr(error, 'problem', None) or 'it cannot be read'}.",
                name,
                mark.line + 1 if mark else None,
            )
            return {}

    def _sphinx(self) -> dict[str, Any]:
        """The plain values that ``conf.py`` assigns."""
        path = self._root / "conf.py"
        if not path.is_file():
            return {}
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError) as error:
            self._complain("conf.py is not Python.", "conf.py", getattr(error, "lineno", None))
            return {}
        values = {}
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                try:
                    values[node.targets[0].id] = ast.literal_eval(node.value)
                except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                    continue
        return values

    def _complain(self, message: str, path: str, line: int | None = None) -> None:
        self._book.findings.append(
            Finding("book-unreadable", "fault", message, "Correct the file.", path, line)
        )

    def _named(self, contents: Any) -> Iterator[str]:
        """The files that a table of contents names, in its order."""
        if isinstance(contents, list):
            for entry in contents:
                yield from self._named(entry)
        if not isinstance(contents, dict):
            return
        for key, value in contents.items():
            if key in ("file", "root") and isinstance(value, str):
                yield from self._file(value)
            elif key in ("pattern", "glob") and isinstance(value, str):
                yield from (page for page in self._walk() if _matches(page, [value]))
            else:
                yield from self._named(value)

    def _file(self, name: str) -> Iterator[str]:
        path = self._root / name
        choices = [path, *(path.with_name(path.name + suffix) for suffix in SUFFIXES)]
        for choice in choices:
            if choice.is_file() and choice.resolve().is_relative_to(self._root):
                if choice.suffix in SUFFIXES:
                    yield choice.resolve().relative_to(self._root).as_posix()
                return
        if not any(path.parent.glob(f"{path.name}.*")):
            self._book.findings.append(
                Finding(
                    "page-not-there",
                    "fault",
                    f"The table of contents names {name[:200]}, which is not in the book.",
                    "Add the file, or take it out of the table of contents.",
                    name,
                )
            )

    def _walk(self) -> Iterator[str]:
        for where, folders, names in os.walk(self._root):
            folders[:] = sorted(
                name
                for name in folders
                if not name.startswith(".")
                and name not in _NO_PAGES
                and not Path(where, name, "pyvenv.cfg").exists()
            )
            for name in sorted(names):
                if name.endswith(SUFFIXES) and not name.startswith("."):
                    yield Path(where, name).relative_to(self._root).as_posix()


def table(value: Any) -> dict[str, Any]:
    """A value of YAML as a table, which is empty when it is anything else."""
    return value if isinstance(value, dict) else {}


def texts(value: Any) -> list[str]:
    """The texts of a list of YAML's, or one that stands alone."""
    values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return [text for text in values if isinstance(text, str)]


def not_to_run(settings: dict[str, Any]) -> bool:
    """Whether MyST's settings, of a book or a page, say not to execute."""
    return bool(
        settings.get("skip_execution") or table(settings.get("execute")).get("skip") is True
    )


def _matches(page: str, patterns: list[str]) -> bool:
    """Whether one of Sphinx's patterns takes a page: by its path, its name, or a folder of it."""
    path = PurePosixPath(page)
    above = [str(folder) for folder in path.parents][:-1]
    return any(
        fnmatch(name, pattern.removeprefix("./").replace("**/", "").rstrip("/"))
        or fnmatch(name, pattern)
        for pattern in patterns
        for name in (page, path.name, *above)
    )
