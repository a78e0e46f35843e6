"""Requirements that stand in a file of another kind, as a file that uv reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_NAME = ".hubroam-requirements.txt"


@contextmanager
def as_file(lines: Iterable[str], beside: Path) -> Iterator[str]:
    """Write requirements into the folder from which their own paths begin, for as long as needed.

    Args:
        lines: As in a requirements file.
        beside: The file of a checkout that they stand in.

    Yields:
        The name of the file in that folder, where uv is to run.
    """
    path = beside.parent / _NAME
    path.unlink(missing_ok=True)  # a repository may have a link of that name
    with path.open("x", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
    try:
        yield path.name
    finally:
        path.unlink()
