"""A read-only view of a repository's files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from hubroam.errors import PathNotFound, RecipeError

_PASSED_OVER = {".git", ".venv", "__pycache__", "node_modules"}


class Files(Protocol):
    """The files of a repository at one commit."""

    def names(self) -> Sequence[str]:
        """Every file, as a path with ``/``, sorted."""
        ...

    def read(self, name: str) -> bytes:
        """The bytes of a file; KeyError when there is none."""
        ...

    def blob(self, name: str) -> str:
        """Git's name for a file's content; KeyError when there is none."""
        ...

    def digest(self, prefix: str = "") -> str:
        """What identifies a folder's content (``""``: of all); KeyError when there is none."""
        ...


class DirectoryFiles:
    """The files of a folder, as they are now.

    Args:
        root: The folder.  Links that lead out of it are passed over.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._names = sorted(self._walk())

    def _walk(self) -> Iterator[str]:
        for folder, folders, names in os.walk(self._root):
            folders[:] = [name for name in folders if name not in _PASSED_OVER]
            for name in names:
                path = Path(folder, name)
                if path.is_file() and path.resolve().is_relative_to(self._root):
                    yield path.relative_to(self._root).as_posix()

    def names(self) -> Sequence[str]:
        """Every file, sorted."""
        return self._names

    def read(self, name: str) -> bytes:
        """The bytes of a file.

        Raises:
            KeyError: There is no such file.
            RecipeError: It cannot be read.
        """
        if name not in self._names:
            raise KeyError(name)
        try:
            return (self._root / name).read_bytes()
        except OSError:
            raise RecipeError(
                f"{name} cannot be read.", next_step="Check the file's permissions."
            ) from None

    def blob(self, name: str) -> str:
        """Git's name for a file's content; KeyError when there is none."""
        return _blob_id(self.read(name))

    def digest(self, prefix: str = "") -> str:
        """A digest of all that is below a folder.

        Raises:
            KeyError: There is no such file or folder.
        """
        return tree_digest(((name, self.blob(name)) for name in self._names), prefix)


class FolderFiles:
    """The files below a folder of a repository, as if that folder were a repository of its own.

    Nothing outside of it is read: as with ``repo2docker --subdir``, no path of a recipe leaves it,
    and what lies outside decides nothing.

    Args:
        files: The repository's files.
        folder: A folder of it; a symbolic link to one is none.

    Raises:
        PathNotFound: There is no such folder, or nothing is in it.
    """

    def __init__(self, files: Files, folder: str) -> None:
        self._files = files
        self._prefix = f"{folder.strip('/')}/"
        length = len(self._prefix)
        self._names = [n[length:] for n in files.names() if n.startswith(self._prefix)]
        if not self._names:
            raise PathNotFound(
                f"There is no folder {folder} to read a recipe from.",
                next_step="Correct the recipe's folder: it starts at the repository's root.",
            )

    def names(self) -> Sequence[str]:
        """Every file, sorted, without the folder before it."""
        return self._names

    def read(self, name: str) -> bytes:
        """The bytes of a file; KeyError when there is none."""
        return self._files.read(self._prefix + name)

    def blob(self, name: str) -> str:
        """Git's name for a file's content; KeyError when there is none."""
        return self._files.blob(self._prefix + name)

    def digest(self, prefix: str = "") -> str:
        """A digest of all that is below a folder: the same wherever the recipe's folder is.

        Raises:
            KeyError: There is no such file or folder.
        """
        inside = (
            n for n in self._names if not prefix or f"{n}/".startswith(f"{prefix.strip('/')}/")
        )
        return tree_digest(((name, self.blob(name)) for name in inside), prefix)


@contextmanager
def naming(folder: str) -> Iterator[None]:
    """Say of a recipe that cannot be read in which folder it is; of the root's nothing."""
    try:
        yield
    except RecipeError as error:
        if folder:
            error.message = f"In {folder}: {error.message}"
        raise


def tree_digest(blobs: Iterable[tuple[str, str]], prefix: str) -> str:
    """A digest of the files below a folder, the same for a folder and for a commit of it.

    Args:
        blobs: Every file's name, sorted, and git's name for its content.
        prefix: A file or folder; empty for all.

    Raises:
        KeyError: There is no such file or folder.
    """
    prefix = prefix.strip("/")
    total, found = hashlib.sha256(), not prefix
    for name, blob in blobs:
        if not prefix or name == prefix or name.startswith(f"{prefix}/"):
            found = True
            total.update(f"{name}\0{blob}\n".encode(errors="surrogateescape"))
    if not found:
        raise KeyError(prefix)
    return total.hexdigest()


def _blob_id(content: bytes) -> str:
    # git's name for a content; what it is used for here asks for no resistance to collisions
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
