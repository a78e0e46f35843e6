"""The sample book as a git repository that can be cloned over HTTP."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

BOOK = Path(__file__).parent / "book"

# The same files must give the same commit on every machine and day.
_IDENTITY = {
    "GIT_AUTHOR_NAME": "hubroam",
    "GIT_AUTHOR_EMAIL": "demo@hubroam.invalid",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00+0000",
    "GIT_COMMITTER_NAME": "hubroam",
    "GIT_COMMITTER_EMAIL": "demo@hubroam.invalid",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00+0000",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


def make_repository(folder: Path) -> Path:
    """Commit the sample book to a new bare repository.

    Args:
        folder: A folder of the demo's own; what an earlier demo left in it is replaced.

    Returns:
        The bare repository.  Any web server that serves its files serves clones of it (git's
        "dumb" HTTP protocol), so the demo needs no git server.
    """
    tree, bare = folder / "book", folder / "book.git"
    for old in (tree, bare):
        shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(BOOK, tree, ignore=shutil.ignore_patterns("__pycache__"))
    _git(tree, "init", "--quiet", "--initial-branch=main", "--template=")
    _git(tree, "add", "--all")
    _git(tree, "commit", "--quiet", "--message=A small book of waves and wildlife")
    _git(folder, "clone", "--quiet", "--bare", "--template=", str(tree), str(bare))
    _git(bare, "update-server-info")
    return bare


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, env={**os.environ, **_IDENTITY}, check=True)
