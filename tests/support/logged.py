"""Programs that say in their output when they are ready."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

_PATIENCE = 120  # seconds


def environment_of(python: Path | str, variables: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Variables for programs that another Python's environment holds, that one's before ours."""
    path = f"{Path(python).parent}{os.pathsep}{variables['PATH']}"
    variables = {**variables, "PATH": path}
    # a program that is started again and again must not be compiled each time
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    return variables


class LoggedProgram:
    """A program that runs while the context lasts; it is entered once the program is ready.

    Args:
        command: With its arguments.
        ready: What stands in the line by which it says so.
        folder: Where it runs; its output is kept there as ``log``.
        environment: All of its variables.
    """

    def __init__(
        self, command: Sequence[str], *, ready: str, folder: Path, environment: dict[str, str]
    ) -> None:
        self._command = command
        self._line = ready.encode()
        self._folder = folder
        self._environment = environment
        self._settled = threading.Event()  # it is ready, or has ended
        self.log = folder / "log"

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        if not self._settled.wait(_PATIENCE) or self._process.poll() is not None:
            self.__exit__()
            raise RuntimeError(self.log.read_text(errors="replace")[-2000:])
        return self

    def _listen(self) -> None:
        output = self._process.stdout
        assert output
        with output, self.log.open("wb", buffering=0) as log:
            for line in output:
                log.write(line)
                if self._line in line:
                    self._settled.set()
        self._process.wait()
        self._settled.set()

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join(60)
