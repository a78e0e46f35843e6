"""git's progress, told at a pace that people and event streams can follow."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

#: Seconds between two lines of one stage.
PACE = 0.25

# Only git's own counters are told: whatever else stands there, a stranger's server wrote.
_STAGE = re.compile(
    r"(?:remote: )?(?P<stage>(?:Enumerating|Counting|Compressing|Receiving|Resolving|Unpacking"
    r"|Updating|Checking|Filtering) [a-z]{1,20}): +[0-9][A-Za-z0-9%()/., |]{0,80}"
)
_LONGEST_LINE = 1000


class Progress:
    """Picks the lines worth telling out of git's standard error.

    git ends a line of progress with a carriage return and writes it anew many times a second.
    A line is told at most every `PACE` seconds, and the last one of each stage always.

    Args:
        tell: Takes a line.
        clock: Seconds; a test has its own.
    """

    def __init__(
        self, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tell = tell
        self._clock = clock
        self._rest = ""
        self._told_at = -PACE
        self._finished: set[str] = set()

    def feed(self, text: str) -> None:
        """Take more of what git wrote, cut anywhere."""
        *lines, rest = re.split(r"[\r\n]+", self._rest + text)
        self._rest = rest[-_LONGEST_LINE:]
        for line in lines:
            self._consider(line.strip())

    def _consider(self, line: str) -> None:
        match = _STAGE.fullmatch(line)
        if match is None or match["stage"] in self._finished:
            return
        now = self._clock()
        finished = line.endswith("done.")
        if finished:
            self._finished.add(match["stage"])
        if finished or now - self._told_at >= PACE:
            self._told_at = now
            self._tell(line.removeprefix("remote: "))
