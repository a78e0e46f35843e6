"""Running what a recipe brings to run: in the checkout, in time, keeping what it leaves there."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hubroam.environments.commands import Log, TimedOut, clean_environment, run
from hubroam.errors import BuildError, BuildTimeout


@dataclass(frozen=True)
class Scripts:
    """Where a build's scripts run.

    Attributes:
        source: The checkout, which is their folder and their ``HOME``, as with repo2docker.
        target: The folder that becomes the environment.
        log: Takes lines for people.
    """

    source: Path
    target: Path
    log: Log

    async def run(
        self,
        name: str,
        command: Sequence[str],
        *,
        variables: Mapping[str, str],
        timeout: float,
        failure: type[BuildError],
    ) -> str:
        """Run one, and keep what is new or changed in the checkout afterwards.

        Args:
            name: What it is called, for people.
            command: The program and its arguments.
            variables: What it finds in its environment beside what each has.
            timeout: Seconds that it may take.
            failure: What is raised when it ends with an error, or cannot be run.

        Returns:
            The end of its output.

        Raises:
            BuildError: As above.
            BuildTimeout: It did not end.
        """
        prefix = self.target / "prefix"
        before = _snapshot(self.source)
        environment = clean_environment(self.source, build=self.target, path=[prefix / "bin"])
        environment |= {
            "VIRTUAL_ENV": str(prefix),
            "REPO_DIR": str(self.source),
            "NB_PYTHON_PREFIX": str(prefix),
            "KERNEL_PYTHON_PREFIX": str(prefix),
            **variables,
        }
        self.log(f"Running {name}")
        try:
            status, output = await run(
                command,
                folder=self.source,
                environment=environment,
                log=self.log,
                timeout=timeout,
            )
        except TimedOut:
            raise BuildTimeout(
                f"{name} took longer than {timeout:.0f} seconds.",
                next_step="Tell the book's author; the log shows how far it came.",
            ) from None
        except OSError as error:
            raise failure(
                f"{name} could not be run ({error.strerror}).",
                next_step="Tell the book's author: its first line must name its interpreter, "
                "such as #!/bin/bash.",
            ) from None
        if status:
            last = output.strip().rpartition("\n")[2][:200]
            raise failure(
                f"{name} ended with status {status}" + (f": {last}" if last else "."),
                next_step="Tell the book's author; the log has all of its output.",
            )
        await asyncio.to_thread(self._keep, before)
        return output

    def _keep(self, before: dict[str, tuple[int, int]]) -> None:
        """Have what is new or changed in the checkout in the overlay too.

        By links, since what one script leaves there the next may need.
        """
        for name, facts in _snapshot(self.source).items():
            if before.get(name) != facts:
                kept = self.target / "overlay" / name
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.unlink(missing_ok=True)
                os.link(self.source / name, kept, follow_symlinks=False)


def _snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file below a folder, but for git's own: its size, and when it was changed."""
    found = {}
    for where, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        links = [name for name in folders if Path(where, name).is_symlink()]
        for name in [*names, *links]:
            path = Path(where, name)
            facts = path.lstat()
            found[str(path.relative_to(folder))] = (facts.st_size, facts.st_mtime_ns)
    return found
