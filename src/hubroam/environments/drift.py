"""What a recipe would get today, against what its environment got when it was built.

Nothing is installed: uv and conda's solver resolve the recipe that the environment keeps, for the
Python and the machine that it was built for. What ``postBuild`` installs is its own affair, and
what a lock file pins does not drift.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from packaging.utils import canonicalize_name

from hubroam.environments.conda import CondaSettings
from hubroam.environments.conda import install as install_conda
from hubroam.environments.installing import BASE_PACKAGES
from hubroam.environments.kept import lay_out
from hubroam.environments.lines import as_file
from hubroam.environments.lock import EXPLICIT, PYLOCK
from hubroam.environments.store import Environment, EnvironmentStore
from hubroam.environments.uv import Uv
from hubroam.errors import HubroamError, RecipeError, RecipeUnsupported
from hubroam.recipes import (
    DirectoryFiles,
    InstallConda,
    InstallPipfile,
    InstallProject,
    InstallRequirements,
    Recipe,
    SyncUvLock,
    read_recipe,
)

# Seconds that one resolution may take.
_TIMEOUT = 600.0
# What a virtual environment is made with; no recipe asks for them unless it says so.
_SEEDS = {"pip", "setuptools", "wheel"}
_PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;]+)")
_CONDA = re.compile(r".*/(?P<name>[^/]+)-(?P<version>[^-/]+)-[^-/]+\.(?:conda|tar\.bz2)(?:#.*)?")


@dataclass(frozen=True)
class Drift:
    """How an environment differs from what its recipe would get today.

    Attributes:
        environment: The environment.
        changed: Name, version then, version now.
        added: Name and version of what it would get beside.
        removed: Name and version of what it would not get any more.
        problem: Why it could not be told; None where it could.
    """

    environment: Environment
    changed: list[tuple[str, str, str]] = field(default_factory=list)
    added: list[tuple[str, str]] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    problem: HubroamError | None = None

    @property
    def drifts(self) -> bool:
        """Whether the recipe would get something else today."""
        return bool(self.changed or self.added or self.removed)

    def to_json(self) -> dict[str, Any]:
        """One entry of the ``--json`` document of ``hubroam env drift``."""
        return {
            "digest": self.environment.digest,
            "created": self.environment.created,
            "drifts": self.drifts,
            "changed": [
                {"package": name, "was": was, "would_be": now} for name, was, now in self.changed
            ],
            "added": [{"package": name, "would_be": now} for name, now in self.added],
            "removed": [{"package": name, "was": was} for name, was in self.removed],
            "problem": self.problem.to_json() if self.problem else None,
        }


async def drift_of(
    store: EnvironmentStore, environment: Environment, conda: CondaSettings
) -> Drift:
    """Find out how an environment's recipe has drifted.

    Args:
        store: Where the environment is.
        environment: The environment.
        conda: What the operator says of conda's packages.

    Returns:
        Also what cannot be told, with the reason: one environment does not keep the others from
        being looked at.
    """
    try:
        then, now = await _both(store, environment, conda)
    except HubroamError as error:
        return Drift(environment, problem=error)
    both = sorted(then.keys() & now.keys())
    return Drift(
        environment,
        changed=[(name, then[name], now[name]) for name in both if then[name] != now[name]],
        added=sorted((name, now[name]) for name in now.keys() - then.keys()),
        removed=sorted((name, then[name]) for name in then.keys() - now.keys()),
    )


async def _both(
    store: EnvironmentStore, environment: Environment, settings: CondaSettings
) -> tuple[dict[str, str], dict[str, str]]:
    """Versions of packages by their names, then and now."""
    facts = store.facts(environment.digest)
    kept = environment.path.parent
    if facts.left_out or not facts.resolved:
        raise RecipeUnsupported(
            "The environment does not keep all that its recipe needs.",
            next_step="Build it again from its repository to see what it gets today.",
        )
    # a locked environment keeps what it was locked to, and gets that again
    if any("InstallLocked" in step for step in facts.steps):
        return {}, {}
    _refuse_r(facts.steps)
    explicit = kept / EXPLICIT
    lines = explicit.read_text(encoding="utf-8").splitlines() if explicit.exists() else []
    with TemporaryDirectory(prefix="drift-", dir=store.root) as folder:
        work = Path(folder)
        (work / "source").mkdir()
        (work / "home").mkdir()
        lay_out(kept, work / "source")
        recipe = read_recipe(DirectoryFiles(work / "source"))
        if _is_pinned(recipe):
            return {}, {}
        instead = facts.substituted
        conda = {} if instead else await _of_channels(recipe, work, store.cache, settings)
        python = str(environment.path / "bin" / "python")
        pip = await _of_index(recipe, python, work, store.cache, instead)
    then = {
        name: version
        for name, version in _of_pylock(kept / PYLOCK).items()
        if name in facts.resolved and (name not in _SEEDS or name in pip)
    }
    # conda's own packages satisfy what pip asks for
    pip = {name: version for name, version in pip.items() if name not in conda}
    return {**then, **_versions(_CONDA, lines)}, {**pip, **conda}


def _refuse_r(steps: Sequence[str]) -> None:
    """R's packages of a day do not drift; others, and conda's R for a runtime.txt, are not told.

    Raises:
        RecipeUnsupported: The environment has those.
    """
    own = any(step.startswith(("RunInstallR", "InstallDescription")) for step in steps)
    dated = any(step.startswith("UseR") and "date='" in step for step in steps)
    of_conda = any(step.startswith("InstallConda") and "'r-remotes'" in step for step in steps)
    if (own and not dated) or of_conda:
        raise RecipeUnsupported(
            "What R's packages would be today is not told"
            + ("." if dated else ": the recipe names no day."),
            next_step="Name a day in runtime.txt, such as r-4.2-2026-11-01: packages of one day "
            "do not drift.",
        )


def _is_pinned(recipe: Recipe) -> bool:
    """Whether a lock file of the recipe's own says what it gets."""
    return any(
        isinstance(step, SyncUvLock)
        or (isinstance(step, InstallPipfile) and step.locked)
        or (isinstance(step, InstallConda) and step.lock)
        for step in recipe.steps
    )


async def _of_channels(
    recipe: Recipe, work: Path, cache: Path, settings: CondaSettings
) -> dict[str, str]:
    """What conda's solver makes of the recipe today; nothing where it has no part for conda."""
    step = next((step for step in recipe.steps if isinstance(step, InstallConda)), None)
    if step is None:
        return {}
    solved = await install_conda(
        step,
        source=work / "source",
        prefix=None,
        cache=cache / "conda",
        home=work / "home",
        settings=settings,
        base=BASE_PACKAGES,
        log=lambda _: None,
        timeout=_TIMEOUT,
    )
    return _versions(_CONDA, solved.explicit)


async def _of_index(
    recipe: Recipe, python: str, work: Path, cache: Path, instead: Mapping[str, str]
) -> dict[str, str]:
    """What the recipe's files resolve to in the Python index today.

    ``instead`` is what stands for packages of conda's, as the environment was built.
    """
    wanted: list[str] = []
    lines = [*BASE_PACKAGES, *instead.values()]
    place = work / "source" / "requirements.txt"
    for step in recipe.steps:
        match step:
            case InstallRequirements(path):
                wanted.append(path)
            case InstallProject(directory):
                wanted.append(_project(work / "source", directory))
            case InstallConda(path, pip=pip):
                lines += pip
                place = work / "source" / path
            case InstallPipfile(locked=False):
                raise RecipeUnsupported(
                    "A Pipfile without a lock file is not resolved again.",
                    next_step="Run pipenv lock, and keep Pipfile.lock in the repository.",
                )
    output: list[str] = []
    uv = Uv(cache=cache / "uv", build=work, timeout=_TIMEOUT)
    options = [
        "--no-config",
        "--no-header",
        "--no-annotate",
        "--quiet",
        "--refresh",
        "--python",
        python,
        *(("--only-binary", ":all:") if instead else ()),
    ]
    with as_file(lines, place) as base:
        await uv(
            *("pip", "compile", *options, *wanted, base),
            folder=place.parent,
            log=output.append,
        )
    return _versions(_PIN, output)


def _project(source: Path, directory: str) -> str:
    for name in ("pyproject.toml", "setup.py"):
        if (source / directory / name).is_file():
            return str(Path(directory, name))
    raise RecipeError(
        "The environment does not keep its project.", next_step="Build the recipe again."
    )


def _versions(pattern: re.Pattern[str], lines: Iterable[str]) -> dict[str, str]:
    found = (pattern.match(line.strip()) for line in lines)
    return {canonicalize_name(each["name"]): each["version"] for each in found if each}


def _of_pylock(path: Path) -> dict[str, str]:
    document = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {
        canonicalize_name(each["name"]): each["version"]
        for each in document.get("packages", ())
        if "version" in each
    }


async def drifts(store: EnvironmentStore, environments: Sequence[Environment]) -> list[Drift]:
    """The drift of each, one after the other, with conda's own channels."""
    return [await drift_of(store, each, CondaSettings({}, "")) for each in environments]
