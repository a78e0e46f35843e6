"""How the files of a record become those of a repository, as repo2docker lays them out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from hubroam.providers.archives.entries import Entry, Limits, arranged
from hubroam.providers.archives.unpacking import file_entry, is_zip, tar_entries, zip_entries


@dataclass(frozen=True)
class Download:
    """A file of a record that is here now.

    Attributes:
        path: Its path in the record.
        here: Where it is.
    """

    path: str
    here: Path


Layout = Callable[[Sequence[Download], Limits, str], AbstractContextManager[list[Entry]]]
"""Takes downloads, limits and what the record is called; gives what the repository holds."""


@contextmanager
def as_they_are(downloads: Sequence[Download], limits: Limits, what: str) -> Iterator[list[Entry]]:
    """Every file in its place."""
    yield arranged([file_entry(each.here, each.path) for each in downloads], limits, what)


@contextmanager
def one_zip_unpacked(
    downloads: Sequence[Download], limits: Limits, what: str
) -> Iterator[list[Entry]]:
    """A zip that is a record's only file is unpacked, without the single folder at its top."""
    if len(downloads) == 1 and is_zip(downloads[0].here):
        with zip_entries(downloads[0].here, limits, what) as entries:
            yield arranged(entries, limits, what, strip=True)
    else:
        with as_they_are(downloads, limits, what) as entries:
            yield entries


@contextmanager
def one_named_zip_unpacked(
    downloads: Sequence[Download], limits: Limits, what: str
) -> Iterator[list[Entry]]:
    """As `one_zip_unpacked`, when the zip's name says what it is."""
    named = len(downloads) == 1 and downloads[0].path.endswith(".zip")
    layout = one_zip_unpacked if named else as_they_are
    with layout(downloads, limits, what) as entries:
        yield entries


@contextmanager
def bag(downloads: Sequence[Download], limits: Limits, what: str) -> Iterator[list[Entry]]:
    """HydroShare's bag (RFC 8493, zipped): what is in ``<id>/data/contents/``."""
    with zip_entries(downloads[0].here, limits, what) as entries:
        parts = [(entry, entry.path.split("/", 3)) for entry in entries]
        kept = [
            replace(entry, path=names[3])
            for entry, names in parts
            if len(names) == 4 and names[1:3] == ["data", "contents"]
        ]
        yield arranged(kept, limits, what)


@contextmanager
def tarball(downloads: Sequence[Download], limits: Limits, what: str) -> Iterator[list[Entry]]:
    """A gzipped tar archive, without the single folder at its top."""
    with tar_entries(downloads[0].here, limits, what) as entries:
        yield arranged(entries, limits, what, strip=True)
