"""Programs that must not outlive the hub, even when the hub is killed.

``python -m hubroam.hub.child PARENT PROGRAM ARGUMENTS`` becomes that program, to which the kernel
sends SIGTERM when the process that started it, ``PARENT``, is gone.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>; it stays in force when the process becomes a program


def child_command(*program: str) -> list[str]:
    """The command line by which this process starts a program that ends with it.

    Args:
        program: The program and its arguments.
    """
    return [sys.executable, "-m", "hubroam.hub.child", str(os.getpid()), *program]


def main() -> None:
    """Become the program that the command line names; elsewhere than on Linux, do no more."""
    parent, program = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it was killed before the kernel knew
            sys.exit()
    os.execvp(program[0], program)  # noqa: S606 (no shell is wanted)


if __name__ == "__main__":
    main()
