"""Building from a lock: the same versions, checked against the lock's hashes, and nothing else.

A lock is what a build leaves: ``pylock.toml`` (PEP 751) of Python's packages, conda's explicit list
``explicit.txt`` where conda was used, and ``renv.lock`` where there is R.  R's packages come from
the same day of CRAN by the recipe's own ``install.R``, and their versions are compared afterwards.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from hubroam.environments.installing import Installation
from hubroam.environments.lock import EXPLICIT, PYLOCK, SUBSTITUTED
from hubroam.environments.r import RENV_LOCK, read_r_lock
from hubroam.errors import BuildError, LockUnavailable, RecipeError
from hubroam.recipes import (
    Files,
    InstallConda,
    InstallDescription,
    InstallLocked,
    InstallProject,
    InstallRequirements,
    Recipe,
    RunInstallR,
    RunPostBuild,
    SyncUvLock,
    UseR,
    read_lines,
    read_requirements,
    read_text,
)

_MISSING = re.compile(r"(?:404|410)[^\n]*? for url \((?P<url>[^)\s]+)\)")
_MISMATCH = re.compile(r"Hash mismatch for `(?P<package>[^`]+)`")
_PACKAGE = re.compile(r"Failed to (?:download|download and build) `(?P<package>[^`]+)`")
_NEXT_STEP = "Build without --locked for what can be had today, or find the file elsewhere."


def lock_recipe(recipe: Recipe, files: Files, folder: str) -> Recipe:
    """A recipe whose packages are those of a lock.

    Args:
        recipe: The recipe; its own packages, ``postBuild`` and ``start`` stay.
        files: The repository's files, the lock among them.
        folder: Where the lock is; empty for the root.

    Raises:
        RecipeError: There is no lock, or it is none.
    """
    pylock, explicit, renv = (
        str(PurePosixPath(folder, name))
        if str(PurePosixPath(folder, name)) in files.names()
        else ""
        for name in (PYLOCK, EXPLICIT, RENV_LOCK)
    )
    conda = next((step for step in recipe.steps if isinstance(step, InstallConda)), None)
    variables = conda.variables if conda else ()
    if conda and pylock and _stands_for_conda(_read_pylock(files, pylock)):
        conda, explicit = None, ""
    r = next((step for step in recipe.steps if isinstance(step, UseR | RunInstallR)), None)
    if r and explicit and not conda:  # what runtime.txt asks for came from conda
        conda = InstallConda(r.path, (), ("r-base",))
    needed = {PYLOCK: pylock, **({EXPLICIT: explicit} if conda else {})}
    needed |= {RENV_LOCK: renv} if r else {}
    if absent := [name for name, path in needed.items() if not path]:
        missing = f"{folder}/" if folder else ""
        missing += absent[0]
        raise RecipeError(
            f"There is no lock: {missing} is missing.",
            next_step="Put what a build has left there (the `lock` that hubroam build prints).",
        )
    requires = _read_pylock(files, pylock).get("requires-python")
    steps: list[Any] = []
    if explicit and conda:
        steps.append(replace(conda, lock=explicit))
    steps.append(InstallLocked(pylock, _own_packages(recipe, files), () if conda else variables))
    if r:
        version, url, _ = read_r_lock(read_text(files, renv), renv)
        steps.append(UseR(r.path, version, None, lock=renv, url=url))
    afterwards = (RunInstallR, InstallDescription, RunPostBuild)
    steps += [step for step in recipe.steps if isinstance(step, afterwards)]
    contents = {name: files.digest(name) for name in (pylock, explicit, renv if r else "") if name}
    return replace(
        recipe,
        kind="r" if r else "conda" if explicit and conda else "python",
        python=recipe.python or (requires if isinstance(requires, str) and not conda else None),
        python_source=recipe.python_source or pylock,
        steps=tuple(steps),
        inputs=tuple(sorted({**dict(recipe.inputs), **contents}.items())),
        named=None,
    )


def _read_pylock(files: Files, path: str) -> dict[str, Any]:
    try:
        document = tomllib.loads(read_text(files, path))
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"{path} is not TOML: {error}.", next_step="Copy it anew.") from None
    if document.get("lock-version") != "1.0":
        raise RecipeError(
            f"{path} is no lock that is read here: its lock-version is not 1.0.",
            next_step="Use the pylock.toml that a build has left.",
        )
    return document


def _stands_for_conda(pylock: dict[str, Any]) -> bool:
    """Whether a lock has PyPI's packages in place of those that a recipe asks of conda."""
    tool = pylock.get("tool")
    own = tool.get("hubroam") if isinstance(tool, dict) else None
    return isinstance(own, dict) and SUBSTITUTED in own


def _own_packages(recipe: Recipe, files: Files) -> tuple[str, ...]:
    """The packages of the repository itself, which no lock names."""
    found: list[str] = []
    for step in recipe.steps:
        if isinstance(step, InstallProject):
            found.append(step.directory)
        elif isinstance(step, InstallRequirements):
            found += sorted(read_requirements(files, step.path).trees)
        elif isinstance(step, InstallConda):
            found += sorted(read_lines(files, step.path, step.pip).trees)
        elif isinstance(step, SyncUvLock) and step.directory.strip(".") in dict(recipe.inputs):
            found.append(step.directory)
    return tuple(dict.fromkeys(f"./{name}" if name not in ("", ".") else "." for name in found))


class LockedInstallation(Installation):
    """One build of a lock."""

    async def _install(self, step: Any, *, with_base: bool) -> None:
        match step:
            case InstallConda():
                await self._install_explicit(step)
            case InstallLocked(path, own, variables):
                self._variables |= dict(variables)
                await self._install_pylock(path)
                if own:
                    await self._pip("--no-deps", *own)

    async def _install_pylock(self, path: str) -> None:
        """Install Python's packages of a lock; uv checks their hashes.

        Raises:
            LockUnavailable: One cannot be had any more, or is another file by now.
        """
        with self._hearing():
            await self._pip("--no-deps", "--requirements", path)

    @contextmanager
    def _hearing(self) -> Iterator[None]:
        """See in what a tool says whether it failed for want of a file.

        Raises:
            LockUnavailable: It did.
        """
        lines: list[str] = []
        log = self._log

        def heard(line: str) -> None:
            lines.append(line)
            log(line)

        self._log = heard
        try:
            yield
        except BuildError as error:
            raise _unavailable("\n".join(lines)) or error from None
        finally:
            self._log = log

    async def _install_explicit(self, step: InstallConda) -> None:
        """Install conda's packages of a lock."""
        with self._hearing():
            await self._conda_packages(step, ())
        await self._activate(step)


def _unavailable(output: str) -> LockUnavailable | None:
    """What a tool said of a file that is not there any more, or is another one by now."""
    if match := _MISMATCH.search(output):
        return LockUnavailable(
            f"{match['package']} is not the file that the lock has: its hash is another.",
            next_step=_NEXT_STEP,
        )
    if match := _MISSING.search(output):
        package = _PACKAGE.search(output)
        name = package["package"] if package else match["url"].rsplit("/", 1)[-1]
        return LockUnavailable(
            f"{name} of the lock cannot be had any more: {match['url']} is gone.",
            next_step=_NEXT_STEP,
        )
    return None
