"""The lock file: what was really installed (PEP 751)."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

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
    (target / PYLOCK).unlink(missing_ok=True)  # uv would prefer what it says
    await resolve(uv, python, [str(frozen)], target, "--no-deps", folder=target, log=log)
    if substituted:  # PEP 751 leaves a table of its own to each tool
        with (target / PYLOCK).open("a", encoding="utf-8") as file:
            file.write(f"\n[tool.hubroam.{SUBSTITUTED}]\n")
            # JSON's strings are TOML's
            file.writelines(f"{json.dumps(a)} = {json.dumps(b)}\n" for a, b in substituted.items())
    return local


async def resolve(
    uv: Uv, python: str, wanted: list[str], target: Path, *options: str, folder: Path, log: Log
) -> None:
    """Write what requirements files lead to as ``pylock.toml``, with versions and hashes.

    Args:
        uv: How uv is called.
        python: An interpreter.
        wanted: The files.
        target: The folder that gets the lock.
        options: For ``uv pip compile``.
        folder: Where uv runs.
        log: Takes lines for people.

    Raises:
        ResolutionFailed: They cannot be had together.
    """
    lock = target / PYLOCK
    fixed = ["--no-config", "--quiet", "--format", "pylock.toml", "--no-header"]
    await uv(
        *("pip", "compile", *fixed, *options, "--python", python, "--output-file", str(lock)),
        *wanted,
        folder=folder,
        log=log,
    )
    lock.write_text(_with_index(lock.read_text(encoding="utf-8"), one_index()), encoding="utf-8")


def one_index() -> str | None:
    """The address of the index that uv asks here; None where there is more than one place."""
    for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"):
        if os.environ.get(name):
            return None
    settings = (os.environ.get(name) for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"))
    index = next(filter(None, settings), "https://pypi.org/simple")
    parts = urlsplit(index)
    # a name before the address, and a secret in it, are for nobody else
    plain = parts.scheme in ("http", "https") and not parts.query
    return index if plain and not set(index) & set('@"\\') else None


def _with_index(lock: str, index: str | None) -> str:
    """A lock whose packages name their index.

    PEP 751 asks for that and uv does not do it; and where a lock names none, uv takes each file's
    folder for one, finds nothing of it in its cache, and downloads all of it again.
    """
    if index is None:
        return lock
    head, *packages = lock.split("[[packages]]\n")
    return "[[packages]]\n".join([head, *(_of_index(text, index) for text in packages)])


def _of_index(package: str, index: str) -> str:
    keys = tomllib.loads(package).keys()
    if "index" in keys or "version" not in keys or not {"wheels", "sdist"} & keys:
        return package
    return re.sub(r"^(version = .*)$", rf'\1\nindex = "{index}"', package, count=1, flags=re.M)


def distributions(prefix: Path) -> dict[str, str]:
    """The Python packages that are installed in an environment: their versions by their names."""
    found = (
        each.stem.rsplit("-", 1)
        for folder in prefix.glob("lib/python*/site-packages")
        for each in folder.glob("*.dist-info")
    )
    return {canonicalize_name(name): version for name, version in found}


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
