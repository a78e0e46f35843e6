"""Links of published pages into repositories: to edit a file, to see it, to open it elsewhere.

``web/file-link.js`` reads the same; ``protocol/foreign-pages.json`` holds what both must do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from hubroam.errors import HubroamError
from hubroam.links import content_path
from hubroam.providerinfo import PROVIDERS
from hubroam.spec import BinderSpec

_REF = r"(?:refs/(?:heads|tags)/)?(?P<ref>[^/]+)"
# Each names provider, repository, ref and path; in a ref with slashes the first part counts, since
# where it ends cannot be seen from the address.
_FILES = [
    (
        "gh",
        rf"https?://(?:www\.)?github\.com/(?P<repo>[^/]+/[^/]+)/(?P<verb>edit|blob|raw)/{_REF}/(?P<path>.+)",
    ),
    ("gh", rf"https?://raw\.githubusercontent\.com/(?P<repo>[^/]+/[^/]+)/{_REF}/(?P<path>.+)"),
    # nbviewer, Colab and others: <host>/…github/<user>/<repo>/blob/<ref>/<path>
    (
        "gh",
        rf"https?://[^/]+/(?:[^/]+/)*(?P<verb>github)/(?P<repo>[^/]+/[^/]+)/blob/{_REF}/(?P<path>.+)",
    ),
    (
        "gl",
        rf"https?://gitlab\.com/(?P<repo>[^/]+(?:/[^/]+)+)/-/(?P<verb>edit|blob|raw)/{_REF}/(?P<path>.+)",
    ),
    # GitLab, and Gitea and Forgejo, on any host; Bitbucket
    (
        "git",
        rf"(?P<repo>https?://[^/]+/[^/]+(?:/[^/]+)+)/-/(?P<verb>edit|blob|raw)/{_REF}/(?P<path>.+)",
    ),
    (
        "git",
        r"(?P<repo>https?://[^/]+/[^/]+/[^/]+)/(?P<verb>src|raw)/(?:branch|tag|commit)/(?P<ref>[^/]+)/(?P<path>.+)",
    ),
    (
        "git",
        r"(?P<repo>https?://[^/]+/[^/]+/[^/]+)/(?P<verb>_edit)/(?P<ref>[^/]+)/(?P<path>.+)",
    ),
    (
        "git",
        r"(?P<repo>https?://bitbucket\.org/[^/]+/[^/]+)/(?P<verb>src)/(?P<ref>[^/]+)/(?P<path>.+)",
    ),
]
_REST = r"(?:/(?:-/)?(?:issues|tree/(?P<ref>[^/]+))(?:/.*)?)?/?"
_REPOSITORIES = [
    ("gh", rf"https?://(?:www\.)?github\.com/(?P<repo>[^/]+/[^/]+?)(?:\.git)?{_REST}"),
    ("gl", rf"https?://gitlab\.com/(?P<repo>[^/]+(?:/(?!-/)[^/]+)+?)(?:\.git)?{_REST}"),
    ("git", rf"(?P<repo>https?://(?:codeberg|bitbucket)\.org/[^/]+/[^/]+?){_REST}"),
    ("git", r"(?P<repo>https?://[^/]+/[^/]+(?:/[^/]+)+)/-/(?:issues|tree/(?P<ref>[^/]+))(?:/.*)?"),
]
# pages of GitHub's own that look like repositories
_NO_USERS = {"about", "apps", "features", "marketplace", "orgs", "settings", "sponsors", "topics"}


@dataclass(frozen=True)
class FileLink:
    """What a link into a repository names.

    Attributes:
        spec: The repository, at the ref of the link.
        path: The file, below the repository's root; None for a link to the repository itself.
        verb: ``edit``, ``open`` (as a notebook, elsewhere) or ``view``.
    """

    spec: BinderSpec
    path: str | None
    verb: str = "view"


def read_file_link(url: str) -> FileLink | None:
    """Read a link to a file of a repository; None for any other, and for what may not be."""
    address = re.split(r"[?#]", url, maxsplit=1)[0]
    for provider, pattern in _FILES:
        if found := re.fullmatch(pattern, address):
            try:
                spec = BinderSpec(provider, _decode(found["repo"]), _decode(found["ref"]))
                path = content_path(_decode(found["path"]))
            except (HubroamError, ValueError):
                return None
            verb = found.groupdict().get("verb") or ""
            said = "edit" if "edit" in verb else "open" if verb == "github" else "view"
            return FileLink(spec, path, said)
    return None


def read_repository_link(url: str) -> FileLink | None:
    """Read a link to a repository, to its issues or to a tree of it; None for any other."""
    address = re.split(r"[?#]", url, maxsplit=1)[0]
    for provider, pattern in _REPOSITORIES:
        found = re.fullmatch(pattern, address)
        if found and not (provider == "gh" and found["repo"].split("/")[0] in _NO_USERS):
            try:
                ref = _decode(found["ref"] or "") or PROVIDERS[provider].ref_default or ""
                return FileLink(BinderSpec(provider, _decode(found["repo"]), ref), None)
            except (HubroamError, ValueError):
                return None
    return None


def _decode(text: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise ValueError
    return unquote(text, errors="strict")


def repository_name(spec: BinderSpec) -> str:
    """A repository, to compare: forges do not tell capital letters."""
    return f"{spec.provider}/{spec.repository.removesuffix('.git').lower()}"
