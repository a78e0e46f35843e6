"""Solves and installs conda packages by rattler: ``python -m hubroam.environments.conda_worker``.

A program of its own, since a large channel takes a gigabyte while it is solved, and a build that
is stopped must be over at once. It reads one JSON document from the file that it is given, says
what it does by lines on standard output, and writes one JSON document to ``answer``:

=============  ===================================================================================
``prefix``     where to install; or null, to solve only
``cache``      the folder of the shared cache of packages and channel data
``channels``   names or addresses, the best first
``attempts``   lists of packages; the first that can be solved is installed
``lock``       a lock file to install from where it is for this machine; or null
``mirrors``    addresses to ask in place of others
``answer``     where the result goes
=============  ===================================================================================

The answer holds ``explicit`` (conda's explicit list), ``locked`` (whether a lock file had it) and
``pip`` (requirements that the lock file names beside them); or ``problem`` and ``message``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import rattler
from rattler import exceptions as failures
from rattler.install import InstallerReporter
from rattler.networking import Client
from rattler.networking.middleware import (
    AuthenticationMiddleware,
    MirrorMiddleware,
    RetryMiddleware,
)

from hubroam.environments.conda_locks import read_lock
from hubroam.errors import RecipeError
from hubroam.recipes.conda import subdir

_SOLVE = "solve"
_PROBLEMS: list[tuple[type[Exception], str]] = [
    (failures.SolverError, _SOLVE),
    (failures.InvalidMatchSpecError, "package"),
    (failures.InvalidChannelError, "channel"),
    (failures.ParseCondaLockError, "lock"),
    (RecipeError, "lock"),
    (failures.GatewayError, "network"),
    (failures.FetchRepoDataError, "network"),
    (failures.InstallerError, "install"),
]


def say(line: str) -> None:
    """Tell what happens."""
    print(line, flush=True)


class _Reporter(InstallerReporter):
    """Says which package is downloaded, and how far the linking is."""

    def __init__(self, sizes: dict[str, int | None]) -> None:
        self._sizes = sizes
        self._names: dict[int, str] = {}
        self._total = self._done = 0

    # What the methods are called for, the library documents.

    def on_transaction_start(self, total_operations: int) -> None:
        self._total = total_operations

    def on_populate_cache_start(self, operation: int, package_name: str) -> int:
        self._names[operation] = package_name
        return operation

    def on_download_start(self, cache_entry: int) -> int:
        name = self._names.get(cache_entry, "a package")
        size = self._sizes.get(name)
        say(f"Downloading {name}" + (f" ({size / 1e6:.1f} MB)" if size else ""))
        return cache_entry

    def on_link_start(self, operation: int, package_name: str) -> int:
        self._names[operation] = package_name
        return operation

    def on_link_complete(self, index: int) -> None:
        self._done += 1
        say(f"Linked {self._names.get(index, 'a package')} ({self._done} of {self._total})")

    def on_post_link_start(self, package_name: str, script_path: str) -> int:
        say(f"Running {script_path} of {package_name}")
        return 0


async def work(wanted: dict[str, Any]) -> dict[str, Any]:
    """Do it.

    Args:
        wanted: As above.

    Returns:
        The answer.
    """
    cache = Path(wanted["cache"])
    client = Client(
        [AuthenticationMiddleware(), MirrorMiddleware(wanted["mirrors"]), RetryMiddleware()]
    )
    records, pip = _locked(wanted["lock"])
    locked = bool(records)
    if not locked:
        records = await _solve(wanted, cache, client)
    if wanted["prefix"]:
        say(f"{len(records)} conda packages to install")
        await rattler.install(
            records,
            wanted["prefix"],
            cache_dir=cache / "packages",
            client=client,
            execute_link_scripts=True,  # the builder runs the recipe's own programs anyway
            # the protocol's other methods do nothing, which mypy takes for abstract
            reporter=_Reporter(  # type: ignore[abstract]
                {each.name.normalized: each.size for each in records}
            ),
        )
    lines = [f"{each.url}{f'#{each.md5.hex()}' if each.md5 else ''}" for each in records]
    explicit = ["@EXPLICIT", *sorted(lines)]
    return {"explicit": explicit, "locked": locked, "pip": pip}


def _locked(path: str | None) -> tuple[list[rattler.RepoDataRecord], list[str]]:
    """What a lock file has for this machine; nothing where it has nothing."""
    if not path:
        return [], []
    name = Path(path).name
    say(f"Reading {name}")
    records, pip = read_lock(Path(path))
    if not records:
        say(f"{name} has nothing for {subdir()}: the packages are solved anew")
    return records, pip


async def _solve(
    wanted: dict[str, Any], cache: Path, client: Client
) -> list[rattler.RepoDataRecord]:
    gateway = rattler.Gateway(cache_dir=cache / "channels", client=client)
    channels, attempts = wanted["channels"], wanted["attempts"]
    say(f"Reading {', '.join(channels)}")
    here = rattler.VirtualPackage.detect()
    for number, packages in enumerate(attempts):
        say(f"Solving {', '.join(packages)}")
        try:
            return await rattler.solve(channels, packages, gateway=gateway, virtual_packages=here)
        except failures.SolverError:
            if number == len(attempts) - 1:
                raise
    raise ValueError("no packages are asked for")


def main() -> None:
    """Run as a program."""
    wanted = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    try:
        answer = asyncio.run(work(wanted))
    except Exception as error:
        problem = next((name for kind, name in _PROBLEMS if isinstance(error, kind)), None)
        if problem is None:
            raise
        say(str(error))
        answer = {"problem": problem, "message": str(error)}
    Path(wanted["answer"]).write_text(json.dumps(answer), encoding="utf-8")
    # rattler's threads may still report when all is done, and an interpreter that is being taken
    # down dies of that
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
