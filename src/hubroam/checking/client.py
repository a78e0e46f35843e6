"""nbclient, for pages whose outputs nobody looks at."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from nbclient import NotebookClient
from nbformat import NotebookNode

from hubroam.checking.report import PageError

#: Characters of output that a page may print; a browser shows no more of them in comfort.
OUTPUT_LIMIT = 20_000_000


class CountingClient(NotebookClient):
    """Counts outputs and keeps none.

    Args:
        notebook: What to run.
        stop: Called when there is too much output.
        settings: nbclient's own.
    """

    def __init__(
        self, notebook: NotebookNode, stop: Callable[[PageError], None], **settings: Any
    ) -> None:
        super().__init__(notebook, **settings)
        self.log = logging.getLogger(__name__)
        self.log.setLevel(logging.CRITICAL)  # its errors come to us as exceptions
        self._stop = stop
        self._printed = 0

    def output(
        self, outs: list[NotebookNode], msg: dict[str, Any], display_id: str | None, cell_index: int
    ) -> None:
        """Take an output."""
        content = msg["content"]
        shown = content.get("data", {}).values()
        self._printed += len(content.get("text", "")) + sum(len(str(each)) for each in shown)
        if self._printed > OUTPUT_LIMIT:
            self._stop(
                PageError(
                    f"The page printed more than {OUTPUT_LIMIT // 1_000_000} million characters.",
                    "Print less of it; a browser does not show that much.",
                )
            )
