"""Adds an item to a list in a YAML file, and takes it out, leaving every other byte as it is.

ruamel.yaml reads the file and says where things stand; the text itself is changed by hand, since
even a writer that keeps comments makes quotes, indents and line ends its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from hubroam.errors import BookError

MARK = "# added by hubroam"


def add_item(text: str, keys: Sequence[str], item: str, file: Path) -> str:
    """The file with the item in the list that the keys lead to; as it was when it is there.

    Args:
        text: The file.
        keys: From the top to the list; what is missing is made, and marked as ours.
        item: A plain word.
        file: For errors.

    Raises:
        BookError: The file cannot be read, or there is something else than a list.
    """
    added = _added(text, keys, item, file)
    here = _at(added, keys, file)
    if not isinstance(here, CommentedSeq) or item not in here:
        raise _by_hand(file, keys, item)
    return added


def _added(text: str, keys: Sequence[str], item: str, file: Path) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    here = _load(text, file)
    if here is None:
        return _append(text, _block(keys, item, "", end), end)
    lines = _lines(text)
    for depth, key in enumerate(keys):
        value = here.get(key) if isinstance(here, CommentedMap) else None
        if not isinstance(here, CommentedMap) or here.fa.flow_style():
            raise _by_hand(file, keys, item)
        if key not in here:
            indent = " " * here.lc.key(next(iter(here)))[1]
            block = _block(keys[depth:], item, indent, end)
            if depth == 0:
                return _append(text, block, end)
            first = here.lc.key(next(iter(here)))[0]
            return _insert(lines, first, block)
        line, column = here.lc.key(key)
        if value is None:
            if not re.fullmatch(r"[^#]*:\s*(#.*)?", lines[line].strip()):
                raise _by_hand(file, keys, item)
            block = _block(keys[depth + 1 :], item, " " * (column + 2), end)
            return _insert(lines, line + 1, block)
        here = value
    if not isinstance(here, CommentedSeq):
        raise _by_hand(file, keys, item)
    if item in here:
        return text
    line, column = here.lc.line, here.lc.col
    if lines[line][column] == "[":
        rest = lines[line][column + 1 :]
        lines[line] = f"{lines[line][: column + 1]}{item}{', ' if here else ''}{rest}"
        return "".join(lines)
    first = here.lc.item(0)[0]
    dash = lines[first].index("-")
    return _insert(lines, first, f"{lines[first][:dash]}- {item}{end}")


def remove_item(text: str, keys: Sequence[str], item: str, file: Path) -> str:
    """The file without the item, and without the keys that were made for it if nothing is in them.

    Raises:
        BookError: The file cannot be read, or the item is written in another form than ours.
    """
    here = _at(text, keys, file)
    if not isinstance(here, CommentedSeq) or item not in here:
        return text
    removed = _removed(text, keys, item, here)
    left = [each for each in here if each != item]
    if (_at(removed, keys, file) or []) != left:
        raise BookError(
            f"{item} in {file} is not written as it had been added.",
            next_step="Take it out by hand.",
        )
    return removed


def _removed(text: str, keys: Sequence[str], item: str, here: CommentedSeq) -> str:
    lines = _lines(text)
    line, column = here.lc.item(here.index(item))
    if here.fa.flow_style():
        after = re.sub(r"^,[ \t]*", "", lines[line][column + len(item) :])
        before = lines[line][:column]
        if after.lstrip().startswith("]"):
            before = re.sub(r",[ \t]*$", "", before)
        lines[line] = before + after
        return "".join(lines)
    del lines[line]
    for key in reversed(keys):
        line = _marked(lines, key, line)
        if line < 0:
            break
        indent = _indent(lines[line])
        following = next((text for text in lines[line + 1 :] if text.strip()), "")
        if following and (
            _indent(following) > indent
            or (_indent(following) == indent and following.lstrip().startswith("- "))
        ):  # the author put something into it: it is the author's now
            lines[line] = re.sub(rf"[ \t]*{MARK}", "", lines[line])
        else:
            del lines[line]
    done = "".join(lines)
    # a file that ended without a line end had been given one
    return done if text.endswith("\n") else done.removesuffix("\n").removesuffix("\r")


def _marked(lines: list[str], key: str, below: int) -> int:
    """The line of a key above another that was made by us; -1 if it was not."""
    for number in range(min(below, len(lines)) - 1, -1, -1):
        if re.match(rf"\s*{re.escape(key)}:", lines[number]):
            return number if MARK in lines[number] else -1
    return -1


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _block(keys: Sequence[str], item: str, indent: str, end: str) -> str:
    made = []
    for key in keys:
        made.append(f"{indent}{key}:  {MARK}{end}")
        indent += "  "
    return "".join([*made, f"{indent}- {item}{end}"])


def _append(text: str, block: str, end: str) -> str:
    if text and not text.endswith("\n"):  # and ends so again, by which the way back is known
        return f"{text}{end}{block.removesuffix(end)}"
    return text + block


def _insert(lines: list[str], number: int, block: str) -> str:
    before, after = "".join(lines[:number]), "".join(lines[number:])
    return (
        before + block + after
        if after or before.endswith("\n")
        else _append(before, block, "\r\n" if block.endswith("\r\n") else "\n")
    )


def _load(text: str, file: Path) -> Any:
    try:
        return YAML().load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BookError(
            f"{file}:{line} is not YAML: {error.problem}.", next_step="Mend that line first."
        ) from None
    except YAMLError:
        raise BookError(f"{file} is not YAML.", next_step="Mend the file first.") from None


def _at(text: str, keys: Sequence[str], file: Path) -> Any:
    """What the keys lead to; None where they lead nowhere."""
    here = _load(text, file)
    for key in keys:
        here = here.get(key) if isinstance(here, CommentedMap) else None
    return here


def _by_hand(file: Path, keys: Sequence[str], item: str) -> BookError:
    return BookError(
        f"{'.'.join(keys)} in {file} is not a list in a form that can be extended safely.",
        next_step=f"Add {item} to it by hand.",
    )
