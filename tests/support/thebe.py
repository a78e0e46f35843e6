"""thebe-core as npm has it."""

from __future__ import annotations

import mimetypes
import tarfile
from collections.abc import Callable
from pathlib import Path

from support.node import run_node
from support.website import Answer


def fetch_thebe(folder: Path) -> Path:
    """Unpack thebe-core into a folder; returns its ``dist/lib``, without what it was built from."""
    packed = run_node("npm", "pack", "--silent", "thebe-core@0.5.0", folder=folder).strip()
    with tarfile.open(folder / packed) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package" / "dist" / "lib"


def with_thebe(
    answers: Callable[[str], Answer | None], thebe: Path
) -> Callable[[str], Answer | None]:
    """The answers of a site that has thebe-core's files below ``/thebe/``."""

    def answer(path: str) -> Answer | None:
        if not path.startswith("/thebe/"):
            return answers(path)
        file = thebe / path.removeprefix("/thebe/")
        kind = mimetypes.guess_type(file)[0] or "application/octet-stream"
        return Answer(file.read_bytes(), kind) if file.is_file() else None

    return answer
