"""Other Pythons that this machine has."""

from __future__ import annotations

import platform
import re
import subprocess
from pathlib import Path

_PLACES = ("/usr/bin", "/usr/local/bin", "/opt/python*/bin")
_HOMES = (".pyenv/versions/*/bin", ".local/bin", ".local/share/uv/python/*/bin")
# what today's ipykernel runs on
_OLDEST = (3, 10)


def other_python() -> tuple[str, Path] | None:
    """A Python of another version than the one that runs this: its version, and where it is.

    One of another minor version is preferred; None where there is none.
    """
    folders = [path for place in _PLACES for path in Path("/").glob(place[1:])]
    folders += [path for place in _HOMES for path in Path.home().glob(place)]
    found = {}
    for folder in folders:
        for python in folder.glob("python3.*"):
            if re.fullmatch(r"python3\.\d+", python.name) and (version := _version(python)):
                found[version] = python
    found.pop(platform.python_version(), None)
    own = platform.python_version_tuple()[:2]
    usable = [each for each in found if _numbers(each) >= _OLDEST]
    best = max(usable, key=lambda each: (each.split(".")[:2] != [*own], _numbers(each)), default="")
    return (best, found[best]) if best else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _version(python: Path) -> str | None:
    code = "import platform, venv, ssl; print(platform.python_version())"
    try:
        done = subprocess.run(
            [python, "-I", "-c", code], capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = done.stdout.strip()
    return version if done.returncode == 0 and re.fullmatch(r"\d+\.\d+\.\d+", version) else None
