"""uv, the builder's one tool: where it is, how it is called, what its failures mean."""

from __future__ import annotations

import re
from pathlib import Path

from uv import find_uv_bin

from hubroam.environments.commands import DISK_IS_FULL, Log, TimedOut, clean_environment, run
from hubroam.errors import BuildError, BuildTimeout, DiskFull, IndexUnreachable, ResolutionFailed

# What uv says of each thing that can go wrong, in the order in which it is looked for.
_NO_SOLUTION = re.compile(r"no solution found", re.IGNORECASE)
_NETWORK = re.compile(
    r"request failed after|failed to fetch|error sending request|dns error|failed to download"
    r"|connection (refused|reset)|tcp connect error",
    re.IGNORECASE,
)
_BUILD = re.compile(
    r"failed to (?:build|download and build) [`'\"]?(?P<package>[^`'\"\s]+)"
    r"|build backend returned an error",
    re.IGNORECASE,
)
# Lines that tell a reader nothing but where the hub keeps its files, and how it calls uv.
_OF_NO_USE = ("Using Python ", "warning: The `--pylock` option is experimental")
# Characters of uv's explanation that a person is shown; the log has all of it.
_EXPLANATION = 600


class Uv:
    """uv with the settings of one build.

    Args:
        cache: uv's cache.
        build: The build's folder.
        timeout: Seconds for one call.
    """

    def __init__(self, *, cache: Path, build: Path, timeout: float) -> None:
        self._program = find_uv_bin()
        self._build = build
        self.timeout = timeout
        self._settings = {
            "UV_CACHE_DIR": str(cache),
            "UV_NO_PROGRESS": "1",
            "NO_COLOR": "1",
            "GIT_TERMINAL_PROMPT": "0",
        }

    async def __call__(
        self, *arguments: str, folder: Path, log: Log, environment: dict[str, str] | None = None
    ) -> str:
        """Call uv.

        Args:
            arguments: What follows ``uv``.
            folder: Where it runs.
            log: Takes its output by lines.
            environment: More variables for this call.

        Returns:
            The end of its output.

        Raises:
            BuildError: It failed, and why, as far as it says.
        """
        clean = clean_environment(self._build / "home", build=self._build)
        variables = {**clean, **self._settings, **(environment or {})}
        try:
            status, output = await run(
                [self._program, *arguments],
                folder=folder,
                environment=variables,
                log=lambda line: None if line.startswith(_OF_NO_USE) else log(line),
                timeout=self.timeout,
            )
        except TimedOut:
            raise BuildTimeout(
                f"Installing the packages took longer than {self.timeout:.0f} seconds.",
                next_step="Try again: what was downloaded is kept. "
                "If it happens again, the recipe is too large for this hub.",
            ) from None
        if status:
            raise _error(output)
        return output


def _error(output: str) -> BuildError:
    """The one place where uv's words become errors for people."""
    if DISK_IS_FULL.search(output):
        return DiskFull.of_hub()
    if match := _BUILD.search(output):
        name = match["package"]
        which = f"The package {name}" if name else "A package of the recipe"
        return BuildError(
            f"{which} could not be built from its source.",
            next_step="See the log; a version of it with a wheel for this Python would do.",
        )
    if _NETWORK.search(output):
        return IndexUnreachable(
            "The package index cannot be reached from this hub.",
            next_step="Try again later, or tell the people who run this hub.",
        )
    if _NO_SOLUTION.search(output):
        return ResolutionFailed(
            f"The recipe's packages cannot be installed together: {_explanation(output)}",
            next_step="Tell the book's author, who can change the versions in the recipe.",
        )
    return BuildError(
        "The packages of the recipe could not be installed.",
        next_step="See the log for the reason.",
    )


def _explanation(output: str) -> str:
    """Uv's own reason: what follows "Because", in one line."""
    text = " ".join(output.split())
    start = text.find("Because ")
    reason = text[start:] if start >= 0 else text[-_EXPLANATION:]
    reason = re.split(r"\s(?:hint:|help:)", reason)[0]
    return reason if len(reason) <= _EXPLANATION else f"{reason[:_EXPLANATION]}…"
