"""Ask addresses as a stranger's browser does, and stay out of private networks while doing so."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address
from types import TracebackType
from typing import Literal, Self
from urllib.request import getproxies, proxy_bypass

import httpx

from hubroam import __version__

__all__ = ["Asker", "Hop", "NoReply", "Reply", "Stream", "origin_of", "private_peer"]

Reason = Literal["unreachable", "timeout", "certificate", "private", "insecure", "loop"]

_REDIRECTS = 5
_BODY = 2**18  # bytes of an answer that are read, if nothing else is said


class NoReply(Exception):
    """Nothing came back.

    Attributes:
        reason: Why. ``loop``: it sends the asker round and round; ``insecure``: it leads to
            where there is no TLS.
        detail: What the TLS library says of a certificate; empty for other reasons.
        hops: The redirects that led to where nothing came from.
        url: Where that is.
    """

    def __init__(
        self, reason: Reason, *, detail: str = "", hops: tuple[Hop, ...] = (), url: str = ""
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail
        self.hops = hops
        self.url = url


@dataclass(frozen=True)
class Hop:
    """One answer on the way: a redirect, or the last.

    Attributes:
        url: Where it came from.
        status: Its HTTP status.
        headers: Its headers.
        valid: From when until when the server's certificate is good, in seconds since 1970; None
            without TLS.
    """

    url: str
    status: int
    headers: httpx.Headers
    valid: tuple[int, int] | None = None


@dataclass(frozen=True)
class Reply:
    """What came back, after redirects; of a long body the beginning."""

    hops: tuple[Hop, ...]
    body: bytes

    @property
    def url(self) -> str:
        """Where it came from."""
        return self.hops[-1].url

    @property
    def status(self) -> int:
        """Its HTTP status."""
        return self.hops[-1].status

    @property
    def headers(self) -> httpx.Headers:
        """Its headers."""
        return self.hops[-1].headers

    @property
    def onward(self) -> str:
        """Where it leads, of a redirect that was not followed; empty for none."""
        return _onward(list(self.hops)) if 300 <= self.status < 400 else ""


@dataclass(frozen=True)
class Stream:
    """An answer whose body is still to come.

    Attributes:
        hops: The redirects, and the answer itself.
        blocks: The body, decoded, to be read once.
    """

    hops: tuple[Hop, ...]
    blocks: AsyncIterator[bytes]

    @property
    def last(self) -> Hop:
        """The answer itself."""
        return self.hops[-1]


class Asker:
    """Asks, and keeps no cookies; to be entered with ``async with``.

    Args:
        allow_private: Whether addresses that are not of the public internet may be asked: let
            strangers choose the address only where this is off. Every redirect is judged anew.
        https_only: Whether to ask nothing that is not behind TLS.
        trusted: Origins (`origin_of`) that the operator named: neither rule is for them.
        timeout: Seconds for each question; None leaves that to the caller.
    """

    def __init__(
        self,
        *,
        allow_private: bool = False,
        https_only: bool = False,
        trusted: Collection[str] = (),
        timeout: float | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._https_only = https_only
        self._trusted = frozenset(trusted)
        self._timeout = timeout
        self._client = httpx.AsyncClient(
            headers={"User-Agent": f"hubroam/{__version__}"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=httpx.Timeout(None),
            limits=httpx.Limits(max_connections=40),
        )

    async def __aenter__(self) -> Self:
        """Open the connections' pool."""
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection."""
        await self._client.__aexit__(kind, error, trace)

    async def ask(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        follow: bool = True,
        read: bool = True,
        limit: int = _BODY,
    ) -> Reply:
        """Ask once.

        Args:
            url: An http or https URL.
            method: The HTTP method.
            headers: Sent with the question. With ``Authorization`` among them nothing is followed
                to another origin: a token is for the place that it was given for.
            follow: Whether to go where a redirect leads.
            read: Whether the body is wanted; a stream's may never end.
            limit: Bytes of the body after which reading stops.

        Raises:
            NoReply: Nothing came back.
        """
        hops: list[Hop] = []
        question = self._opened(url, hops, method, dict(headers or {}), follow)
        async with _mapped(url, hops), asyncio.timeout(self._timeout), question as response:
            return Reply(tuple(hops), await _body(response, limit) if read else b"")

    @asynccontextmanager
    async def stream(
        self, url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[Stream]:
        """Ask once, following redirects, and read the body as far as it is wanted.

        The asker's time is for the answer to begin; how long its body may take is the caller's.

        Args:
            url: As for `ask`.
            method: As for `ask`.
            headers: As for `ask`.

        Raises:
            NoReply: Nothing came back, or the answer broke off while it was read.
        """
        hops: list[Hop] = []
        question = self._opened(url, hops, method, dict(headers or {}), True)
        async with _mapped(url, hops), asyncio.timeout(self._timeout) as limit, question as reply:
            limit.reschedule(None)
            yield Stream(tuple(hops), reply.aiter_bytes())

    @asynccontextmanager
    async def _opened(
        self, url: str, hops: list[Hop], method: str, headers: dict[str, str], follow: bool
    ) -> AsyncIterator[httpx.Response]:
        secret = "Authorization" in headers
        for _ in range(_REDIRECTS):
            free = origin_of(url) in self._trusted
            if self._https_only and not free and httpx.URL(url).scheme != "https":
                raise NoReply("insecure")
            if not self._allow_private and not free and await private_peer(url):
                raise NoReply("private")
            async with self._client.stream(method, url, headers=headers) as response:
                if not self._allow_private and not free and _came_from_inside(response):
                    raise NoReply("private")
                hops.append(
                    Hop(url, response.status_code, response.headers, _certificate_of(response))
                )
                onward = response.next_request
                if onward is None or not follow or (secret and _leaves(url, onward.url)):
                    yield response
                    return
                url = str(onward.url)
        raise NoReply("loop")


def origin_of(url: str) -> str:
    """The origin of an http or https URL, in one spelling.

    Raises:
        ValueError: It is none.
    """
    try:
        parts = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(str(error)) from None
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.host}:{port}"


@asynccontextmanager
async def _mapped(url: str, hops: list[Hop]) -> AsyncIterator[None]:
    """The seam where what the client raises becomes `NoReply`."""
    try:
        yield
        return
    except NoReply as error:
        reason, detail = error.reason, ""
    except (TimeoutError, httpx.TimeoutException):
        reason, detail = "timeout", ""
    except httpx.HTTPError as error:
        tls = next((each for each in _causes(error) if isinstance(each, ssl.SSLError)), None)
        reason = "certificate" if tls else "unreachable"
        detail = str(getattr(tls, "verify_message", None) or getattr(tls, "reason", "") or "")
    except (httpx.InvalidURL, UnicodeError, ValueError):
        reason, detail = "unreachable", ""
    raise NoReply(reason, detail=detail, hops=tuple(hops), url=_onward(hops) or url)


def _onward(hops: list[Hop]) -> str:
    """Where the last redirect led; empty without one."""
    if not hops or "Location" not in hops[-1].headers:
        return ""
    try:
        return str(httpx.URL(hops[-1].url).join(hops[-1].headers["Location"]))
    except (httpx.InvalidURL, ValueError):
        return ""


def _certificate_of(response: httpx.Response) -> tuple[int, int] | None:
    stream = response.extensions.get("network_stream")
    tls = stream.get_extra_info("ssl_object") if stream else None
    given = tls.getpeercert() if tls else None
    if not given:
        return None
    return (
        int(ssl.cert_time_to_seconds(given["notBefore"])),
        int(ssl.cert_time_to_seconds(given["notAfter"])),
    )


async def _body(response: httpx.Response, limit: int) -> bytes:
    body = bytearray()
    async for part in response.aiter_bytes():
        body += part
        if len(body) > limit:
            break
    return bytes(body)


def _leaves(url: str, onward: httpx.URL) -> bool:
    here = httpx.URL(url)
    return (here.scheme, here.host, here.port) != (onward.scheme, onward.host, onward.port)


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
    if _by_proxy(parts):
        return False
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            parts.host, parts.port or 443, type=socket.SOCK_STREAM
        )
    except OSError:
        return False
    return any(_is_inside(str(place[0])) for *_, place in found)


def _came_from_inside(response: httpx.Response) -> bool:
    """Whether the answer came from a private address after all: names can change in between."""
    if _by_proxy(response.request.url):
        return False
    stream = response.extensions.get("network_stream")
    peer = stream.get_extra_info("server_addr") if stream else None
    return _is_inside(str(peer[0])) if peer else False


def _by_proxy(url: httpx.URL) -> bool:
    return url.scheme in getproxies() and not proxy_bypass(url.host)


def _is_inside(address: str) -> bool:
    return not ip_address(address.partition("%")[0]).is_global
