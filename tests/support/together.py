"""Things that take long to start, started and stopped at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any


@contextmanager
def together(contexts: Mapping[str, AbstractContextManager[Any]]) -> Iterator[dict[str, Any]]:
    """Enter contexts at once, leave them at once; gives their values by name."""
    stacks = {name: ExitStack() for name in contexts}
    with ThreadPoolExecutor(len(contexts)) as pool:
        begun = {
            name: pool.submit(stacks[name].enter_context, context)
            for name, context in contexts.items()
        }
        wait(begun.values())  # so that none is left half entered when one fails
        try:
            yield {name: each.result() for name, each in begun.items()}
        finally:
            for stopped in [pool.submit(stack.close) for stack in stacks.values()]:
                stopped.result()
