"""A session's folder before its files have come: a server may start there, and knows no difference.

That holds while nothing of the repository is read at a start, which `reads_at_start` tells.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from hubroam.errors import RepositoryError

# In a session's home: what Jupyter, IPython and Python itself read, or write, when they start.
_HOME = (".jupyter/", ".ipython/", ".local/", ".config/", ".cache/")
# In the folder in which a server or a kernel starts.
_SETTINGS = re.compile(r"(jupyter|ipython)[^/]*config.*")


def reads_at_start(names: Iterable[str], notebook: str) -> bool:
    """Whether a server or a kernel may read one of a repository's files when it starts.

    Args:
        names: The repository's files.
        notebook: The notebook whose kernel starts with the server; empty for none.
    """
    folders = {"", f"{notebook.rpartition('/')[0]}/" if "/" in notebook else ""}
    return any(
        name.startswith(_HOME)
        or any(
            name.startswith(folder) and _is_read(name.removeprefix(folder)) for folder in folders
        )
        for name in names
    )


def _is_read(name: str) -> bool:
    """Whether a file is one of settings, or stands for a module of Python's own."""
    if _SETTINGS.match(name):
        return True
    module, _, rest = name.partition("/")
    if rest:
        return rest == "__init__.py" and module in sys.stdlib_module_names
    return name.endswith(".py") and name.removesuffix(".py") in sys.stdlib_module_names


@dataclass(frozen=True)
class Outline:
    """What is there of a session's files when its server starts: the notebook that it opens at.

    Attributes:
        notebook: Its path; empty for none.
        content: Its bytes, as they were in the last commit: they name its kernel.
    """

    notebook: str = ""
    content: bytes = b""

    def lay(self, target: Path) -> None:
        """Make the folder.

        Args:
            target: Must not exist.
        """
        target.mkdir()
        if self.notebook:
            path = target / self.notebook
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.content)

    def fill(self, files: Path, target: Path) -> None:
        """Move everything into the folder, whose programs stay where they are.

        Args:
            files: A whole checkout, on the same disk; nothing is left of it.
            target: The folder.

        Raises:
            RepositoryError: The session has a file of its own in the place of one.
        """
        with _folder(files) as source, _folder(target) as goal:
            self._move(source, goal, PurePosixPath(self.notebook).parts)
        files.rmdir()

    def _move(self, source: int, goal: int, ours: tuple[str, ...]) -> None:
        """Move a folder's entries.

        Args:
            source: From this folder, a descriptor.
            goal: To this one; links in it are not followed, since programs run there already.
            ours: The notebook's path from here, as far as it leads through what is here.
        """
        there, names = set(os.listdir(goal)), os.listdir(source)
        if ours and ours[0] not in names:
            raise _taken(ours[0])
        for name in names:
            mine = name == ours[0] if ours else False
            if name in there and not mine:
                raise _taken(name)
            if name in there and len(ours) > 1:
                if not stat.S_ISDIR(os.lstat(name, dir_fd=source).st_mode):
                    raise _taken(name)
                with _folder(name, source) as inner, _folder(name, goal) as outer:
                    self._move(inner, outer, ours[1:])
                os.rmdir(name, dir_fd=source)
            else:
                os.rename(name, name, src_dir_fd=source, dst_dir_fd=goal)


@contextmanager
def _folder(path: Path | str, parent: int | None = None) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _taken(name: str) -> RepositoryError:
    return RepositoryError(
        f"The session has another {name} already.", next_step="Launch the repository again."
    )
