"""What an author is shown of a file that changes."""

from __future__ import annotations

import difflib
import re
from typing import NamedTuple

# Characters of a line that are shown; a line of a minified file may be the whole file.
_WIDTH = 200
# Between two tags, and behind a comma.
_JOINTS = re.compile(r"(?<=>)(?=<)|(?<=,)(?=\s*\S)")
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class _Piece(NamedTuple):
    line: int  # from 1
    text: str


def difference(name: str, before: bytes, after: bytes) -> str:
    """A unified difference, in which a minified file's lines are cut where tags and lists let it.

    Args:
        name: The file's.
        before: What is in it.
        after: What will be in it.

    Returns:
        Lines, each with its end; the numbers in the hunks' heads are those of the file's own lines.
    """
    old, new = _pieces(before), _pieces(after)
    texts, new_texts = ([piece.text for piece in pieces] for pieces in (old, new))
    lines = difflib.unified_diff(texts, new_texts, name, name, lineterm="", n=2)
    return "".join(f"{_short(_in_lines(line, old, new))}\n" for line in lines)


def _pieces(content: bytes) -> list[_Piece]:
    return [
        _Piece(number, piece)
        for number, line in enumerate(content.decode(errors="replace").splitlines(), 1)
        for piece in (_JOINTS.split(line) if len(line) > _WIDTH else (line,))
    ]


def _in_lines(line: str, old: list[_Piece], new: list[_Piece]) -> str:
    """A hunk's head, which counts pieces, in lines; other lines as they are."""
    found = _HUNK.fullmatch(line)
    if not found:
        return line
    begin, count, new_begin, new_count = (int(each or 1) for each in found.groups())
    return f"@@ -{_range(old, begin, count)} +{_range(new, new_begin, new_count)} @@"


def _range(pieces: list[_Piece], begin: int, count: int) -> str:
    if count == 0:  # the place behind a line
        return f"{pieces[begin - 1].line if begin else 0},0"
    first, last = pieces[begin - 1].line, pieces[begin + count - 2].line
    return f"{first},{last - first + 1}"


def _short(line: str) -> str:
    half = _WIDTH // 2
    return line if len(line) <= _WIDTH else f"{line[:half]} … {line[-half:]}"
