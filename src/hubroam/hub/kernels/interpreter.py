"""The program of an interpreter that waits to be a kernel.

A session's server gives this text to the Python of the recipe, whichever that is, with
``-c TEXT DESCRIPTOR``; so it uses the standard library only, and nothing that Python 3.8 lacks.
It says by a byte on the descriptor that it has imported ipykernel. Then it reads from its standard
input what it shall be, as JSON, and is that: as if it had been started so. Where that cannot be
known it starts itself anew, by the very command line that it has in place of the kernel's. When its
input ends before that, it ends.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

# What a kernel imports until it answers, and nothing else: what its cells import, such as
# matplotlib, may read files of the folder in which they run.
MODULES = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "psutil",
    "sqlite3",
    "tornado.platform.asyncio",
)
# Variables that differ from kernel to kernel and that nothing reads before it runs.
OWN = ("JPY_SESSION_NAME", "JPY_PARENT_PID")


def places() -> dict[str, int | None]:
    """When something was last added to a place that modules come from, or removed; by place."""
    found: dict[str, int | None] = {}
    for path in [*sys.path, str(Path(sys.prefix, "pyvenv.cfg")), sys.executable]:
        try:
            found[path] = Path(path).stat().st_mtime_ns
        except OSError:
            found[path] = None
    return found


def changed_since(began: int) -> bool:
    """Whether a file that was read when this started, or later, has been written to since.

    Args:
        began: When this started, in nanoseconds.
    """
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    for folder in sys.path:
        files += [str(path) for path in Path(folder).glob("*.pth")]
    for file in files:
        try:
            if isinstance(file, str) and Path(file).stat().st_mtime_ns > began:
                return True
        except OSError:
            return True
    return False


def warm_up() -> None:
    """Import what a kernel imports.

    The debugger complains of Python's frozen modules when it is imported; of a kernel, whose output
    goes to its clients by then, nobody hears that.
    """
    errors = os.dup(2)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    try:
        for name in MODULES:
            with suppress(ImportError):  # another version; the kernel imports what it needs
                importlib.import_module(name)
        sys.stderr.flush()
    finally:
        os.dup2(errors, 2)
        os.close(errors)
        os.close(nothing)


def told() -> dict[str, Any] | None:
    """What it shall be: ``argv``, ``env`` and ``cwd``; None when nobody wants it any more."""
    data = b""
    while True:
        part = os.read(0, 1 << 16)
        if not part:
            return dict(json.loads(data.decode())) if data else None
        data += part


def without_own(variables: dict[str, str]) -> dict[str, str]:
    """Variables, but for those that may differ."""
    return {name: value for name, value in variables.items() if name not in OWN}


def main() -> None:
    """Wait, then be a kernel."""
    began = time.time_ns()
    del sys.path[0]  # the working folder, which is not searched until the kernel is there
    variables, before = dict(os.environ), places()
    warm_up()
    warm = int(sys.argv[1])
    with suppress(BrokenPipeError):  # it was made a kernel before it was warm
        os.write(warm, b"1")
    os.close(warm)
    kernel = told()
    if kernel is None:
        os._exit(0)
    argv = kernel["argv"]
    os.chdir(kernel["cwd"])
    same = without_own(variables) == without_own(kernel["env"])
    if not same or places() != before or changed_since(began):
        os.execvpe(argv[0], argv, kernel["env"])  # noqa: S606 (no shell is wanted)
    for name in OWN:
        os.environ.pop(name, None)
        if name in kernel["env"]:
            os.environ[name] = kernel["env"][name]
    module = argv.index("-m") + 1
    sys.path.insert(0, str(Path.cwd()))  # as `-m` does; the module takes it out again
    sys.argv = argv[module:]
    sys.orig_argv = argv
    runpy.run_module(argv[module], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
