"""Where the files that a build reads come from."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

#: Puts a checkout at a path that does not exist yet.
Source = Callable[[Path], Awaitable[None]]


def in_folder(source: Source, folder: str) -> Source:
    """The same source, of which a build gets one folder and nothing that is outside of it.

    Args:
        source: Of the whole repository.
        folder: A folder of it, not through a symbolic link; empty for all.
    """
    if not folder:
        return source

    async def put(target: Path) -> None:
        whole = target.with_name(f"{target.name}-whole")
        try:
            await source(whole)
            (whole / folder).rename(target)
        finally:
            await asyncio.to_thread(shutil.rmtree, whole, ignore_errors=True)

    return put
