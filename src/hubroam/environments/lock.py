"""The lock file: what was really installed (PEP 751)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from packaging.utils import canonicalize_name

from hubroam.environments.commands import Log
from hubroam.environments.uv import Uv

_METADATA = re.compile(r".*/site-packages/(?P<name>[^/]+?)-[^/-]+\.dist-info/METADATA")

#: Python's part of the lock.
PYLOCK = "pylock.toml"
#: conda's part of the lock: its explicit list, beside ``pylock.toml``.
EXPLICIT = "explicit.txt"
#: The table of `PYLOCK` (``tool.hubroam.…``) with what stands for packages of conda's.
SUBSTITUTED = "substituted"
#: In place of both, which image the environment is.
IMAGE_LOCK = "image.json"


async def write_lock(
    uv: Uv, python: str, target: Path, log: Log, *, substituted: Mapping[str, str]
) -> list[str]:
    """Write ``pylock.toml`` into a build's folder, with versions and hashes.

    What is written is what the environment holds after everything, ``postBuild`` too, and not
    what was asked for.

    Args:
        uv: How uv is called.
        python: The environment's interpreter.
        target: The build's folder.
        log: Takes lines for people.
        substituted: Packages that the recipe asks of conda, and what of PyPI stands for each.

    Returns:
        Packages that came from the repository itself, which no index has: the lock does not name
        them, the environment's digest does.
    """
    lines: list[str] = []
    await uv("pip", "freeze", "--no-config", "--python", python, folder=target, log=lines.append)
    packages, local = [], []
    by_conda = _names_of_conda(target / "prefix")
    for line in lines:
        if _name(line) in by_conda:
            continue
        if " @ file:" in line or line.startswith("-e "):
            local.append(line.split(" @ ")[0].removeprefix("-e "))
        elif "==" in line or " @ " in line:
            packages.append(line)
    frozen = target / "home" / "frozen.txt"
    frozen.write_text("\n".join(packages) + "\n", encoding="utf-8")
    lock = target / PYLOCK
    options = ["--no-deps", "--no-config", "--quiet", "--format", "pylock.toml", "--no-header"]
    await uv(
        *("pip", "compile", *options, "--python", python, "--output-file", str(lock)),
        str(frozen),
        folder=target,
        log=log,
    )
    if substituted:  # PEP 751 leaves a table of its own to each tool
        with lock.open("a", encoding="utf-8") as file:
            file.write(f"\n[tool.hubroam.{SUBSTITUTED}]\n")
            # JSON's strings are TOML's
            file.writelines(f"{json.dumps(a)} = {json.dumps(b)}\n" for a, b in substituted.items())
    return local


def distributions(prefix: Path) -> list[str]:
    """The names of the Python packages that are installed in an environment."""
    folders = prefix.glob("lib/python*/site-packages")
    names = {
        canonicalize_name(each.stem.rsplit("-", 1)[0])
        for folder in folders
        for each in folder.glob("*.dist-info")
    }
    return sorted(names)


def _name(line: str) -> str:
    return canonicalize_name(re.split(r"==| @ ", line.removeprefix("-e "), maxsplit=1)[0])


def _names_of_conda(prefix: Path) -> set[str]:
    """The Python packages that conda installed, which `EXPLICIT` has.

    Those that pip replaced afterwards are pip's: their metadata is no file of conda's any more.
    """
    found: set[str] = set()
    for record in (prefix / "conda-meta").glob("*.json"):
        files = json.loads(record.read_text(encoding="utf-8")).get("files", [])
        for file in files:
            if match := _METADATA.fullmatch(file):
                installer = prefix / file
                if installer.exists():
                    found.add(canonicalize_name(match["name"]))
    return found
