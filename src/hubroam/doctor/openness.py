"""What may pages of other origins read, beside what the hub is?"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hubroam.asker import NoReply, Reply
from hubroam.doctor.findings import Finding, shown
from hubroam.doctor.visit import (
    ORIGIN,
    SECOND_ORIGIN,
    Look,
    Visit,
    allowed_origin,
    page_headers,
)

_DISCOVERY = ("hub/api/", "hub/api", "versions")
_HUB = (
    "hub/api/info",
    "hub/api/user",
    "hub/api/users",
    "hub/health",
    "hub/home",
    "hub/login",
    "hub/token",
    "services/",
    "user/nobody/api/contents",
    "user/nobody/lab",
)
# No provider of that name exists, so nothing is built.
_BINDER = ("api/repoproviders", "build/nosuch/x", "health", "metrics", "v2/nosuch/x")
_SESSION = ("api/contents", "lab")
_SERVER = ("api/contents", "api/kernels", "api/sessions", "lab", "login", "tree")

# A page's script that changes something by JSON must ask first. `authorization` is not asked for:
# Jupyter servers let every page ask with a token, which is all the right that such a page has.
_PREFLIGHT = {
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "content-type",
}
_REMEDY = (
    "Send Access-Control-Allow-Origin with /hub/api/ and /versions only: take it out of "
    "tornado_settings['headers'], of the servers' allow_origin, and of the proxy's configuration."
)


@dataclass(frozen=True)
class _Opening:
    """What one address grants to origins that it does not know."""

    route: str
    origin: str  # as allowed: `*`, `null`, ours, or another
    reflected: bool
    credentials: bool

    @property
    def to_all(self) -> bool:
        # any page can get the origin `null`, in a sandboxed frame
        return self.reflected or self.origin in ("*", "null")


async def check(visit: Visit, look: Look, server: str | None) -> list[Finding]:
    """Ask every address that matters as two pages of unknown origins would, and judge.

    Args:
        visit: Who asks.
        look: What is there.
        server: A reader's running server, if one is known: its headers are its own.
    """
    routes = _routes(look)
    if server and server.startswith(look.base):
        routes += tuple(f"{server.removeprefix(look.base)}{each}" for each in _SESSION)
    if not routes:
        return []
    asked = await asyncio.gather(
        *(
            _ask(visit, look.base, route, preflight)
            for route in routes
            for preflight in (False, True)
        )
    )
    silent = dict.fromkeys(each for each in asked if isinstance(each, str))
    findings = _judge([each for each in asked if isinstance(each, _Opening)])
    if silent:
        return [
            *findings,
            Finding(
                "origin-unknown",
                "Who may read these could not be seen, since they did not answer: "
                + ", ".join(f"/{route}" for route in silent),
                "See why they do not answer, and ask again.",
            ),
        ]
    return findings or [
        Finding("origin-closed", "Pages of other origins can read what the hub is, at most.")
    ]


def _routes(look: Look) -> tuple[str, ...]:
    """What to ask; a JupyterLite site is files for everybody."""
    kind = look.there.kind
    if kind == "jupyter-server":
        return _SERVER
    hub = _HUB if kind in ("hubroam", "jupyterhub") or "hub-api" in look.documents else ()
    binder = _BINDER if kind in ("hubroam", "binderhub") else ()
    return (*_DISCOVERY, *hub, *binder) if hub or binder else ()


async def _ask(visit: Visit, base: str, route: str, preflight: bool) -> _Opening | str | None:
    """What one address grants; its name when it does not answer.

    The second origin asks only where the first was let in by name.
    """
    method = "OPTIONS" if preflight else "GET"
    more = _PREFLIGHT if preflight else {"Accept": "text/html"}

    async def ask(origin: str) -> Reply | NoReply:
        return await visit.ask(base + route, method=method, headers=page_headers(origin) | more)

    reply = await ask(ORIGIN)
    if isinstance(reply, NoReply):
        return route
    allowed = allowed_origin(reply.hops[-1])
    if not allowed or (preflight and not 200 <= reply.status < 300):
        return None
    reflected = False
    if allowed == ORIGIN:
        second = await ask(SECOND_ORIGIN)
        reflected = isinstance(second, Reply) and allowed_origin(second.hops[-1]) == SECOND_ORIGIN
    credentials = reply.headers.get("Access-Control-Allow-Credentials", "")
    return _Opening(route, allowed, reflected, credentials.lower() == "true")


def _judge(openings: list[_Opening]) -> list[Finding]:
    findings = []
    reflected = [each for each in openings if each.reflected]
    if reflected:
        findings.append(
            Finding(
                "origin-reflected",
                f"Whatever origin asks is allowed by name: {_names(reflected)}",
                "Never repeat the Origin of a question. " + _REMEDY,
            )
        )
    credentials = [each for each in openings if each.to_all and each.credentials]
    if credentials:
        findings.append(
            Finding(
                "credentials-allowed",
                f"Pages of any origin are allowed to ask as the reader who is signed in: "
                f"{_names(credentials)}",
                "Take Access-Control-Allow-Credentials out, everywhere. " + _REMEDY,
            )
        )
    beyond = [each for each in openings if each.to_all and each.route not in _DISCOVERY]
    if beyond:
        harmless = {each.route for each in beyond} <= set(_BINDER)
        if harmless and not reflected and not credentials:
            findings.append(
                Finding(
                    "binder-open",
                    f"Pages of any origin may use the Binder service: {_names(beyond)}",
                    "Fine if pages with Thebe are to compute here; otherwise unset "
                    "BinderHub.cors_allow_origin.",
                )
            )
        else:
            findings.append(
                Finding(
                    "origin-open",
                    f"Pages of any origin may read more than what the hub is: {_names(beyond)}",
                    _REMEDY,
                )
            )
    trusted = [each for each in openings if not each.to_all and each.credentials]
    if trusted:
        origins = ", ".join(sorted({shown(each.origin) for each in trusted}))
        findings.append(
            Finding(
                "origin-trusted",
                f"Pages of {origins} may act as whoever is signed in: {_names(trusted)}",
                "Take Access-Control-Allow-Credentials out unless you would give these pages your "
                "readers' passwords.",
            )
        )
    return findings


def _names(openings: list[_Opening]) -> str:
    return ", ".join(f"/{route}" for route in dict.fromkeys(each.route for each in openings)) + "."
