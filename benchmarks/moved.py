"""A launch of a branch that has moved, with its repository far away; each round commits prose."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

from benchmarks.delay import far_away
from benchmarks.hubs import Ours, scratch, to_first_answer
from benchmarks.measure import document, in_turn

# Seconds to the repository's host and back, as to one on the same continent.
ROUND_TRIP = 0.1


def run(runs: int) -> dict[str, Any]:
    """Measure; the peer is a branch of the same commit that was never launched.

    Of that one nothing is known before it is fetched, so all comes one after the other.

    Args:
        runs: Rounds.

    Returns:
        The benchmark's document.
    """
    with scratch() as folder:
        hub = Ours(folder / "hub")
        with hub.running(), far_away(hub.book.url, round_trip=ROUND_TRIP) as far:
            book = _Book(hub, far)
            book.launch("main")
            launches = in_turn(
                {
                    "moved: known branch": book.known,
                    "moved: new branch": book.new,
                    "moved: not moved": lambda: book.launch("main"),
                },
                runs,
            )
    pairs = {
        "moved, new branch / known branch": ("moved: new branch", "moved: known branch"),
        "moved, known branch / not moved": ("moved: known branch", "moved: not moved"),
    }
    return document("moved", runs, launches, pairs)


class _Book:
    """The hub's book, at an address far away."""

    def __init__(self, hub: Ours, url: str) -> None:
        self._hub, self._url = hub, url

    def launch(self, branch: str) -> float:
        """Launch a branch; returns the seconds to its kernel's first answer."""
        spec = f"git/{quote(self._url, safe='')}/{branch}"
        return to_first_answer(branch, lambda: self._hub.session(spec))

    def known(self) -> float:
        self._commit("main")
        return self.launch("main")

    def new(self) -> float:
        branch = f"branch-{uuid.uuid4().hex[:8]}"
        self._hub.book.branch(branch)
        self._commit(branch)
        return self.launch(branch)

    def _commit(self, branch: str) -> None:
        text = {"prose.md": uuid.uuid4().hex}
        self._hub.book.commit(text, branch=branch)
