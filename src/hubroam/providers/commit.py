"""The files of one commit, read from a mirror without a checkout."""

from __future__ import annotations

import subprocess
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from hubroam.errors import RecipeError, RepositoryError
from hubroam.providers.process import git_command, git_environment
from hubroam.recipes.files import tree_digest

_FILE_LIMIT = 10 * 2**20
"""Bytes of the largest file that is read as part of a recipe."""

_LINK_LIMIT = 40
"""Symbolic links that one path may lead through, as in Linux (path_resolution(7))."""

_SYMLINK, _SUBMODULE = "120000", "160000"


class Listing:
    """What ``git ls-tree -r -l -z`` says of a commit: paths, and git's names for their contents.

    Submodules are passed over, since their files are not in the commit.

    Attributes:
        files: Of every regular file.
        links: Of every symbolic link; the content is where it leads.
        size: Bytes that all of them come to in a checkout.
    """

    def __init__(self, output: bytes) -> None:
        self.files: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.size = 0
        for line in filter(None, output.split(b"\0")):
            facts, _, name = line.decode(errors="surrogateescape").partition("\t")
            mode, _, oid, size = facts.split()
            if mode == _SUBMODULE:
                continue
            self.size += int(size)
            (self.links if mode == _SYMLINK else self.files)[name] = oid


class CommitFiles:
    """The files of one commit; implements `hubroam.recipes.Files`.

    A symbolic link to a file of the same commit is that file; any other link is no file.

    Args:
        repository: The bare repository.
        listing: Its files.
        targets: Where the links of the listing lead, by git's names for their contents.
    """

    def __init__(self, repository: Path, listing: Listing, targets: Mapping[str, bytes]) -> None:
        self._repository = repository
        self._blobs = dict(listing.files)
        links = {
            name: targets[oid].decode(errors="surrogateescape")
            for name, oid in listing.links.items()
        }
        for name in links:
            blob = listing.files.get(destination(name, links))
            if blob is not None:
                self._blobs[name] = blob
        self._names = sorted(self._blobs)

    def names(self) -> Sequence[str]:
        """Every file, sorted."""
        return self._names

    def read(self, name: str) -> bytes:
        """The bytes of a file.

        Raises:
            KeyError: There is no such file.
            RecipeError: It is too large to be part of a recipe.
            RepositoryError: The mirror is broken.
        """
        content = _read_blob(self._repository, self._blobs[name])
        if content is None:
            raise RecipeError(
                f"{name} is too large to be part of a recipe.",
                next_step=f"Keep the recipe's files below {_FILE_LIMIT // 2**20} MB.",
            )
        return content

    def blob(self, name: str) -> str:
        """Git's name for a file's content; KeyError when there is none."""
        return self._blobs[name]

    def digest(self, prefix: str = "") -> str:
        """What identifies the content of a file or folder, empty for all of the commit.

        Raises:
            KeyError: There is no such file or folder.
        """
        return tree_digest(((name, self._blobs[name]) for name in self._names), prefix)


def destination(name: str, links: Mapping[str, str]) -> str:
    """Where a path leads when every symbolic link on the way is followed.

    Returns:
        A path of the repository; empty when it leads out of it, or in a circle.
    """
    ahead, behind = deque(name.split("/")), list[str]()
    followed = 0
    while ahead:
        part = ahead.popleft()
        if part == ".." and not behind:
            return ""
        if part == "..":
            behind.pop()
        elif part not in ("", "."):
            behind.append(part)
            target = links.get("/".join(behind))
            if target is None:
                continue
            followed += 1
            if followed > _LINK_LIMIT or target.startswith("/"):
                return ""
            behind.pop()
            ahead.extendleft(reversed(target.split("/")))
    return "/".join(behind)


def _read_blob(repository: Path, oid: str) -> bytes | None:
    """The content that git has a name for; None when it is too large.

    Raises:
        RepositoryError: It is not there.
    """
    with subprocess.Popen(
        git_command("cat-file", "--batch"),
        cwd=repository,
        env=git_environment(repository),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin  # noqa: S101 (it is a pipe)
        assert process.stdout  # noqa: S101 (it is a pipe)
        process.stdin.write(f"{oid}\n".encode())
        process.stdin.close()
        header = process.stdout.readline().split()
        size = int(header[2]) if len(header) == 3 else -1
        if size > _FILE_LIMIT:
            process.kill()
            return None
        content = process.stdout.read(size) if size >= 0 else b""
    if len(content) != size:
        raise RepositoryError(
            "A file of the repository cannot be read from its mirror.",
            next_step="Tell the people who run this hub: the mirror is broken.",
        )
    return content
