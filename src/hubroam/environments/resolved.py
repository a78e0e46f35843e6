"""Building from packages that a recipe names: resolved first, then installed from the lock.

Most recipes are a list of names.  Resolving them ahead gives the lock with its hashes at once,
which is checked by what it installs, need not be made again from what is installed, and serves
other builds of the same packages on the same day.
"""

from __future__ import annotations

import asyncio
import shutil
import time
import tomllib
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from hubroam.environments.installing import BASE_PACKAGES, Installation
from hubroam.environments.lock import PYLOCK, distributions, resolve
from hubroam.environments.resolutions import Resolution
from hubroam.environments.together import both
from hubroam.errors import BuildError, BuildTimeout, DiskFull
from hubroam.recipes import InstallRequirements, Recipe, RunPostBuild

# What a virtual environment is made with: venv's own rule, which uv's `--seed` follows.
_SEEDS, _OLD_SEEDS = ("pip",), ("pip", "setuptools", "wheel")


def seeds(interpreter: str) -> tuple[str, ...]:
    """What a virtual environment has from its beginning.

    Args:
        interpreter: Implementation and version: ``cpython 3.11.7``.
    """
    major, minor = interpreter.rsplit(" ", 1)[-1].split(".")[:2]
    return _SEEDS if (int(major), int(minor)) >= (3, 12) else _OLD_SEEDS


class ResolvedInstallation(Installation):
    """One build of named packages.

    Args:
        cache: Where packages, and today's resolutions, are kept.
        version: The interpreter's implementation and full version.
        others: As for `Installation`; its recipe's `named` is not None, and uv asks one index.
    """

    def __init__(self, *, cache: Path, version: str, recipe: Recipe, **others: Any) -> None:
        super().__init__(cache=cache, recipe=recipe, **others)
        self._added = (*BASE_PACKAGES, *seeds(version))
        packages = (*(recipe.named or ()), *self._added)
        self._resolution = Resolution.of(cache / "resolutions", packages, version)
        self._lock = self._target / PYLOCK

    async def _install_packages(self) -> None:
        if self._resolution.copy_to(self._lock):
            self._log("Taking the versions that these packages were resolved to today")
            await self._make_venv()
            try:
                await self._install_lock()
                return
            except (BuildTimeout, DiskFull):
                raise
            except BuildError:
                self._log("They cannot be installed any more: resolving again")
                self._resolution.forget()
                self._lock.unlink()
                await asyncio.to_thread(shutil.rmtree, self._prefix)
        await both(self._make_venv(), self._resolve())
        await self._install_lock()
        self._resolution.keep(self._lock)

    async def _resolve(self) -> None:
        began = time.monotonic()
        base = self._target / "home" / "base.txt"
        base.write_text("\n".join(self._added) + "\n", encoding="utf-8")
        steps = self._recipe.steps
        files = [step.path for step in steps if isinstance(step, InstallRequirements)]
        await resolve(
            *(self._uv, self._interpreter, [*files, str(base)], self._target),
            folder=self._source,
            log=self._log,
        )
        seconds = time.monotonic() - began
        self._log(f"Resolved {len(self._locked())} packages in {seconds:.1f} s")

    def _locked(self) -> dict[str, str]:
        """The versions of the lock's packages, by their names."""
        packages = tomllib.loads(self._lock.read_text(encoding="utf-8")).get("packages", ())
        return {canonicalize_name(each["name"]): each.get("version", "") for each in packages}

    async def _install_lock(self) -> None:
        await self._pip("--no-deps", "--requirements", str(self._lock), folder=self._target)

    async def _check(self) -> None:
        try:
            await super()._check()
        except BuildError:
            self._resolution.forget()
            raise

    async def _write_lock(self) -> list[str]:
        """The lock is there, unless something else has changed what is installed."""
        ran = any(isinstance(step, RunPostBuild) for step in self._recipe.steps)
        if not ran and distributions(self._prefix) == self._locked():
            return []
        return await super()._write_lock()
