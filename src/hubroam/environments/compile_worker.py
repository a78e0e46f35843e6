"""Compiles the modules of an environment, at the lowest priority; run by the environment's Python.

``python -I -S compile_worker.py HUB LINK PLACE FOLDER...``: so nothing of the environment is
imported, and no file of it but the sources is read.  It needs no more than the standard library, of
any Python that a recipe may ask for.

It ends when its HUB has ended, or when the environment's PLACE is not what LINK leads to.
"""

from __future__ import annotations

import compileall
import os
import resource
import sys

# What a source of megabytes takes to compile; more is meant to take the machine's memory.
_MEMORY = 2 * 2**30


def main(hub: str, link: str, place: str, *folders: str) -> int:
    """Compile what is not compiled yet.

    Each file is written beside its place and renamed into it: sessions, which may do the same, and
    uv's cache, whose files these are by hard links, never see it change.

    Args:
        hub: The process that has started this one, by its number.
        link: Leads to the environment as long as it is published.
        place: The environment's folder, without symbolic links.
        folders: The folders of its packages.

    Returns:
        Exit status: 0 when all was done, files that cannot be compiled left as they are.
    """
    try:  # the processor is taken when nobody else wants it
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    except (AttributeError, OSError):
        os.nice(19)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    for folder in folders:
        for where, _, names in os.walk(folder):
            for name in names:
                if str(os.getppid()) != hub or os.path.realpath(link) != place:
                    return 1
                if name.endswith(".py"):
                    try:
                        compileall.compile_file(f"{where}/{name}", quiet=2)
                    except (MemoryError, RecursionError, OSError, ValueError):
                        continue
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
