"""Asking a hub as a browser does that shows a page of another origin."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from hubroam.asker import Asker, Hop, NoReply, Reply
from hubroam.discovery import read_answer
from hubroam.inquiry import QUESTIONS, Answer, Discovery, Inquiry, Probe
from hubroam.profile import KEY

ORIGIN, SECOND_ORIGIN = "https://book.example", "https://pages.example"
"""Two origins that no hub knows (RFC 2606): who allows both, allows all."""

TELLING = ("versions", "hub-api")
"""The questions whose answers tell a hub that people launch on."""

# As many as browsers have to one host at once (HTTP/1.1).
_AT_ONCE = 6


class Visit:
    """A stranger's questions to one hub."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def look(self, text: str) -> Look:
        """Ask an address what hub is there, everything at once.

        Args:
            text: As `hubroam.hubbases.hub_bases`.

        Raises:
            LinkError: It is no address.
        """
        inquiry = Inquiry(text)
        replies = await asyncio.gather(*map(self._probe, inquiry.probes))
        return Look(inquiry, dict(zip(inquiry.probes, replies, strict=True)))

    async def _probe(self, probe: Probe) -> Reply | NoReply:
        # an image that a page shows is asked for without an Origin
        headers = page_headers(ORIGIN) if probe.name in QUESTIONS else {}
        try:
            return await self._asker.ask(probe.url, headers=headers)
        except NoReply as error:
            return error

    async def ask(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        read: bool = False,
    ) -> Reply | NoReply:
        """As `Asker.ask`, in turn, following nothing; what came back, or why nothing did."""
        async with self._turns:
            try:
                return await self._asker.ask(
                    url, method=method, headers=headers, follow=False, read=read
                )
            except NoReply as error:
                return error


class Look:
    """What is at an address, and what pages of other origins make of it.

    Args:
        inquiry: What was asked.
        replies: What came back.

    Attributes:
        there: What is there.
        seen: What a page of another origin finds; the same when the hub lets it.
        base: The base that the answers are of.
        documents: The hub's answers to the questions of `TELLING`, as far as it gave them.
    """

    def __init__(self, inquiry: Inquiry, replies: Mapping[Probe, Reply | NoReply]) -> None:
        self._replies = replies
        answers = {probe: read_answer(probe, reply) for probe, reply in replies.items()}
        self.there = _conclude(inquiry, answers)
        self.seen = _conclude(
            Inquiry(inquiry.text),
            {probe: _as_seen(probe, answers[probe], reply) for probe, reply in replies.items()},
        )
        self.base = self.there.url if self.there.url in inquiry.bases else inquiry.bases[0]
        documents = {name: answers[Probe(self.base, name)].value for name in TELLING}
        self.documents: dict[str, dict[str, Any]] = {
            name: document
            for name, document in documents.items()
            if isinstance(document, dict)
            and document.keys() & {KEY, "binderhub" if name == "versions" else "version"}
        }

    def reply(self, name: str) -> Reply | NoReply:
        """What came back from the base for one of the questions."""
        return self._replies[Probe(self.base, name)]

    def moved(self) -> bool:
        """Whether the hub is at another address of the same host than the one asked for."""
        return self.there.problem is None and self.there.url != self.base


def page_headers(origin: str) -> dict[str, str]:
    """What a browser sends with a question of a page's script, without cookies."""
    return {"Origin": origin, "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "cross-site"}


def allowed_origin(hop: Hop) -> str | None:
    """Whom an answer allows to read it: ``*``, an origin, or None; a list is no valid answer."""
    allowed: str | None = hop.headers.get("Access-Control-Allow-Origin")
    return allowed


def readable(reply: Reply, origin: str) -> bool:
    """Whether a page of an origin may read an answer: every redirect on the way must allow it too.

    Source: the Fetch standard, "CORS check".
    """
    return all(allowed_origin(hop) in ("*", origin) for hop in reply.hops)


def _as_seen(probe: Probe, answer: Answer, reply: Reply | NoReply) -> Answer:
    """An answer as a page of another origin gets it."""
    if isinstance(reply, NoReply):
        return answer
    if probe.name in QUESTIONS:
        return answer if readable(reply, ORIGIN) else Answer("refused")
    kept = {hop.headers.get("Cross-Origin-Resource-Policy", "") for hop in reply.hops}
    shows = answer.outcome == "image" and not kept & {"same-origin", "same-site"}
    return answer if shows else Answer("unreachable")


def _conclude(inquiry: Inquiry, answers: Mapping[Probe, Answer]) -> Discovery:
    for probe in inquiry.probes:
        if found := inquiry.add(probe, answers[probe]):
            return found
    return inquiry.conclude()
