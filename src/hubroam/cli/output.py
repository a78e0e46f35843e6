"""What the command line shows: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from types import TracebackType
from typing import Any, Self

import click
from rich.console import Console
from rich.text import Text

from hubroam.errors import HubroamError

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on standard output."
)

#: Lines of a log that are shown when what they tell of has failed.
_TAIL = 20

_TITLES = {
    "hub": "Finding this machine's hub, or starting one",
    "waiting": "Waiting for a place to build",
    "fetching": "Fetching the repository",
    "building": "Building the environment",
    "pushing": "Keeping the environment",
    "built": "The environment is there",
    "launching": "Starting the session",
    "running": "Running the pages",
}


def print_json(document: Any) -> None:
    """Print one JSON document on standard output."""
    print(json.dumps(document, indent=2), flush=True)


def print_error(error: HubroamError, *, as_json: bool) -> None:
    """Print an error: as JSON on standard output, or as two sentences on standard error."""
    if as_json:
        print_json(error.to_json())
        return
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text(error.message, style="bold red"))
    console.print(Text(error.next_step))


class Progress:
    """Shows the steps of a launch or build on standard error while they happen.

    On a terminal one line tells the step, how long everything has taken and the newest line of
    the log; elsewhere each step and each line of the log is a line.
    """

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._began = time.monotonic()
        self._phase: str | None = None
        self._tail: deque[str] = deque(maxlen=_TAIL)
        self._newest = ""
        self._status = self._console.status(self) if self._console.is_terminal else None

    def __rich__(self) -> Text:
        """The line that is drawn again and again on a terminal."""
        line = f"{time.monotonic() - self._began:4.0f} s  {self._newest}"
        return Text(line[: self._console.width - 4], style="dim")

    def __enter__(self) -> Self:
        """Begin to show."""
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; after a failure leave the end of the log on the screen."""
        if self._status:
            self._status.stop()
            if isinstance(error, HubroamError):
                for line in self._tail:
                    self._console.print(Text(line, style="dim"))

    def show(self, phase: str | None, message: str) -> None:
        """Show a step.

        Args:
            phase: A phase of the protocol; None for a line of the log.
            message: What happens.
        """
        seconds = time.monotonic() - self._began
        phase = phase or self._phase
        if phase != self._phase:
            self._phase = phase
            self._console.print(
                Text.assemble((f"{seconds:6.1f} s  ", "dim"), _TITLES.get(phase or "", phase or ""))
            )
        for line in message.rstrip("\n").splitlines():
            self._tail.append(line)
            self._newest = line
            if self._status is None:
                print(f"          {line}", file=sys.stderr, flush=True)
