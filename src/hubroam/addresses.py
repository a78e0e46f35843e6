"""Rules for the text that specs and links are made of: URLs, refs, paths.

All of it comes from strangers.  Each function either gives back what is safe
to put into a link or on git's command line, or raises with a sentence that
never repeats the text, since that may hold a password.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from hubroam.errors import LinkError, SpecError

MAX_LENGTH = 2048
"""Characters of the longest spec, path or URL that is read; longer ones serve nobody."""

CLONE_SCHEMES = ("http", "https", "ssh", "git", "file")
"""Schemes a clone URL may have.  Whether ``file`` is served is the provider's decision."""

Refusal = type[SpecError] | type[LinkError]

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?:(?P<userinfo>[^/?#]*)@)?(?P<host>[^/?#@]*?)"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<path>(?:[/?#].*)?)"
)
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\]")
_SSH_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_SCP = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9.-]*:(?P<path>(?!-|//)[^?#\\]+)"
)
_NOT_IN_A_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{")
_CONTROLS = frozenset(("Cc", "Cs", "Zl", "Zp"))
_UNSEEN = _CONTROLS | {"Cf", "Zs"}


@dataclass(frozen=True)
class UrlParts:
    """A URL taken apart; ``scheme`` in small letters, the rest as written.

    ``path`` is all that follows the host: a query and a fragment too.
    """

    scheme: str
    userinfo: str | None
    host: str
    port: str | None
    path: str


def split_url(url: str) -> UrlParts | None:
    """Take a URL apart by one pattern that ``web/addresses.js`` has too.

    The URL libraries of Python and of browsers differ on backslashes, blanks and repeated
    ``@``; such text is refused here rather than read in two ways.

    Returns:
        The parts, or None when the text is not an absolute URL with ``//``.
    """
    match = None if "\\" in url else _URL.fullmatch(url)
    if match is None or int(match["port"] or 0) > 65535:
        return None
    return UrlParts(
        match["scheme"].lower(), match["userinfo"], match["host"], match["port"], match["path"]
    )


def check_text(text: str, refusal: Refusal = SpecError, *, blanks: bool = False) -> None:
    """Refuse giant text, and characters that cannot be seen or that end a line.

    Args:
        text: What to look at.
        refusal: The class of the error.
        blanks: Allow blanks and joiners, as file names of many languages hold them.

    Raises:
        SpecError, LinkError: As ``refusal`` says.
    """
    if len(text) > MAX_LENGTH:
        raise refusal(
            f"It is longer than {MAX_LENGTH} characters.", next_step="Give a shorter one."
        )
    refused = _CONTROLS if blanks else _UNSEEN
    if any(unicodedata.category(character) in refused for character in text):
        raise refusal(
            "There is a blank, a line break or an invisible character in it.",
            next_step="Type it anew, or copy it without what surrounds it.",
        )


def check_path(path: str, refusal: Refusal = SpecError) -> None:
    """Refuse a path of a URL that climbs: a part ``..``, encoded or not, or a backslash.

    Raises:
        SpecError, LinkError: As ``refusal`` says.
    """
    plain = re.sub(r"%2e", ".", path, flags=re.IGNORECASE)
    parts = re.split(r"/|%2f", plain, flags=re.IGNORECASE)
    if ".." in parts or "\\" in plain or "%5c" in plain.lower():
        raise refusal("The path leaves its place.", next_step="Write it without '..' and '\\'.")


def check_host(parts: UrlParts, refusal: Refusal = SpecError) -> None:
    """Refuse credentials and a host that is no name or address in ASCII.

    Raises:
        SpecError, LinkError: As ``refusal`` says.
    """
    if parts.userinfo is not None:
        raise refusal(
            "The URL holds a user name or a password, which everybody who sees it could read.",
            next_step="Take them out of the URL, and change the password if it was shared.",
        )
    if not _HOST.fullmatch(parts.host):
        raise refusal(
            "The URL names no host.",
            next_step="Write the host in letters, digits, '.' and '-' (other scripts as xn--…).",
        )


def check_ref(ref: str) -> None:
    """Refuse what git itself refuses as the name of a ref (``git check-ref-format``).

    A leading ``-``, which git would take for an option, is among it.

    Raises:
        SpecError: It is no branch, tag or commit.
    """
    check_text(ref)
    parts = ref.split("/")
    if (
        ref == "@"
        or ref.startswith("-")
        or ref.endswith(".")
        or _NOT_IN_A_REF.search(ref)
        or any(not part or part.startswith(".") or part.endswith(".lock") for part in parts)
    ):
        raise SpecError(
            "The ref is not a name that git allows.",
            next_step="Give a branch, a tag or a commit, such as main or HEAD.",
        )


def is_clone_url(text: str) -> bool:
    """Whether the text has the form of a clone URL: ``scheme://…`` or ``git@host:path``."""
    return split_url(text) is not None or _SCP.fullmatch(text) is not None


def check_clone_url(url: str) -> str:
    """Check that a URL is one to clone from and holds no secret.

    Returns:
        The URL with its scheme in small letters, otherwise as it was.

    Raises:
        SpecError: It has another scheme, credentials, a query, a host that is none or a
            climbing path.
    """
    check_text(url)
    if scp := _SCP.fullmatch(url):
        check_path(scp["path"])
        return url
    parts = split_url(url)
    if parts is None or parts.scheme not in CLONE_SCHEMES:
        raise SpecError(
            "The clone URL is not one that git can read.",
            next_step=f"Use a URL that begins with {', '.join(CLONE_SCHEMES[:-1])} or git@host:, "
            "percent-encoded in a spec: git/https%3A%2F%2Fgit.example.org%2Fbook/main.",
        )
    if parts.scheme == "ssh" and _SSH_USER.fullmatch(parts.userinfo or ""):
        parts = UrlParts(parts.scheme, None, parts.host, parts.port, parts.path)
    if parts.scheme != "file":
        check_host(parts)
    elif parts.userinfo is not None or parts.host not in ("", "localhost"):
        raise SpecError(
            "A file URL names a folder of this machine, not a host.",
            next_step="Write it with three slashes: file:///srv/book.git.",
        )
    if "?" in parts.path or "#" in parts.path:
        raise SpecError(
            "A clone URL has no query and no fragment.", next_step="Leave out what follows ? or #."
        )
    if not parts.path.strip("/"):
        raise SpecError("The clone URL names no repository.", next_step="Add the path to it.")
    check_path(parts.path)
    return parts.scheme + url[len(parts.scheme) :]
