"""Is the hub there, do pages of other origins find it, and is the way to it a good one?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from hubroam.asker import NoReply, Reply
from hubroam.doctor.findings import Finding, shown
from hubroam.doctor.visit import TELLING, Look, allowed_origin
from hubroam.errors import PrivateAddress
from hubroam.hubbases import is_loopback
from hubroam.inquiry import KIND_NAMES, QUESTIONS

_DAY = 86_400
_FOUND_BY = {
    "profile": "its profile",
    **{name: f"/{path}" for name, path in QUESTIONS.items()},
    "jupyter-lite-json": f"/{QUESTIONS['lite']}",
    "api": f"/{QUESTIONS['server']}",
}
_MAKE_HUB_READABLE = (
    "Make /hub/api/ (of a BinderHub, /versions) readable: JupyterHub 5.3 and newer does."
)
_MAKE_READABLE = {
    "jupyterlite": "Send Access-Control-Allow-Origin: * with /jupyter-lite.json.",
    "jupyter-server": "Nothing, if it is one person's server; for readers, set up a hub.",
}
_OPEN = (
    "Send Access-Control-Allow-Origin: * with it, once; JupyterHub 5.3 and newer does so at "
    "/hub/api/ unless tornado_settings['headers'] or a proxy says otherwise."
)


def check(look: Look) -> list[Finding]:
    """What an address's first answers tell."""
    wall = list(_wall(look))
    if look.there.problem:
        return wall or [_nothing(look)]
    way = list(_way(look))
    found = [] if any(each.code == "plain-http" for each in way) else _found(look)
    return [*found, *_unreadable(look), *wall, *way]


def _nothing(look: Look) -> Finding:
    """Why there is no hub."""
    problem = look.there.problem
    assert problem  # noqa: S101 (asked before)
    replies = [look.reply(name) for name in TELLING]
    failed = [each for each in replies if isinstance(each, NoReply)]
    message = problem.message
    detail = next((each.detail for each in failed if each.detail), "")
    if problem.code == "hub-certificate" and detail:
        message = f"{message.rstrip('.')}: {shown(detail).rstrip('.')}."
    led = next((each for each in failed if each.reason == "private" and each.hops), None)
    if isinstance(problem, PrivateAddress) and led:
        message = f"{look.base} leads to {_host(led.url)}, in a private network: it was not asked."
    return Finding(problem.code, message, problem.next_step)


def _found(look: Look) -> Iterator[Finding]:
    there, seen = look.there, look.seen
    what = KIND_NAMES[there.kind] + (f" “{shown(there.name)}”" if there.name else "")
    if seen.problem:
        yield Finding(
            "not-found-by-pages",
            f"{look.base} is {what}, and no page of another origin can find that out.",
            _MAKE_READABLE.get(there.kind, _MAKE_HUB_READABLE),
        )
    elif seen.found_by == "image":
        yield Finding(
            "found-by-image",
            f"Pages find {what} at {look.base} by the size of an image only: "
            "later, and without its name and version.",
            _MAKE_READABLE.get(there.kind, _MAKE_HUB_READABLE),
        )
    elif seen.kind != there.kind:
        yield Finding(
            "taken-for-another",
            f"{look.base} is {what}, and pages take it for {KIND_NAMES[seen.kind]}.",
            "Make both /versions and /hub/api/ readable from other origins.",
        )
    else:
        by = _FOUND_BY[seen.found_by or ""]
        yield Finding("found", f"Pages of other origins find {what} at {look.base} by {by}.")


def _unreadable(look: Look) -> Iterator[Finding]:
    """The answers that tell what the hub is, and that other origins may not read."""
    for name in look.documents:
        reply = look.reply(name)
        assert isinstance(reply, Reply)  # noqa: S101 (it has a document)
        hop = next((each for each in reply.hops if allowed_origin(each) != "*"), None)
        if hop is None:
            continue
        allowed = allowed_origin(hop)
        if allowed is None:
            why = "carries no Access-Control-Allow-Origin"
        elif "," in allowed:
            why = "carries Access-Control-Allow-Origin more than once, which browsers refuse"
        else:
            why = f"is open to {shown(allowed)} instead of everybody"
        what = f"/{QUESTIONS[name]}"
        if hop is not reply.hops[-1]:
            what = f"The redirect from {what} to {_host(reply.url)}"
        yield Finding("discovery-unreadable", f"{what} {why}.", _OPEN)


def _wall(look: Look) -> Iterator[Finding]:
    """What stands before a hub's answers; only where none of them came through."""
    if look.documents or look.there.kind in ("jupyterlite", "jupyter-server"):
        return
    for name in reversed(TELLING):
        reply = look.reply(name)
        if isinstance(reply, NoReply):
            if reply.reason == "loop":
                way = [*dict.fromkeys(shown(hop.url) for hop in reply.hops)]
                yield Finding(
                    "redirect-loop",
                    f"Redirects lead nowhere: {' → '.join([*way[:3], '…'])}",
                    "Mend the redirects of the proxy before the hub (often X-Forwarded-Proto).",
                )
                return
            continue
        address = f"/{QUESTIONS[name]}"
        away = not urlsplit(reply.url).path.endswith(address)
        if away or reply.status in (401, 403):
            what = f"leads to {shown(reply.url)}" if away else f"answers {reply.status}"
            yield Finding(
                "login-wall",
                f"{address} {what} for those who are not signed in: "
                "if a hub is here, no page can find it.",
                "Let /hub/api/ (and only that, and /versions) through to the hub without sign-in.",
            )
            return


def _way(look: Look) -> Iterator[Finding]:
    """The connection: https, its certificate, other hosts."""
    parts = urlsplit(look.base)
    if is_loopback(parts.hostname or ""):
        yield Finding("loopback", f"{parts.netloc} is reached from this machine only.")
    elif parts.scheme == "http":
        yield Finding(
            "plain-http",
            f"{look.base} is not https: browsers keep it apart from every book that is, "
            "and passwords travel in the clear.",
            "Serve the hub by https, and let http lead there.",
        )
    elsewhere = {_host(look.reply(name).url) for name in look.documents}
    for host in sorted(elsewhere - {parts.netloc}):
        yield Finding(
            "redirected-host",
            f"{parts.netloc} leads to {host}: one more round trip, and two places to keep well.",
            f"Name {host} in books and links, if that is the hub.",
        )
    for name in QUESTIONS:
        if valid := look.reply(name).hops and look.reply(name).hops[0].valid:
            yield _certificate(parts.netloc, *valid)
            return


def _certificate(host: str, begins: int, ends: int) -> Finding:
    """Renewal is due with a quarter of a certificate's time left, at the latest two weeks."""
    left = ends - time.time()
    day = datetime.fromtimestamp(ends, UTC).date().isoformat()
    if left < min(14 * _DAY, (ends - begins) / 4):
        return Finding(
            "certificate-expires",
            f"The certificate of {host} ends on {day}; then browsers refuse the hub.",
            "Renew it, and see why it was not renewed by itself.",
        )
    return Finding("certificate", f"The certificate of {host} is trusted, until {day}.")


def moved(asked: str, to: str) -> Finding:
    """That an address led to another one of the same host, which was then examined."""
    return Finding("redirected", f"{asked} leads to {to}, which is what was examined.")


def _host(url: str) -> str:
    return shown(urlsplit(url).netloc)
