"""How large a repository may be: asked of its host before anything is fetched, watched while it is.

git's protocol tells no size before it sends everything, and a fetch without contents
(``--filter=blob:none``) tells how many files there are and not how large. So what a host's API says
counts where it says something, and what arrives is counted in any case: git is ended when it is too
much. What the files of a commit come to in a checkout counts too: a pack of zeros is small.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hubroam.asker import Asker, NoReply, origin_of
from hubroam.errors import RepositoryTooLarge

# Seconds that a host's API gets: without its answer the fetch is watched just the same.
_PATIENCE = 5.0
_NEXT_STEP = (
    "Keep large files elsewhere and load them when a page runs, or let the hub's operator raise "
    "the limit (GitRefProvider.size_limit)."
)


def kibibytes(answer: Any) -> Any:
    """The size that GitHub's API gives, and those of Forgejo and Gitea.

    https://docs.github.com/en/rest/repos/repos#get-a-repository
    """
    return answer["size"] * 1024


def repository_bytes(answer: Any) -> Any:
    """The size that GitLab's API gives, to whom it tells statistics.

    https://docs.gitlab.com/api/projects/#get-a-single-project
    """
    return answer["statistics"]["repository_size"]


async def size_from_api(url: str, read: Callable[[Any], Any], *, token: str = "") -> int | None:
    """Ask the API of a repository's host for its size.

    Args:
        url: The repository's address at the API, from the operator's settings.
        read: Finds the bytes in the answer.
        token: What the API tells more to; empty for none.

    Returns:
        Bytes; None when it does not say.
    """
    headers = {"Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    async with Asker(trusted={origin_of(url)}, timeout=_PATIENCE) as asker:
        try:
            reply = await asker.ask(url, headers=headers)
            size = read(json.loads(reply.body)) if reply.status == 200 else None
        except (NoReply, ValueError, TypeError, KeyError):
            return None
    return size if type(size) is int and size >= 0 else None


def check_size(size: int | None, limit: int, what: str) -> None:
    """See that a repository may be fetched.

    Args:
        size: Bytes that its host says it has; None where it says nothing.
        limit: Bytes that a repository may have; 0 for any.
        what: The repository, as the beginning of a sentence.

    Raises:
        RepositoryTooLarge: It may not.
    """
    if limit and size is not None and size > limit:
        raise RepositoryTooLarge(
            f"{what} has {_bytes(size)}, and this hub fetches no repository of more than "
            f"{_bytes(limit)}.",
            next_step=_NEXT_STEP,
        )


def check_files(size: int, limit: int, commit: str) -> None:
    """See that the files of a commit may be laid out.

    Args:
        size: Bytes that they come to.
        limit: Bytes that they may; 0 for any.
        commit: The commit.

    Raises:
        RepositoryTooLarge: They may not.
    """
    if limit and size > limit:
        raise RepositoryTooLarge(
            f"The files of commit {commit[:7]} have {_bytes(size)}, and this hub opens no "
            f"repository of more than {_bytes(limit)}.",
            next_step=_NEXT_STEP,
        )


def watched(
    tell: Callable[[str], None] | None, folder: Path, limit: int, what: str
) -> Callable[[str], None] | None:
    """A taker of git's progress that counts what has arrived.

    git tells its progress while bytes come, so nothing else has to wake up for it.

    Args:
        tell: Takes the lines themselves.
        folder: Where git keeps what it gets.
        limit: Bytes that may be there; 0 for any.
        what: The repository, as the beginning of a sentence.

    Returns:
        The taker, which raises `RepositoryTooLarge`; ``tell`` itself where there is no limit.
    """
    if not limit:
        return tell

    def take(line: str) -> None:
        if _packs(folder) > limit:
            raise RepositoryTooLarge(
                f"{what} is larger than {_bytes(limit)}, the most that this hub fetches: the "
                "download was stopped.",
                next_step=_NEXT_STEP,
            )
        if tell is not None:
            tell(line)

    return take


def _packs(folder: Path) -> int:
    """Bytes of git's packs below a folder, those that are still being written too."""
    total = 0
    for path in folder.glob("**/pack/*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # renamed meanwhile
            continue
    return total


def _bytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e8 else f"{size / 1e6:.1f} MB"
