"""The launch control in a site that is built already, whatever built it.

A page gets a script and what it launches in its head, and the control below its first heading,
each between marks by which all of it is found again. The rest of a page stays byte for byte.
"""

from __future__ import annotations

import posixpath
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from hubroam.book.launch import LaunchSettings
from hubroam.book.repository import Checkout
from hubroam.errors import BookError, LaunchSettingsError
from hubroam.resources import control_modules

FOLDER = "hubroam"
SETTINGS = "hubroam.yml"
_MARKED = re.compile(r"<!--hubroam-->.*?<!--/hubroam-->", re.DOTALL)
_CELLS = re.compile(r"^```\{(?:python|r|julia)\b", re.MULTILINE | re.IGNORECASE)
_BESIDE_THE_TEXT = {"aside", "footer", "nav", "template"}


def site_files(
    folder: Path, settings: Path | None, *, undo: bool
) -> tuple[dict[Path, bytes], dict[str, bytes], tuple[str, ...]]:
    """The pages of a site, with or without the control.

    Args:
        folder: The site.
        settings: A file with its launch settings; None for ``hubroam.yml`` in the site, if any.
        undo: Whether the control goes.

    Returns:
        Each page's new content; the files that they load, by their paths below the site; notes.

    Raises:
        BookError: No page has a notebook, no repository is known, or settings are wrong.
    """
    texts = {path: _read(path) for path in sorted(folder.rglob("*.html"))}
    plain = {path: _MARKED.sub("", text) for path, text in texts.items()}
    files = {f"{FOLDER}/{name}": content for name, content in control_modules().items()}
    if undo:
        return {path: _write(text) for path, text in plain.items()}, files, ()
    site = _Site.read(folder.resolve(), settings)
    pages, notes = {}, []
    for path, text in plain.items():
        name = path.relative_to(folder).as_posix()
        launch = site.launch(name)
        if launch is not None and "<hub-launch" in text:
            notes.append(f"{name} has a launch control of its own.")
            launch = None
        if launch is not None:
            page = launch.page()
            if page:
                way = posixpath.relpath(FOLDER, posixpath.dirname(name) or ".")
                tags = [
                    f'<script type="module" src="{way}/{script}"></script>'
                    for script in page.scripts
                ]
                text = _put(text, page.meta + "".join(tags), page.element)
        pages[path] = _write(text)
    if pages == {path: _write(text) for path, text in plain.items()}:
        raise BookError(
            f"No page in {folder} has a notebook that was found.",
            next_step=f"Name them in {SETTINGS}: docs/how-to/html-and-quarto.md says how.",
        )
    return pages, files, tuple(notes)


@dataclass(frozen=True)
class _Site:
    """What is known of a site besides its pages.

    Attributes:
        folder: Where it is; absolute.
        settings: Of all its pages.
        pages: What the author says of single pages, by their names.
        checkout: The git checkout around it.
        sources: Where the notebooks are below the repository's root, if the author says it.
    """

    folder: Path
    settings: LaunchSettings
    pages: Mapping[str, LaunchSettings]
    checkout: Checkout | None
    sources: str | None = None

    @classmethod
    def read(cls, folder: Path, file: Path | None) -> _Site:
        """Read the author's settings, and what git knows.

        Raises:
            BookError: The settings cannot be used.
        """
        file = file or folder / SETTINGS
        said = _mapping(file) if file.exists() else {}
        checkout = Checkout.of(folder)
        found = checkout.repository if checkout else None
        try:
            own = LaunchSettings.read(said.get("launch"))
            pages = {
                str(name): LaunchSettings.read({"path": value} if isinstance(value, str) else value)
                for name, value in (said.get("pages") or {}).items()
            }
            if own.repo is None and found is not None:
                known = LaunchSettings(
                    repo=found.repository, provider=found.provider, ref=found.ref
                )
                own = own.over(known)
            own.page()
        except LaunchSettingsError as error:
            raise BookError(f"{file}: {error.message}", next_step=error.next_step) from None
        return cls(folder, own, pages, checkout, said.get("sources"))

    def launch(self, name: str) -> LaunchSettings | None:
        """What a page launches; None for a page without a notebook.

        Args:
            name: Its path below the site.
        """
        said = self.pages.get(name)
        if said is not None and (said.launch is False or said.path or said.urlpath or said.repo):
            return said.over(self.settings)
        path = self._notebook(name)
        if path is None and not (said and said.launch):
            return None
        return (said or LaunchSettings()).over(LaunchSettings(path=path).over(self.settings))

    def _notebook(self, name: str) -> str | None:
        """The path in the repository of the notebook that a page was made from."""
        stem = name.removesuffix(".html")
        stems = [stem, posixpath.dirname(stem)] if posixpath.basename(stem) == "index" else [stem]
        for each in filter(None, stems):  # a folder's index.html is that folder's page too
            for place in ("", "_sources/"):
                if (self.folder / f"{place}{each}.ipynb").is_file():
                    return self._in_repository(f"{each}.ipynb")
            for ending in (".ipynb", ".qmd"):
                source = self._source(f"{each}{ending}")
                if source and (ending == ".ipynb" or _CELLS.search(_read(source))):
                    return self._in_repository(f"{each}{ending}")
        return None

    def _source(self, name: str) -> Path | None:
        """A page's source in the Quarto project around the site."""
        project = next((p for p in self.folder.parents if (p / "_quarto.yml").is_file()), None)
        path = project / name if project else None
        return path if path and path.is_file() else None

    def _in_repository(self, name: str) -> str:
        """Where a file of that name is in the repository.

        In the nearest folder around the site in which git knows it; where the author says; else
        at the root.
        """
        if self.sources is not None:
            return posixpath.join(self.sources.strip("/"), name).lstrip("/")
        if self.checkout:
            root = self.checkout.root.resolve()
            inside = self.folder.relative_to(root) if self.folder.is_relative_to(root) else Path()
            for folder in (inside, *inside.parents):
                path = (folder / name).as_posix()
                if path in self._committed:
                    return path
        return name

    @cached_property
    def _committed(self) -> frozenset[str]:
        root = self.checkout.root if self.checkout else self.folder
        done = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z"], capture_output=True, text=True
        )
        return frozenset(done.stdout.split("\0")) if done.returncode == 0 else frozenset()


class _Places(HTMLParser):
    """Where the control goes: the end of the first heading, of the head, the begin of the body."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.heading = self.head = self.body = -1
        self._inside: list[str] = []
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BESIDE_THE_TEXT:
            self._inside.append(tag)
        elif tag == "body" and self.body < 0:
            self.body = self._offset() + len(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._inside:
            self._inside.remove(tag)
        elif tag == "head" and self.head < 0:
            self.head = self._offset()
        elif tag == "h1" and self.heading < 0 and not self._inside:
            self.heading = self._offset()

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._starts[line - 1] + column


def _put(text: str, head: str, element: str) -> str:
    places = _Places(text)
    marked = [f"<!--hubroam-->{each}<!--/hubroam-->" for each in (head, element)]
    at = places.heading
    if at >= 0:
        at = text.index(">", at) + 1
    elif places.body >= 0:
        at = places.body
    else:  # a page without a body's tag: it begins behind whatever is its head
        at = max(places.head, 0)
    if places.head < 0 or places.head > at:
        return text[:at] + "".join(marked) + text[at:]
    before, between, after = text[: places.head], text[places.head : at], text[at:]
    return before + marked[0] + between + marked[1] + after


def _mapping(file: Path) -> Mapping[str, Any]:
    try:
        said = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError):
        said = None
    if not isinstance(said, Mapping) or not set(said) <= {"launch", "pages", "sources"}:
        raise BookError(
            f"{file} holds no settings that can be read.",
            next_step="It takes launch, pages and sources: docs/how-to/html-and-quarto.md.",
        )
    if not isinstance(said.get("pages") or {}, Mapping):
        raise BookError(
            f"{file}: pages is not a list of pages with their notebooks.",
            next_step="Write a line for each: waves.html: notebooks/waves.ipynb.",
        )
    return said


def _read(path: Path) -> str:
    """A page as text in which every byte can be had back, whatever its encoding is."""
    return path.read_bytes().decode(errors="surrogateescape")


def _write(text: str) -> bytes:
    return text.encode(errors="surrogateescape")
