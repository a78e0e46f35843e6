"""conda packages for the local builder: what is asked for, and what its failures mean."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hubroam.environments.commands import DISK_IS_FULL, Log, TimedOut, clean_environment, run
from hubroam.environments.readable import channel_reason, line_naming, solver_reason
from hubroam.errors import (
    BuildError,
    BuildTimeout,
    DiskFull,
    HubroamError,
    IndexUnreachable,
    RecipeError,
    ResolutionFailed,
)
from hubroam.recipes import InstallConda
from hubroam.recipes.r import brings_r

#: The channel of recipes that name none, as with repo2docker.
DEFAULT_CHANNEL = "conda-forge"
#: What conda means by ``defaults``.
_DEFAULTS = ("https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r")
_NAME = re.compile(r"(?:.*::)?([A-Za-z0-9_.-]+)")
_EXPLANATION = 600


@dataclass(frozen=True)
class CondaSettings:
    """What an operator says of conda's packages.

    Attributes:
        mirrors: Addresses that are asked in place of a channel's own.
        auth_file: A file of credentials in rattler's form (``RATTLER_AUTH_FILE``); empty for none.
    """

    mirrors: Mapping[str, list[str]]
    auth_file: str


@dataclass(frozen=True)
class CondaInstalled:
    """What was installed.

    Attributes:
        explicit: Conda's explicit list: every package's address and checksum.
        pip: Requirements that remain for pip.
        locked: Whether these are all, with their versions, as a lock file has them.
    """

    explicit: list[str]
    pip: list[str]
    locked: bool


async def install(
    step: InstallConda,
    *,
    source: Path,
    prefix: Path | None,
    cache: Path,
    home: Path,
    settings: CondaSettings,
    base: tuple[str, ...],
    log: Log,
    timeout: float,
) -> CondaInstalled:
    """Solve and install the conda part of a recipe.

    Args:
        step: What to install.
        source: The checkout that its files are in.
        prefix: Where; must not exist. None to solve only, and install nothing.
        cache: The shared cache of packages, on the same disk, so that files are hard links.
        home: A folder for what this needs while it runs.
        settings: The operator's.
        base: Packages that every environment gets, where they can be had with the recipe's.
        log: Takes lines for people.
        timeout: Seconds.

    Raises:
        BuildError: It failed, and why.
        RecipeError: A package, a channel or the lock file is not as it must be.
    """
    request, answer = home / "conda-request.json", home / "conda-answer.json"
    wanted = {
        "prefix": str(prefix) if prefix else None,
        "cache": str(cache),
        "channels": _channels(step),
        "attempts": _attempts(step, base),
        "lock": str(source / step.lock) if step.lock else None,
        "mirrors": dict(settings.mirrors),
        "answer": str(answer),
    }
    request.write_text(json.dumps(wanted), encoding="utf-8")
    environment = clean_environment(home, build=home.parent)
    if settings.auth_file:
        environment["RATTLER_AUTH_FILE"] = settings.auth_file
    try:
        status, output = await run(
            [sys.executable, "-m", "hubroam.environments.conda_worker", str(request)],
            folder=home,
            environment=environment,
            log=log,
            timeout=timeout,
        )
    except TimedOut:
        raise BuildTimeout(
            f"Installing the conda packages took longer than {timeout:.0f} seconds.",
            next_step="Try again: what was downloaded is kept. "
            "If it happens again, the recipe is too large for this hub.",
        ) from None
    if status or not answer.exists():
        raise _error("", output, step, source)
    result = json.loads(answer.read_text(encoding="utf-8"))
    if "problem" in result:
        raise _error(result["problem"], result["message"], step, source)
    locked = bool(result["locked"])
    return CondaInstalled(result["explicit"], result["pip"] if locked else list(step.pip), locked)


def _channels(step: InstallConda) -> list[str]:
    found: list[str] = []
    for name in step.channels or (DEFAULT_CHANNEL,):
        found += _DEFAULTS if name == "defaults" else (name,)
    return found


def _attempts(step: InstallConda, base: tuple[str, ...]) -> list[list[str]]:
    """What to solve, the best first.

    Every environment has Python and a kernel, as with repo2docker. A recipe that names no Python
    gets hubroam's own where its packages allow it; one that allows no kernel's package beside its
    own gets the kernel from the Python index afterwards.
    """
    named = {match[1].lower() for text in step.packages if (match := _NAME.match(text))}
    packages = list(step.packages)
    extra = [name for name in ("pip", *base) if name not in named]
    if brings_r(step.packages) and "r-irkernel" not in named:
        extra.append("r-irkernel")
    python = [] if "python" in named else ["python"]
    own = f"python {sys.version_info.major}.{sys.version_info.minor}.*"
    attempts = [
        *([[*packages, *extra, own]] if python else []),
        [*packages, *extra, *python],
        [*packages, *python],
    ]
    return attempts


def _error(problem: str, message: str, step: InstallConda, source: Path) -> HubroamError:
    """The one place where rattler's words become errors for people."""
    text = " ".join(message.split())
    short = text if len(text) <= _EXPLANATION else f"{text[:_EXPLANATION]}…"
    if DISK_IS_FULL.search(message):
        return DiskFull.of_hub()
    if problem == "solve":
        reason = solver_reason(message)[:_EXPLANATION]
        named = [found[1] for each in step.packages if (found := _NAME.match(each))]
        where = line_naming(source / step.path, [name for name in named if name in reason])
        return ResolutionFailed(
            f"The packages of {step.path}{where} cannot be installed together: {reason}",
            next_step="Tell the book's author, who can change the versions in the recipe.",
        )
    if problem == "network":
        channel, reason = channel_reason(message, step.channels)
        where = line_naming(source / step.path, [channel])
        return IndexUnreachable(
            f"The channel {channel} of {step.path}{where} cannot be read from this hub"
            + (f": {reason}." if reason else "."),
            next_step="Try again later, or tell the people who run this hub.",
        )
    if problem in ("package", "channel", "lock"):
        return RecipeError(
            f"{step.lock or step.path} cannot be used: {short}",
            next_step="Tell the book's author, who can correct the file.",
        )
    return BuildError(
        "The conda packages of the recipe could not be installed.",
        next_step="See the log for the reason.",
    )
