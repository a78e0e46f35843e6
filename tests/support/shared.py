"""What all workers of a run share, among its temporary files: each part of it is made once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

_root: Path | None = None


def begin(factory: pytest.TempPathFactory) -> None:
    """Choose the place, before anything asks for it."""
    global _root
    own = factory.getbasetemp()
    _root = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
    _root.mkdir(exist_ok=True)


def once(name: str, make: Callable[[Path], object]) -> Path:
    """Have a folder made by the first worker that asks for it; the others wait.

    Args:
        name: The folder's name.
        make: Fills the folder, which it makes itself.

    Returns:
        The folder.
    """
    assert _root, "no run of tests has begun"
    folder, done = _root / name, _root / f"{name}.done"
    with FileLock(_root / f"{name}.lock"):
        if not done.exists():
            make(folder)
            done.touch()
    return folder


def share_packages(cache: Path) -> Path:
    """Let a store of environments use the run's cache of uv: a package is unpacked there once.

    Args:
        cache: The store's folder for caches; made when it is missing.

    Returns:
        That folder.
    """
    for folder in reversed([cache, *cache.parents]):
        folder.mkdir(mode=0o700, exist_ok=True)
    if not (cache / "uv").is_symlink():
        (cache / "uv").symlink_to(once("uv", Path.mkdir))
    return cache
