"""A disk that is small enough to be filled."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a disk of its own below a folder, in memory; only root may.

    Args:
        folder: Where.
        size: How large, as ``mount`` takes it: ``12m``.
    """
    small = folder / "small"
    small.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", small])
    if done.returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        yield small
    finally:
        subprocess.run(["umount", small], check=True)
