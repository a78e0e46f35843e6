"""Ask a URL what kind of hub it is, and how to launch on it."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

from hubroam.asker import Asker, NoReply, Reply
from hubroam.errors import LinkError
from hubroam.images import image_size
from hubroam.inquiry import QUESTIONS, Answer, Discovery, Inquiry, Probe

__all__ = ["Discovery", "discover", "discover_async", "read_answer"]

TIME_LIMIT = 5.0
"""Seconds until what did not answer counts as too slow."""


def discover(text: str, *, timeout: float = TIME_LIMIT, allow_private: bool = False) -> Discovery:
    """Ask an address what hub is there; also from where an event loop runs, such as a notebook.

    Args:
        text: What people paste: see `hubroam.hubbases.hub_bases`.
        timeout: Seconds for all of it.
        allow_private: Whether addresses that are not of the public internet may be asked: let
            strangers choose the address only where this is off.

    Returns:
        What is there; nothing is raised for an address where no hub is: `Discovery.problem` says
        why.
    """
    question = discover_async(text, timeout=timeout, allow_private=allow_private)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, question).result()


async def discover_async(
    text: str, *, timeout: float = TIME_LIMIT, allow_private: bool = False
) -> Discovery:
    """As `discover`; every candidate is asked at once, and none after the answer is known."""
    try:
        inquiry = Inquiry(text)
    except LinkError as error:
        return Discovery("", "none", problem=error)
    async with Asker(allow_private=allow_private) as asker:
        asked = {asyncio.create_task(_ask(asker, probe)): probe for probe in inquiry.probes}
        open_questions = set(asked)
        try:
            async with asyncio.timeout(timeout):
                while open_questions:
                    done, open_questions = await asyncio.wait(
                        open_questions, return_when=asyncio.FIRST_COMPLETED
                    )
                    for task in done:
                        if found := inquiry.add(asked[task], task.result()):
                            return found
        except TimeoutError:
            pass
        finally:
            for task in open_questions:
                task.cancel()
            await asyncio.gather(*open_questions, return_exceptions=True)
    return inquiry.conclude()


async def _ask(asker: Asker, probe: Probe) -> Answer:
    try:
        return read_answer(probe, await asker.ask(probe.url))
    except NoReply as error:
        return read_answer(probe, error)


def read_answer(probe: Probe, reply: Reply | NoReply) -> Answer:
    """What came back, as `Inquiry` takes it.

    Args:
        probe: What was asked.
        reply: What came back, or why nothing did.
    """
    if isinstance(reply, NoReply):
        if reply.reason == "loop" or reply.reason == "insecure":
            return Answer("other")
        return Answer(reply.reason)
    if reply.status != 200:
        return Answer("other")
    if probe.name not in QUESTIONS:
        size = image_size(reply.body)
        return Answer("image", size) if size else Answer("other")
    try:
        return Answer("json", json.loads(reply.body), reply.url)
    except (ValueError, RecursionError):
        return Answer("other")
