"""Programs that must not outlive the hub, even when the hub is killed.

``python -m hubroam.hub.child PROGRAM ARGUMENTS`` becomes that program, to which the kernel sends
SIGTERM when the process that started it is gone.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>; it stays in force when the process becomes a program


def end_with_parent() -> None:
    """Have the kernel end this process with its parent; elsewhere than on Linux, do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> None:
    """Become the program that the command line names."""
    end_with_parent()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 (no shell is wanted)


if __name__ == "__main__":
    main()
