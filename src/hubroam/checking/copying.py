"""Copying what a hub would get of a book's folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from hubroam.errors import RecipeError
from hubroam.recipes import DirectoryFiles, read_recipe

_NOT_COPIED = shutil.ignore_patterns(".git", ".venv", "node_modules", "__pycache__")


def copy_book(folder: Path, target: Path, *, whole: bool = False) -> str:
    """Copy what a hub would get of a book's folder.

    In a git repository that is what git does not ignore. A folder without a recipe, in such a
    repository, is part of it, and all of it is copied.

    Args:
        folder: The book's folder.
        target: Where the copy is made.
        whole: Whether all of the repository is copied, whether or not the folder has a recipe.

    Returns:
        The book's place in the copy, as a relative path.
    """
    top = _repository_of(folder)
    if top is not None and not whole and _has_recipe(folder):
        top = folder
    listing = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = _git(top, *listing) if top is not None else None
    if top is None or not names:  # no repository, or a folder that is none of git's business
        shutil.copytree(folder, target, symlinks=True, ignore=_NOT_COPIED)
        return ""
    target.mkdir()
    for name in dict.fromkeys(names.split("\0")):
        source = top / name
        if not name or not (source.exists() or source.is_symlink()):
            continue  # deleted, and not yet for git
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, copy, symlinks=True, ignore=_NOT_COPIED)  # a submodule
        else:
            shutil.copy2(source, copy, follow_symlinks=False)
    return folder.relative_to(top).as_posix()


def _has_recipe(folder: Path) -> bool:
    try:
        return read_recipe(DirectoryFiles(folder)).kind != "default"
    except RecipeError:
        return True  # one that cannot be read, or not be built here


def _repository_of(folder: Path) -> Path | None:
    top = _git(folder, "rev-parse", "--show-toplevel")
    return Path(top.rstrip("\n")) if top else None


def _git(folder: Path, *arguments: str) -> str | None:
    """What git says of a folder; None when it has nothing to say of it."""
    # in a hook of git's, its variables name the repository that the hook belongs to
    environment = {name: value for name, value in os.environ.items() if name[:4] != "GIT_"}
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            env=environment,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except FileNotFoundError:
        return None
    return os.fsdecode(done.stdout) if done.returncode == 0 else None
