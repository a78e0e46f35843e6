"""Which pages of a Sphinx book can run, and which file of the repository each of them is."""

from __future__ import annotations

import posixpath
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from hubroam.book.launch import LaunchSettings
from hubroam.errors import LaunchSettingsError

_FRONTMATTER = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)
# what myst-nb and MyST go by: https://myst-nb.readthedocs.io/en/latest/authoring/text-notebooks.html
_NOTEBOOK = re.compile(r"^(?:jupytext:|kernelspec:|file_format:\s*[\"']?mystnb\b)", re.MULTILINE)
_HEAD = 4096  # characters of a page in which its frontmatter ends


@dataclass(frozen=True)
class Pages:
    """The pages of a book.

    Attributes:
        srcdir: The folder of the sources.
        root: The top of the git checkout around it; None where there is none.
        folder: Where `srcdir` is below the repository's root.
        formats: Further endings of files that are notebooks (myst-nb's ``nb_custom_formats``).
        gallery: ``sphinx_gallery_conf``.
    """

    srcdir: Path
    root: Path | None
    folder: str
    formats: frozenset[str] = frozenset()
    gallery: Mapping[str, Any] = field(default_factory=dict)

    def notebook(self, source: Path) -> LaunchSettings | None:
        """What opens a page as a notebook; None for a page that does not run.

        Args:
            source: The page's source.

        Raises:
            LaunchSettingsError: The page is outside of the repository.
        """
        if found := self._example(source):
            return found
        # sphinx-book-theme's rule: a notebook beside a page in text is the same page
        notebook = source.with_suffix(".ipynb")
        if source.suffix == ".ipynb" or source.suffix in self.formats:
            return LaunchSettings(path=self.path(source))
        if source.suffix == ".md" and _is_text_notebook(source):
            return LaunchSettings(path=self.path(notebook if notebook.exists() else source))
        return None

    def path(self, source: Path) -> str:
        """The path of a file in the repository.

        Raises:
            LaunchSettingsError: It is not in there.
        """
        below = posixpath.relpath(source.as_posix(), self.srcdir.as_posix())
        path = posixpath.normpath(posixpath.join(self.folder, below))
        inside = self.root is None or source.resolve().is_relative_to(self.root.resolve())
        if path.startswith("../") or not inside:
            raise LaunchSettingsError(
                f"{source.name} is outside of the repository, and no reader could open it.",
                next_step="Move it there, or write launch: false into the page.",
            )
        return path

    def _example(self, source: Path) -> LaunchSettings | None:
        """What opens a page that sphinx-gallery made.

        sphinx-gallery puts a notebook beside each page. A reader can open it where it is in a
        repository: in the one of sphinx-gallery's own Binder settings, or in the book's, if its
        author committed it. Else the Python file that the page was made from is opened.
        """
        for gallery, examples in zip(
            _paths(self.gallery.get("gallery_dirs", "auto_examples")),
            _paths(self.gallery.get("examples_dirs", "../examples")),
            strict=False,
        ):
            made = self.srcdir / gallery
            if not source.is_relative_to(made) or not source.with_suffix(".ipynb").exists():
                continue
            notebook = source.with_suffix(".ipynb")
            if binder := self.gallery.get("binder"):
                return self._published(notebook, binder)
            if notebook.resolve() in self._committed:
                return LaunchSettings(path=self.path(notebook))
            script = source.relative_to(made).with_suffix(".py")
            joined = posixpath.normpath((self.srcdir / examples / script).as_posix())
            return LaunchSettings(path=self.path(Path(joined)))
        return None

    def _published(self, notebook: Path, binder: Mapping[str, Any]) -> LaunchSettings:
        """Where sphinx-gallery's ``binder`` settings put a notebook.

        https://sphinx-gallery.github.io/stable/configuration.html#generate-binder-links-for-gallery-notebooks-experimental
        """
        places = (binder.get("filepath_prefix") or "", binder.get("notebooks_dir") or "notebooks")
        below = posixpath.relpath(notebook.as_posix(), self.srcdir.as_posix())
        return LaunchSettings.read(
            {
                "repo": f"{binder.get('org')}/{binder.get('repo')}",
                "provider": "gh",
                "ref": binder.get("branch"),
                "path": posixpath.join(*(place.strip("/") for place in places), below).lstrip("/"),
                "binder": binder.get("binderhub_url"),
            }
        )

    @cached_property
    def _committed(self) -> frozenset[Path]:
        """The files of the book that git knows."""
        done = subprocess.run(
            ["git", "-C", str(self.srcdir), "ls-files", "-z"], capture_output=True, text=True
        )
        names = done.stdout.split("\0") if self.root and done.returncode == 0 else ()
        return frozenset((self.srcdir / name).resolve() for name in names if name)


def line_of(file: Path, pattern: str) -> int:
    """The number of the first line of a file in which a pattern is found; else the first."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return 1
    found = (number for number, line in enumerate(lines, 1) if re.search(pattern, line))
    return next(found, 1)


def _is_text_notebook(source: Path) -> bool:
    with source.open(encoding="utf-8", errors="replace") as file:
        head = _FRONTMATTER.match(file.read(_HEAD))
    return bool(head and _NOTEBOOK.search(head[1]))


def _paths(value: object) -> list[str]:
    """sphinx-gallery takes one folder or a list of them."""
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]
