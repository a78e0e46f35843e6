"""What an environment keeps of the recipe that it was built from: the files that decided it."""

from __future__ import annotations

import shutil
from pathlib import Path

from hubroam.environments.lock import EXPLICIT, PYLOCK
from hubroam.environments.r import RENV_LOCK
from hubroam.recipes import Recipe

#: The folder of an environment's recipe, beside its prefix; paths are as in the repository.
RECIPE = "recipe"

# Bytes that are kept for one environment. What is larger is no recipe any more, but a package's
# whole repository.
_LIMIT = 50 * 2**20
_PASSED_OVER = {".git", ".venv", "__pycache__", "node_modules"}


def keep_recipe(recipe: Recipe, checkout: Path, folder: Path) -> list[str]:
    """Copy the files that decide an environment; before the build, which may change them.

    Args:
        recipe: The recipe.
        checkout: The repository's files.
        folder: The environment's folder.

    Returns:
        The inputs that were left out, since they are too large; none as a rule.
    """
    left, room = [], _LIMIT
    root = checkout.resolve()
    kept = folder / RECIPE
    names = [name for name, _ in recipe.inputs] + ([recipe.start] if recipe.start else [])
    for name in sorted(set(names)):
        files = [path for path in _files(checkout / name) if path.resolve().is_relative_to(root)]
        size = sum(path.stat().st_size for path in files)
        if size > room:
            left.append(name or "the repository")
            continue
        for path in files:
            copy = kept / path.relative_to(checkout)
            if not copy.exists():
                room -= path.stat().st_size
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)
    return left


def lay_out(kept: Path, folder: Path) -> None:
    """Put the recipe that an environment keeps into a folder, and its lock beside it.

    Args:
        kept: The environment's folder.
        folder: Where; it is there, and empty.
    """
    recipe = kept / RECIPE
    if recipe.is_dir():
        shutil.copytree(recipe, folder, dirs_exist_ok=True)
    inside = next((each for each in ("binder", ".binder") if (folder / each).is_dir()), "")
    for name in (PYLOCK, EXPLICIT, RENV_LOCK):
        if (kept / name).exists():
            shutil.copy(kept / name, folder / inside / name)


def recipe_files(folder: Path) -> list[str]:
    """The files of the recipe that an environment keeps, sorted."""
    kept = folder / RECIPE
    return sorted(str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file())


def size_of(folder: Path) -> int:
    """Bytes that an environment's folder takes, without files that it shares by hard links."""
    files = (each.lstat() for each in folder.rglob("*") if not each.is_dir())
    return sum(each.st_size for each in files if each.st_nlink == 1)


def _files(path: Path) -> list[Path]:
    if not path.is_dir() or path.is_symlink():
        return [path] if path.is_file() else []
    return [
        each
        for each in path.rglob("*")
        if each.is_file() and not _PASSED_OVER & set(each.relative_to(path).parts)
    ]
