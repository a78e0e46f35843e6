"""Which file of the repository a session is to open."""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from hubroam.errors import HubroamError
from hubroam.launchlink import LaunchLink

# The pages of Jupyter's applications that are followed by a file's path.
_PAGES = (
    "lab/tree",
    "doc/tree",
    "tree",
    "notebooks",
    "edit",
    "view",
    "voila/render",
    "retro/notebooks",
    "retro/edit",
)


def content_of(path: str) -> str | None:
    """The repository that the session pulls its content from, where it is another.

    Args:
        path: As `file_of` takes it: ``git-pull?repo=…`` of nbgitpuller's.

    Returns:
        The repository as a spec has it, or None when nothing is pulled.
    """
    if not path.startswith("git-pull?"):
        return None
    try:
        pulled = LaunchLink.parse(f"https://hub.invalid/{path}").spec
    except HubroamError:
        return None
    return pulled.repository if pulled else None


def file_of(path: str) -> str | None:
    """The file that a path into a session names.

    Args:
        path: As `hubroam.links.session_path` gives it: ``lab/tree/a%20b.ipynb?x=1``.

    Returns:
        The file's path in the repository, or None when the path names none (``lab``, ``rstudio``,
        a workspace, a path that leaves the repository).
    """
    plain = unquote(urlsplit("/" + path.lstrip("/")).path).lstrip("/")
    for page in _PAGES:
        if plain.startswith(f"{page}/"):
            name = PurePosixPath(plain.removeprefix(f"{page}/"))
            inside = name.parts and not name.is_absolute() and ".." not in name.parts
            return str(name) if inside else None
    return None
