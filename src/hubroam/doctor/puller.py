"""Do readers' servers have nbgitpuller? Only who signs in can tell, or has a token."""

from __future__ import annotations

import json
from typing import Any, TypeGuard
from urllib.parse import urljoin, urlsplit

from hubroam.asker import NoReply, Reply
from hubroam.doctor.findings import Finding, shown
from hubroam.doctor.visit import Look, Visit
from hubroam.errors import LinkError
from hubroam.hubbases import is_loopback
from hubroam.links import hub_base

_SCOPES = (
    "Make a token without narrower scopes, or with read:users!user, read:servers!user and "
    "access:servers!user."
)
_TOKEN_PAGE = "Make a token at {}hub/token, as a user whose server runs."  # noqa: S105


async def find_server(
    visit: Visit, look: Look, token: str | None
) -> tuple[str | None, list[Finding]]:
    """Find a server to look for nbgitpuller in, where the hub's links need it.

    Args:
        visit: Who asks.
        look: What is there.
        token: A JupyterHub API token of a user whose server runs; None for none. It goes to the
            hub's own origin only, and never unencrypted over a network.

    Returns:
        The server's base URL, of the hub's origin; or None, and why.
    """
    there = look.there
    if all(way.kind != "git-pull" for way in there.launch) or there.kind == "jupyter-server":
        return None, []
    found = _without_token(look, token) or await _ask_hub(visit, look.base, token or "")
    return (found, []) if isinstance(found, str) else (None, [found])


def _without_token(look: Look, token: str | None) -> Finding | None:
    """What is known without sending a token; None when it is to be sent."""
    if look.there.kind == "hubroam":
        return Finding(
            "nbgitpuller-not-needed", "git-pull links open with the repository's own recipe here."
        )
    if token is None:
        return Finding(
            "nbgitpuller-unknown",
            "Whether readers' servers have nbgitpuller cannot be seen without signing in.",
            f"Ask again with --token. {_TOKEN_PAGE.format(look.base)}",
        )
    parts = urlsplit(look.base)
    if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
        return Finding(
            "token-not-sent",
            "The token was not sent, since it would travel in the clear.",
            "Serve the hub by https.",
        )
    return None


async def _ask_hub(visit: Visit, base: str, token: str) -> str | Finding:
    """The running server of the token's user, or why there is none to ask."""
    reply = await visit.ask(f"{base}hub/api/user", headers=_bearing(token), read=True)
    if refused := _refusal(reply, "who it belongs to", _TOKEN_PAGE.format(base)):
        return refused
    user = _object(reply.body) if isinstance(reply, Reply) else None
    if user is None:
        return _unclear(reply)
    if "servers" not in user:
        return Finding(
            "token-refused", "The token does not let its user's servers be seen.", _SCOPES
        )
    server = _running_server(user)
    if server is None:
        return Finding(
            "server-not-running",
            "The token's user has no running server, so nbgitpuller could not be looked for.",
            "Start the user's server and ask again.",
        )
    try:
        url = hub_base(urljoin(base, server))
    except (LinkError, ValueError):
        url = ""
    if urlsplit(url)[:2] != urlsplit(base)[:2]:
        return Finding(
            "token-not-sent",
            f"The user's server is at {shown(server)}, another origin than the hub's: the token "
            "was not sent there.",
            "Open a git-pull link in a browser to see whether it works.",
        )
    return url


async def check(visit: Visit, server: str, token: str) -> list[Finding]:
    """Whether a server has nbgitpuller; nothing is pulled."""
    # without a repository it answers 400
    answer = await visit.ask(f"{server}git-pull", headers=_bearing(token))
    if isinstance(answer, Reply) and answer.status in (200, 400):
        return [Finding("nbgitpuller", "The user's server has nbgitpuller: git-pull links work.")]
    if isinstance(answer, Reply) and answer.status == 404:
        return [
            Finding(
                "nbgitpuller-missing",
                "The user's server has no nbgitpuller: git-pull links end at “404 Not Found”.",
                "pip install nbgitpuller into the environment of the servers (the image, on "
                "containers), and start the servers anew.",
            )
        ]
    return [_refusal(answer, "the user's server", _SCOPES) or _unclear(answer)]


def _bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"token {token}"}


def _refusal(reply: Reply | NoReply, what: str, remedy: str) -> Finding | None:
    """Why a question with a token got no answer; None when it did."""
    onward = urljoin(reply.url, reply.headers.get("Location", "")) if _redirects(reply) else ""
    if onward and urlsplit(onward)[:2] != urlsplit(reply.url)[:2]:
        return Finding(
            "token-not-sent",
            f"Asked for {what}, the hub leads to another origin; the token was not sent there.",
            "Name the hub by the address that it leads to.",
        )
    if onward or (isinstance(reply, Reply) and reply.status in (401, 403)):
        return Finding("token-refused", f"The hub did not accept the token for {what}.", remedy)
    return None if isinstance(reply, Reply) and reply.status == 200 else _unclear(reply)


def _redirects(reply: Reply | NoReply) -> TypeGuard[Reply]:
    return isinstance(reply, Reply) and 300 <= reply.status < 400


def _unclear(reply: Reply | NoReply) -> Finding:
    what = f"{reply.status}" if isinstance(reply, Reply) else "nothing"
    return Finding(
        "nbgitpuller-unknown",
        f"Whether the user's server has nbgitpuller could not be found out: the answer was {what}.",
        "See whether the hub and the server are well, and ask again.",
    )


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _running_server(user: dict[str, Any]) -> str | None:
    """The address of the first server that runs, the default one before named ones."""
    servers = user["servers"]
    for _, server in sorted(servers.items()) if isinstance(servers, dict) else []:
        if isinstance(server, dict) and server.get("ready") is True and server.get("url"):
            return str(server["url"])
    return None
