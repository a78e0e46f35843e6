"""git's words turned into errors for people: the one place where that is done.

git tells failures apart by sentences only, so they are read here, in the C locale.  What a
stranger wrote is taken out first: quoted URLs, and the lines that the other side sent.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from hubroam.errors import (
    DiskFull,
    HubroamError,
    RefNotFound,
    RepositoryError,
    RepositoryNotFound,
    RepositoryRefused,
    RepositoryUnreachable,
)

_OPERATOR = "Tell the people who run this hub."
_DISK_FULL = "This hub's disk is full."


class _Rule(NamedTuple):
    pattern: str
    error: type[HubroamError]
    message: str
    next_step: str


_RULES = (
    _Rule(
        "no space left on device|disk quota exceeded",
        DiskFull,
        _DISK_FULL,
        _OPERATOR,
    ),
    _Rule(
        "transport '' not allowed",
        RepositoryRefused,
        "{what} would be read in a way that this hub does not allow.",
        "Use a repository that can be cloned over https.",
    ),
    _Rule(
        "not our ref|couldn't find remote ref|no such remote ref|unadvertised object",
        RefNotFound,
        "{what} does not give this commit.",
        "Check the commit, or launch a branch.",
    ),
    _Rule(
        "could not resolve host|name or service not known|failure in name resolution"
        "|unable to look up",
        RepositoryUnreachable,
        "{what} cannot be reached: its host is not known.",
        "Check the spelling of the address.",
    ),
    _Rule(
        "certificate problem|certificate verif|no alternative certificate|gnutls_handshake"
        "|ssl_connect|ssl routines|tls connect|host key verification failed",
        RepositoryUnreachable,
        "{what} cannot be read safely: its host does not prove who it is.",
        "Tell the people who run that host, or this hub.",
    ),
    _Rule(
        "returned error: 429",
        RepositoryUnreachable,
        "{what} cannot be read now: its host has had too many requests.",
        "Try again in some minutes.",
    ),
    _Rule(
        "not found|does not exist|authentication failed|could not read (username|password)"
        "|permission denied|returned error: 4\\d\\d|does not appear to be a git repository"
        "|is this a git repository|access denied|not exported",
        RepositoryNotFound,
        "{what} does not exist, or is private.",
        "Check its name; a private one needs credentials of this hub's operator.",
    ),
    _Rule(
        "failed to connect|couldn't connect|unable to connect|connection (refused|reset|closed)"
        "|connection timed out|operation timed out|network is unreachable|no route to host"
        "|empty reply|early eof|hung up|unexpected disconnect|returned error: 5\\d\\d"
        "|unexpected end of file|recv failure",
        RepositoryUnreachable,
        "{what} cannot be reached: its host does not answer.",
        "Check the address, or try again later.",
    ),
)
_COMPILED = tuple((re.compile(rule.pattern, re.IGNORECASE), rule) for rule in _RULES)
_STRANGERS = re.compile(r"'[^'\n]*'")
_PLACE = re.compile(r"\S*(?://|@)\S*|(?<!\S)/\S+")
_LONGEST_QUOTE = 160


def failure(words: str, what: str) -> HubroamError:
    """The error for what git wrote when it failed.

    Args:
        words: git's standard error.
        what: The repository, as the beginning of a sentence.
    """
    text = _cleaned(words)
    for pattern, rule in _COMPILED:
        if pattern.search(text):
            return rule.error(rule.message.format(what=what), next_step=rule.next_step)
    quote = _last_words(text)
    return RepositoryError(
        f"{what} cannot be read{f': {quote}' if quote else ''}.",
        next_step="Clone it by hand to see what is wrong, or tell the people who run this hub.",
    )


def time_limit(what: str, seconds: float) -> RepositoryUnreachable:
    """The error for a host that takes too long."""
    return RepositoryUnreachable(
        f"{what} cannot be read: that took longer than {seconds:g} seconds.",
        next_step="Try again later, or tell the people who run this hub.",
    )


@contextmanager
def full_disk() -> Iterator[None]:
    """Give a full disk its own error, where not git but we meet it.

    Raises:
        DiskFull: No space is left.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull(_DISK_FULL, next_step=_OPERATOR) from None


def _cleaned(words: str) -> str:
    lines = _STRANGERS.sub("''", words).splitlines()
    return "\n".join(_PLACE.sub("…", line) for line in lines if not line.startswith("remote:"))


def _last_words(text: str) -> str:
    """The last complaint of git, when it is short and fit to be shown."""
    complaints = [
        line.partition(": ")[2] for line in text.splitlines() if re.match("(fatal|error): ", line)
    ]
    quote = complaints[-1].strip().rstrip(".") if complaints else ""
    return quote if quote.isprintable() and len(quote) <= _LONGEST_QUOTE else ""
