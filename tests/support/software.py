"""Jupyter's programs in the versions that readers meet, from the package registry."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from filelock import FileLock
from uv import find_uv_bin

_LOCKS = Path(__file__).parents[1] / "hubs" / "software"


def install(name: str, cache: Path, *, without: str = "") -> Path:
    """Install what a lock file of ``tests/hubs/software`` names, if it is not there.

    Args:
        name: The file's, without its ending.
        cache: The folder that keeps what was installed, from one run to the next.
        without: A package that is left out.

    Returns:
        The Python that has it.
    """
    lock = (_LOCKS / f"{name}.txt").read_text()
    if without:
        kept = [line for line in lock.splitlines() if not line.startswith(f"{without}==")]
        assert len(kept) == len(lock.splitlines()) - 1
        lock = "\n".join(kept)
    digest = hashlib.sha256(f"{lock}{sys.version}".encode()).hexdigest()[:12]
    folder = cache / f"{name}-{digest}"
    python, requirements, done = folder / "bin/python", folder / "requirements", folder / "done"
    with FileLock(cache / f"{name}-{digest}.lock"):
        if not done.exists():
            _uv("venv", "--clear", "--python", sys.executable, str(folder))
            requirements.write_text(lock)
            _uv("pip", "install", "--python", str(python), "--requirement", str(requirements))
            done.touch()
    return python


def _uv(*arguments: str) -> None:
    done = subprocess.run(
        [find_uv_bin(), "--quiet", *arguments],
        env={**os.environ, "UV_NO_PROGRESS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
