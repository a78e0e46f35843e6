"""Resolving a recipe's counterparts: from wheels alone, and with none that is not enough."""

from __future__ import annotations

import re
from pathlib import Path

from packaging.utils import canonicalize_name

from hubroam.environments.counterparts.beside import why_not_enough
from hubroam.environments.counterparts.names import NotSure
from hubroam.environments.counterparts.translating import check_lines
from hubroam.environments.lines import as_file
from hubroam.environments.uv import Uv
from hubroam.errors import BuildError, BuildTimeout, DiskFull
from hubroam.recipes import DirectoryFiles, InstallCounterparts, read_lines, read_text

_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==")
_OF_CONDA = re.compile(r"\b(conda|mamba|micromamba)\b|\bCONDA_", re.IGNORECASE)


async def resolve(
    step: InstallCounterparts,
    *,
    source: Path,
    scripts: list[str],
    base: tuple[str, ...],
    python: str,
    uv: Uv,
    home: Path,
) -> list[str]:
    """Find the versions of all that is to be installed.

    Args:
        step: The counterparts.
        source: The checkout.
        scripts: What runs after they are installed.
        base: What every environment gets.
        python: The interpreter.
        uv: How uv is called.
        home: A folder for what this needs while it runs.

    Returns:
        Every package with its one version, needed ones too.

    Raises:
        NotSure: They cannot be had so.
        BuildTimeout, DiskFull: That would be so with conda, too.
    """
    files = DirectoryFiles(source)
    for script in scripts:
        if word := _OF_CONDA.search(read_text(files, script)):
            raise NotSure(f"{script} speaks of {word[0]}")
    lines = [*(each for _, each in step.packages if each), *step.conda.pip, *base]
    for included in read_lines(files, step.conda.path, step.conda.pip).files:
        check_lines(read_text(files, included).splitlines())
    place = source / step.conda.path
    pinned = home / "counterparts.txt"
    options = ["--no-config", "--no-header", "--no-annotate", "--quiet", "--only-binary", ":all:"]
    try:
        with as_file(lines, place) as wanted:
            await uv(
                *("pip", "compile", *options, "--python", python, "--output-file", str(pinned)),
                wanted,
                folder=place.parent,
                log=lambda line: None,
            )
    except (BuildTimeout, DiskFull):
        raise
    except BuildError as error:
        raise NotSure(f"wheels of PyPI alone do not do ({error.message.rstrip('.')})") from None
    found = pinned.read_text(encoding="utf-8").splitlines()
    for line in found:
        name = canonicalize_name(pin[1]) if (pin := _PIN.match(line)) else ""
        if reason := why_not_enough(name):
            raise NotSure(f"{name}, which is needed, is not enough from PyPI: {reason}")
    return found
