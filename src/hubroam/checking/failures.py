"""What went wrong in a kernel, in words for the author."""

from __future__ import annotations

import re
import signal
from typing import Any

from hubroam.checking.pages import Cell
from hubroam.checking.report import PageError

_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
# How IPython marks the line of a cell that failed: with an arrow, and for what is not Python by
# its number only.
_ARROW = re.compile(r"^-+> *(\d+)(?: |$)", re.MULTILINE)
_LINE = re.compile(r"(?:Cell In\[\d+\]|<ipython-input[^>]*>|File .*), line (\d+)")
# Characters of an error's own words that are shown, and of what a kernel says that does not start.
_WORDS, _SAID = 500, 5000


def cell_failed(cell: Cell, reply: dict[str, Any]) -> PageError:
    """A cell's exception, without colours, and where it was raised.

    Args:
        cell: The cell.
        reply: The content of the kernel's ``execute_reply``.
    """
    lines = cell.source.split("\n")
    traceback = _ANSI.sub("", "\n".join(reply.get("traceback") or [])).strip()
    found = _ARROW.search(traceback) or _LINE.search(traceback)
    number = int(found[1]) if found else 0
    inside = 0 < number <= len(lines)
    name = _ANSI.sub("", str(reply.get("ename", "Error")))
    words = _one_line(_ANSI.sub("", str(reply.get("evalue", ""))))
    missing = None
    if name == "ModuleNotFoundError" and (match := re.search(r"'([\w.]+)'", words)):
        missing = match[1].split(".")[0]
    return PageError(
        f"{name}: {words}" if words else name,
        "Add the package to the recipe; see the findings."
        if missing
        else "Correct the cell, or tag it raises-exception if it is meant to fail.",
        cell.number,
        cell.line + (number - 1 if inside else 0) if cell.line is not None else None,
        lines[number - 1].strip() if inside else None,
        traceback,
        missing,
    )


def kernel_died(status: int | None) -> PageError:
    """A kernel that ended by itself.

    Args:
        status: Its exit status, below zero for a signal's number.
    """
    by = f" ({signal.Signals(-status).name})" if status and status < 0 else ""
    return PageError(
        f"The kernel died{by}.",
        "See what the cell does outside of Python: too much memory, or a crash in a library.",
    )


def kernel_did_not_start(kernel: str, said: str, error: Exception) -> PageError:
    """A kernel that never answered.

    Args:
        kernel: Its name.
        said: What it wrote to its outputs.
        error: What jupyter_client says.
    """
    said = _ANSI.sub("", said).strip()
    reason = _one_line(said.splitlines()[-1] if said else str(error))
    return PageError(
        f"The kernel {kernel} did not start: {reason}",
        "See that the recipe brings all that the kernel needs.",
        traceback=said[-_SAID:] or None,
    )


def _one_line(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _WORDS else f"{words[:_WORDS]}…"
