"""Ask a URL what kind of hub it is, and how to launch on it."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from urllib.request import getproxies, proxy_bypass

import httpx

from hubroam import __version__
from hubroam.errors import LinkError
from hubroam.images import image_size
from hubroam.inquiry import QUESTIONS, Answer, Discovery, Inquiry, Probe

__all__ = ["Discovery", "asker", "discover", "discover_async", "private_peer"]

TIME_LIMIT = 5.0
"""Seconds until what did not answer counts as too slow."""

_REDIRECTS = 5
_BODY = 2**18  # bytes of an answer that are read


def discover(text: str, *, timeout: float = TIME_LIMIT, allow_private: bool = False) -> Discovery:
    """Ask an address what hub is there; also from where an event loop runs, such as a notebook.

    Args:
        text: What people paste: see `hubroam.inquiry.hub_bases`.
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
    async with asker() as client:
        asked = {
            asyncio.create_task(_ask(client, probe, allow_private)): probe
            for probe in inquiry.probes
        }
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


def asker() -> httpx.AsyncClient:
    """A client that asks as a stranger does, and follows nothing by itself."""
    return httpx.AsyncClient(
        headers={"User-Agent": f"hubroam/{__version__}"},
        timeout=httpx.Timeout(None),
        limits=httpx.Limits(max_connections=40),
    )


async def _ask(client: httpx.AsyncClient, probe: Probe, allow_private: bool) -> Answer:
    url = probe.url
    try:
        for _ in range(_REDIRECTS):
            if not allow_private and await private_peer(url):
                return Answer("private")
            async with client.stream("GET", url) as response:
                if not allow_private and _came_from_inside(response):
                    return Answer("private")
                if response.next_request is not None:
                    url = str(response.next_request.url)
                    continue
                return _read(probe, response.status_code, await _body(response), url)
    except httpx.TimeoutException:
        return Answer("timeout")
    except httpx.HTTPError as error:
        certificate = any(isinstance(each, ssl.SSLError) for each in _causes(error))
        return Answer("certificate" if certificate else "unreachable")
    except (httpx.InvalidURL, UnicodeError, ValueError):
        return Answer("unreachable")
    return Answer("other")  # it sends the asker round and round


async def _body(response: httpx.Response) -> bytes:
    body = b""
    async for part in response.aiter_bytes():
        body += part
        if len(body) > _BODY:
            break
    return body


def _read(probe: Probe, status: int, body: bytes, url: str) -> Answer:
    if status != 200:
        return Answer("other")
    if probe.name not in QUESTIONS:
        size = image_size(body)
        return Answer("image", size) if size else Answer("other")
    try:
        return Answer("json", json.loads(body), url)
    except (ValueError, RecursionError):
        return Answer("other")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


async def private_peer(url: str) -> bool:
    """Whether a URL leads, or may lead, into a network that is not the public internet.

    Args:
        url: An http or https URL. One that goes through a proxy is the proxy's to judge.

    Returns:
        True when any address of its host is private, loopback, link-local or otherwise not global;
        False also when the host has no address.
    """
    parts = httpx.URL(url)
    if parts.scheme in getproxies() and not proxy_bypass(parts.host):
        return False
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            parts.host, parts.port or 443, type=socket.SOCK_STREAM
        )
    except OSError:
        return False
    return any(not ip_address(str(place[0]).partition("%")[0]).is_global for *_, place in found)


def _came_from_inside(response: httpx.Response) -> bool:
    """Whether the answer came from a private address after all: names can change in between."""
    parts = response.request.url
    if parts.scheme in getproxies() and not proxy_bypass(parts.host):
        return False
    stream = response.extensions.get("network_stream")
    peer = stream.get_extra_info("server_addr") if stream else None
    if not peer:
        return False
    return not ip_address(str(peer[0]).partition("%")[0]).is_global
