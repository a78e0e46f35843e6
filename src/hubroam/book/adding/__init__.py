"""``hubroam book add``: the launch control in a book's own configuration, and out of it again.

What is changed is planned first, as files before and after; nothing is written until the author
has seen it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hubroam.book import quarto
from hubroam.book.adding.conftext import NAME, add_extension, remove_extension
from hubroam.book.adding.difference import difference
from hubroam.book.adding.site import site_files
from hubroam.book.adding.yamltext import add_item, remove_item
from hubroam.book.myst import PLUGIN, plugin
from hubroam.errors import BookError


@dataclass(frozen=True)
class Change:
    """A file that changes.

    Attributes:
        path: The file.
        before: What is in it; None where it is not there.
        after: What will be in it; None where it goes.
    """

    path: Path
    before: bytes | None
    after: bytes | None

    def difference(self) -> str:
        """What an author is shown; files that we bring along are named and not printed."""
        if self.before is None or self.after is None:
            return f"{'new file' if self.before is None else 'removed'}: {self.path}\n"
        return difference(str(self.path), self.before, self.after)

    def write(self) -> None:
        """Change the file, at once or not at all.

        Raises:
            OSError: It cannot be written.
        """
        if self.after is None:
            self.path.unlink(missing_ok=True)
            for folder in self.path.parents:
                if any(folder.iterdir()):
                    break
                folder.rmdir()
            return
        path = self.path.resolve()  # of a link, what it leads to
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(self.after)
        made = Path(file.name)
        if path.exists():
            shutil.copymode(path, made)
        else:
            made.chmod(0o666 & ~_umask())
        made.replace(path)


@dataclass(frozen=True)
class Plan:
    """What `hubroam book add` does to a book.

    Attributes:
        kind: What the book is made with: ``myst``, ``jupyter-book-1``, ``sphinx``, ``quarto`` or
            ``html``.
        changes: The files that change; none when it is done already.
        notes: What the author should know.
    """

    kind: str
    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()


def plan(book: Path, *, undo: bool = False, settings: Path | None = None) -> Plan:
    """Find out what a book is made with, and what is to be changed.

    Args:
        book: The book's folder, or its configuration file.
        undo: Whether to take out what was put in.
        settings: For a built site, a file with its launch settings and a map of its pages.

    Raises:
        BookError: There is no book, or it cannot be changed.
    """
    folder = book if book.is_dir() else book.parent
    if not book.exists():
        raise BookError(f"{book} does not exist.", next_step="Name the book's folder.")
    for kind in _KINDS:
        path = folder / kind.file
        if kind.at(folder) and (book.is_dir() or book.name == kind.file):
            change = Change(path, path.read_bytes(), _edited(path, kind, undo))
            return _plan(kind.name, [change, *_brought(folder, kind.brings(), undo)])
    below = sorted(path for pattern in ("*", "*/*") for path in folder.glob(pattern))
    near = [str(path) for path in below if any(kind.at(path) for kind in _KINDS)]
    # pages may be in subfolders only, but those of a book below are that book's
    if book.is_dir() and any((folder.glob if near else folder.rglob)("*.html")):
        pages, files, notes = site_files(folder, settings, undo=undo)
        changed = [Change(path, path.read_bytes(), after) for path, after in pages.items()]
        return _plan("html", [*changed, *_brought(folder, files, undo)], notes)
    raise BookError(
        f"{book} is no book that is known.",
        next_step=f"Name the book's own folder, perhaps {near[0]}."
        if near
        else "Name a folder with myst.yml, _config.yml and _toc.yml, conf.py, _quarto.yml, or with "
        "a site's HTML.",
    )


@dataclass(frozen=True)
class _Kind:
    """A kind of book: its configuration file, and where in it something is added.

    A file that is no YAML has no keys: it is Sphinx's program.
    """

    name: str
    file: str
    item: str
    keys: tuple[str, ...] = ()
    brings: Callable[[], Mapping[str, bytes]] = dict
    beside: str | None = None

    def at(self, folder: Path) -> bool:
        """Whether a folder holds such a book; other tools have files of the same name."""
        return (folder / self.file).is_file() and (
            not self.beside or (folder / self.beside).is_file()
        )


# the first that fits: a book that came from Jupyter Book 1 may have its old files still
_KINDS = (
    _Kind("myst", "myst.yml", PLUGIN, ("project", "plugins"), lambda: {PLUGIN: plugin()}),
    _Kind("quarto", "_quarto.yml", "hubroam", ("filters",), quarto.files),
    _Kind("jupyter-book-1", "_config.yml", NAME, ("sphinx", "extra_extensions"), beside="_toc.yml"),
    _Kind("sphinx", "conf.py", NAME),
)


def _plan(kind: str, changes: Iterable[Change], notes: tuple[str, ...] = ()) -> Plan:
    return Plan(kind, tuple(each for each in changes if each.before != each.after), notes)


def _edited(path: Path, kind: _Kind, undo: bool) -> bytes:
    """A text file, edited; whatever its line ends and its byte order mark are, they stay."""
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError:
        raise BookError(
            f"{path} is not in UTF-8.", next_step="Save it in UTF-8, then try again."
        ) from None
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)
    if kind.keys:
        edit = remove_item if undo else add_item
        return (mark + edit(text, kind.keys, kind.item, path)).encode()
    return (mark + (remove_extension if undo else add_extension)(text, path)).encode()


def _brought(folder: Path, files: Mapping[str, bytes], undo: bool) -> Iterator[Change]:
    """The files that we bring along, or take along."""
    for name, content in files.items():
        path = folder / name
        before = path.read_bytes() if path.is_file() else None
        if not undo:
            yield Change(path, before, content)
        elif before is not None:
            yield Change(path, before, None)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
