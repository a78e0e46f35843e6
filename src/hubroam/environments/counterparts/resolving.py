"""Resolving a recipe's counterparts: from wheels alone, and with none that is not enough."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from packaging.utils import canonicalize_name

from hubroam.environments.counterparts.beside import why_not_enough
from hubroam.environments.counterparts.names import NotSure
from hubroam.environments.counterparts.translating import check_lines
from hubroam.environments.lines import as_file
from hubroam.environments.uv import Uv
from hubroam.errors import BuildError, BuildTimeout, DiskFull
from hubroam.recipes import DirectoryFiles, InstallCounterparts, read_lines, read_text

_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;]+)")
_WHEELS = ("--only-binary", ":all:")
_OF_CONDA = re.compile(r"\b(conda|mamba|micromamba)\b|\bCONDA_", re.IGNORECASE)


async def resolve(
    step: InstallCounterparts,
    *,
    source: Path,
    scripts: list[str],
    base: tuple[str, ...],
    python: str,
    uv: Uv,
) -> list[str]:
    """Find the versions of all that is to be installed.

    Args:
        step: The counterparts.
        source: The checkout.
        scripts: What runs after they are installed.
        base: What every environment gets.
        python: The interpreter.
        uv: How uv is called.

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
    with as_file(lines, source / step.conda.path) as wanted:
        ask = partial(_ask, uv, (source / step.conda.path).parent, wanted, python)
        try:
            found = await ask(*_WHEELS)
            newest = [await ask("--no-deps", *options) for options in (_WHEELS, ())]
        except (BuildTimeout, DiskFull):
            raise
        except BuildError as error:
            raise NotSure(f"wheels of PyPI alone do not do ({error.message.rstrip('.')})") from None
    for name in found:
        if reason := why_not_enough(name):
            raise NotSure(f"{name}, which is needed, is not enough from PyPI: {reason}")
    # an old version that has a wheel is not what conda would give
    for name, version in newest[1].items():
        if newest[0].get(name) != version:
            raise NotSure(f"{name} {version} has no wheel for this machine")
    return [f"{name}=={version}" for name, version in found.items()]


async def _ask(uv: Uv, folder: Path, wanted: str, python: str, *options: str) -> dict[str, str]:
    """Versions by names: of all that a file of requirements comes to, or names itself.

    Raises:
        BuildError: It comes to nothing.
    """
    lines: list[str] = []
    await uv(
        *("pip", "compile", "--no-config", "--no-header", "--no-annotate", "--quiet"),
        *("--python", python, *options, wanted),
        folder=folder,
        log=lines.append,
    )
    pins = (_PIN.match(line) for line in lines)
    return {canonicalize_name(pin[1]): pin[2] for pin in pins if pin}
