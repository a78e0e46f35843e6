"""Adds an extension to Sphinx's ``conf.py``, and takes it out, leaving every other byte as it is.

``conf.py`` is a program, and is never run: Python's own parser says where things stand.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from hubroam.book.adding.yamltext import MARK
from hubroam.errors import BookError

NAME = "hubroam.book.sphinx"


def add_extension(text: str, file: Path) -> str:
    """The file with our extension; as it was when it is there.

    Raises:
        BookError: It is no Python, or only running it would tell what its extensions are.
    """
    tree = _parse(text, file)
    if _ours(tree):
        return text
    end = "\r\n" if "\r\n" in text else "\n"
    found = _list(tree)
    if found is None:
        return _append(text, tree, file, end)
    offset = _Offsets(text)
    start = offset.of(found.lineno, found.col_offset) + 1
    if not found.elts:
        return f'{text[:start]}"{NAME}"{text[start:]}'
    first = offset.of(found.elts[0].lineno, found.elts[0].col_offset)
    quote = text[first] if text[first] in "\"'" else '"'
    if found.elts[0].lineno == found.lineno:
        return f"{text[:first]}{quote}{NAME}{quote}, {text[first:]}"
    line = text.rindex("\n", 0, first) + 1
    return f"{text[:line]}{text[line:first]}{quote}{NAME}{quote},{end}{text[line:]}"


def remove_extension(text: str, file: Path) -> str:
    """The file without our extension.

    Raises:
        BookError: It is no Python.
    """
    node = _ours(_parse(text, file))
    if node is None:
        return text
    offset = _Offsets(text)
    start = offset.of(node.lineno, node.col_offset)
    stop = offset.of(node.end_lineno or node.lineno, node.end_col_offset or 0)
    line = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", stop)
    line_end = len(text) if line_end < 0 else line_end + 1
    whole = text[line:line_end]
    if MARK in whole and whole.startswith("extensions = ["):
        if whole.endswith("\n"):
            return text[:line] + text[line_end:]
        return re.sub(r"\r?\n\Z", "", text[:line])  # the file had ended without a line end
    if re.fullmatch(r"\s*,?\s*", text[line:start] + text[stop:line_end]):
        return text[:line] + text[line_end:]
    after = re.sub(r"^\s*,[ \t]*", "", text[stop:])
    before = text[:start]
    if after == text[stop:]:  # no comma behind it: it is the last one
        before = re.sub(r",[ \t]*\Z", "", before)
    return before + after


class _Offsets:
    """From the parser's lines and columns, which count bytes, to places in the text."""

    def __init__(self, text: str) -> None:
        self._lines = re.split(r"(?<=\n)", text)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def of(self, line: int, column: int) -> int:
        before = self._lines[line - 1].encode()[:column].decode()
        return self._starts[line - 1] + len(before)


def _ours(tree: ast.Module) -> ast.Constant | None:
    return next(
        (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and n.value == NAME), None
    )


def _list(tree: ast.Module) -> ast.List | None:
    """The last list that the top of the file gives to ``extensions``, if that is what it is."""
    given: ast.expr | None = None
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names = {t.id for t in targets if isinstance(t, ast.Name)}
        if "extensions" in names and isinstance(node, ast.Assign | ast.AnnAssign):
            given = node.value
    return given if isinstance(given, ast.List) else None


def _append(text: str, tree: ast.Module, file: Path, end: str) -> str:
    """A line at the end of the file."""
    bound = any(isinstance(n, ast.Name) and n.id == "extensions" for n in ast.walk(tree))
    if not bound and any(
        isinstance(n, ast.ImportFrom) and n.names[0].name == "*" for n in ast.walk(tree)
    ):
        raise BookError(
            f"{file} takes its settings from another file.",
            next_step=f'Add "{NAME}" to its extensions by hand.',
        )
    items = f'*extensions, "{NAME}"' if bound else f'"{NAME}"'
    line = f"extensions = [{items}]  {MARK}"
    return f"{text}{end}{line}" if text and not text.endswith("\n") else f"{text}{line}{end}"


def _parse(text: str, file: Path) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise BookError(
            f"{file}:{line} is not Python that can be read.", next_step="Mend that line first."
        ) from None
