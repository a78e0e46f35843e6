"""uv's cache, one for all hubs and builds of a run: a package is downloaded and unpacked once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_folder: Path | None = None


def keep(factory: pytest.TempPathFactory) -> None:
    """Keep it among a run's temporary files, which are on one disk, for all of its workers."""
    global _folder
    root = factory.getbasetemp()
    _folder = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / "uv-cache"
    _folder.mkdir(exist_ok=True)


def share(cache: Path) -> Path:
    """Let a store's cache have uv's part of it there.

    Args:
        cache: The store's folder for caches; made when it is missing.

    Returns:
        That folder.
    """
    assert _folder, "no run of tests has begun"
    for folder in reversed([cache, *cache.parents]):
        folder.mkdir(mode=0o700, exist_ok=True)
    if not (cache / "uv").is_symlink():
        (cache / "uv").symlink_to(_folder)
    return cache
