"""What an archive holds, under the rules that keep it inside of its folder.

Nothing of an archive is ever unpacked into a folder: its files go from the archive straight into
git's objects (`hubroam.providers.archives.importing`).  So only what could do harm when git
checks them out has to be refused here, and all of it is refused before anything is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from hubroam.errors import RepositoryRefused
from hubroam.providers.commit import destination

FILE: Final = "100644"
PROGRAM: Final = "100755"
LINK: Final = "120000"

# The modes of git's trees.
Mode = Literal["100644", "100755", "120000"]

# Bytes of a name on every file system in use, and of a path below a session's folder.
_LONGEST_NAME, _LONGEST_PATH = 255, 1024
# git checks out none of these, whatever the file system (core.protectNTFS is on everywhere).
_REPOSITORY = re.compile(r"(\.git|git~1)[ .]*(:.*)?", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:[/\\]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_SHOWN = 80


@dataclass(frozen=True)
class Entry:
    """One file or symbolic link.

    Attributes:
        path: Where, below the archive's folder; `cleaned` once `arranged` has seen it.
        size: Bytes of its content, as the archive says.
        blocks: Reads the content.
        mode: What it is.
        target: Where it leads, of a link.
    """

    path: str
    size: int
    blocks: Callable[[], Iterator[bytes]]
    mode: Mode = FILE
    target: str = ""


@dataclass(frozen=True)
class Limits:
    """How much one record may be.

    Attributes:
        size: Bytes, as it is downloaded and again as it is unpacked.
        files: How many.
    """

    size: int
    files: int

    def check_size(self, size: int, what: str, before: int = 0) -> None:
        """Refuse what is too large.

        Args:
            size: Bytes of a part.
            what: The whole, as the beginning of a sentence.
            before: Bytes of the parts before it.

        Raises:
            RepositoryRefused: It is.
        """
        if before + size > self.size:
            raise RepositoryRefused(
                f"{what} is larger than this hub allows: {size_text(self.size)}.",
                next_step="Launch a smaller record, or ask the people who run this hub.",
            )

    def check_files(self, count: int, what: str) -> None:
        """Refuse what has too many files.

        Raises:
            RepositoryRefused: It has.
        """
        if count > self.files:
            raise RepositoryRefused(
                f"{what} holds more than the {self.files} files that this hub allows.",
                next_step="Launch a smaller record, or ask the people who run this hub.",
            )


def size_text(size: int) -> str:
    """Bytes, for people."""
    amount, unit = float(size), "bytes"
    for larger in ("kB", "MB", "GB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{amount:.3g} {unit}" if amount < 1000 else f"{amount:.0f} {unit}"


def shown(name: str) -> str:
    """A name that a stranger wrote, fit to stand in a sentence."""
    text = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in name)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"


def cleaned(path: str, what: str) -> str:
    """A path as git has it: parts joined by ``/``, none of them empty, ``.`` or ``..``.

    Args:
        path: As the archive has it.
        what: The archive, as the beginning of a sentence.

    Returns:
        The path; empty for what is left out, which is a repository of git's own.

    Raises:
        RepositoryRefused: It leads out of the archive, or could not be written everywhere.
    """
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or _DRIVE.match(path) or ".." in parts:
        raise _refused(what, path, "which would be written outside of it")
    if _CONTROLS.search(path) or "\\" in path or not parts:
        raise _refused(what, path, "which is no name of a file")
    name = "/".join(parts)
    if len(_bytes(name)) > _LONGEST_PATH or any(len(_bytes(p)) > _LONGEST_NAME for p in parts):
        raise _refused(what, path, "whose name is too long")
    return "" if any(_REPOSITORY.fullmatch(part) for part in parts) else name


def arranged(
    entries: Sequence[Entry], limits: Limits, what: str, *, strip: bool = False
) -> list[Entry]:
    """Put an archive's entries in order, and refuse what must not be unpacked.

    Of two entries of one path the later wins, as in every program that unpacks.

    Args:
        entries: As the archive has them.
        limits: How much they may be.
        what: The archive, as the beginning of a sentence.
        strip: Whether a single folder at the top is left out of the paths, as repo2docker does.

    Raises:
        RepositoryRefused: An entry leads out of the archive, or there is too much of them.
    """
    limits.check_files(len(entries), what)
    limits.check_size(sum(each.size for each in entries), what)
    found: dict[str, Entry] = {}
    for entry in entries:
        if path := cleaned(entry.path, what):
            found[path] = replace(entry, path=path)
    if strip:
        found = _stripped(found)
    _check_folders(found, what)
    _check_links(found, what)
    return list(found.values())


def _stripped(found: dict[str, Entry]) -> dict[str, Entry]:
    tops = {path.partition("/")[0] for path in found}
    if len(tops) != 1 or tops & found.keys():
        return found
    shorter = {path.partition("/")[2]: entry for path, entry in found.items()}
    return {path: replace(entry, path=path) for path, entry in shorter.items()}


def _check_folders(found: dict[str, Entry], what: str) -> None:
    """Refuse a file, or a link, that is a folder too.

    Raises:
        RepositoryRefused: There is one.
    """
    for path in found:
        folder = path.rpartition("/")[0]
        while folder:
            if folder in found:
                raise _refused(what, path, f"and {shown(folder)} is a file there too")
            folder = folder.rpartition("/")[0]


def _check_links(found: dict[str, Entry], what: str) -> None:
    """Refuse links that lead out of the archive, by whatever other links on their way.

    Raises:
        RepositoryRefused: There is one.
    """
    links = {path: entry.target for path, entry in found.items() if entry.mode == LINK}
    for path, target in links.items():
        if not destination(path, links) or _CONTROLS.search(target):
            raise _refused(what, path, "a link that leads out of it")
        if path.casefold() == ".gitmodules":  # git does not check out such a link
            raise _refused(what, path, "a link where git wants a file")


def _refused(what: str, path: str, why: str) -> RepositoryRefused:
    return RepositoryRefused(
        f"{what} holds {shown(path)}, {why}.",
        next_step="Tell its author to pack it anew, without this entry.",
    )


def _bytes(name: str) -> bytes:
    return name.encode(errors="surrogateescape")
