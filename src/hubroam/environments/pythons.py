"""Finding the Python that a recipe asks for."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from uv import find_uv_bin

from hubroam.environments.commands import output_of

_PROBE = "import platform, sys; print(sys.implementation.name, platform.python_version())"


@dataclass(frozen=True)
class Interpreter:
    """A Python.

    Attributes:
        name: Implementation and full version: ``cpython 3.12.4``.
        path: Where it is.
    """

    name: str
    path: str


def own_python() -> Interpreter:
    """The Python that hubroam's own environment was made from."""
    name = f"{sys.implementation.name} {platform.python_version()}"
    return Interpreter(name, str(Path(getattr(sys, "_base_executable", sys.executable)).resolve()))


async def find_python(wanted: str | None, *, download: bool) -> Interpreter | None:
    """Find an interpreter.

    Args:
        wanted: A version (``3.12``) or a specifier (``>=3.11``); None for hubroam's own.
        download: Whether uv may download one that is not on this machine.

    Returns:
        hubroam's own where it will do, else one that uv finds; None when there is none.
    """
    if wanted is None or _is(platform.python_version(), wanted):
        return own_python()
    found = await _ask_uv("find", "--no-project", "--no-python-downloads", wanted)
    if found is None and download:
        await _ask_uv("install", wanted)
        found = await _ask_uv("find", "--no-project", "--no-python-downloads", wanted)
    if found is None:
        return None
    path = found.strip().rpartition("\n")[2]
    name = await output_of(path, "-I", "-c", _PROBE)
    return Interpreter(name.strip(), path) if name else None


def _is(version: str, wanted: str) -> bool:
    if wanted[0].isdigit():
        return version == wanted or version.startswith(f"{wanted}.")
    try:
        return SpecifierSet(wanted).contains(version)
    except InvalidSpecifier:
        return False


async def _ask_uv(*arguments: str) -> str | None:
    return await output_of(find_uv_bin(), "python", *arguments, "--no-config")
