"""Which repository a book is in."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from hubroam.errors import HubroamError, SpecError
from hubroam.providerinfo import PROVIDERS
from hubroam.spec import BinderSpec

_FORGES = {
    "github.com": "https://github.com/",
    "gitlab.com": "https://gitlab.com/",
    "gist.github.com": "https://gist.github.com/",
}
# git@host:path and ssh://git@host/path, as people who may push have their repositories
_SSH = re.compile(r"(?:ssh://)?(?:[^@/\s]+@)(?P<host>[\w.-]+)(?::\d+)?[:/](?P<path>.+)")
_HTTP = re.compile(r"(https?://)[^/@]*@(.+)")


def read_repository(
    repo: str | None, provider: str | None = None, ref: str | None = None
) -> BinderSpec:
    """The Binder spec of a repository that an author names.

    Args:
        repo: ``user/repo``, a web address, a clone URL, a DOI or a Binder spec.
        provider: The prefix of a Binder provider; None to see it by `repo`, and ``gh`` where that
            is ``user/repo``.
        ref: A branch, tag or commit; None for what `repo` names, else the default.

    Raises:
        SpecError: They name no repository.
    """
    if not repo:
        raise SpecError("No repository is named.", next_step="Write it as user/repo.")
    text = _public(repo.strip())
    if provider:
        known = PROVIDERS.get(provider)
        return BinderSpec(provider, text, ref or (known and known.ref_default) or "")
    parts = text.split("/")
    if len(parts) == 2 and "://" not in text and not re.match(r"(?:doi:)?10\.\d", text):
        text = f"gh/{text}"
    spec = BinderSpec.from_text(text)
    return replace(spec, ref=ref) if ref else spec


def _public(text: str) -> str:
    """An address that everybody can read, of one by which those who may push reach it."""
    if (found := _SSH.fullmatch(text)) and found["host"] in _FORGES:
        return _FORGES[found["host"]] + found["path"].lstrip("/")
    return re.sub(_HTTP, r"\1\2", text)


@dataclass(frozen=True)
class Checkout:
    """The git checkout that a folder is in.

    Attributes:
        root: Its top folder.
        repository: Where its ``origin`` is, at the branch that is checked out; None where it has
            none that others could clone.
    """

    root: Path
    repository: BinderSpec | None

    @classmethod
    def of(cls, folder: Path) -> Self | None:
        """The checkout around a folder; None where there is none, or no git.

        Args:
            folder: An absolute path.
        """
        top = _git(folder, "rev-parse", "--show-toplevel")
        if not top:
            return None
        origin = _git(folder, "remote", "get-url", "origin")
        # a branch that origin does not have could not be launched: the default then
        branch = _git(folder, "rev-parse", "--abbrev-ref", "@{upstream}").removeprefix("origin/")
        try:
            found = read_repository(origin, ref=branch or None) if origin else None
        except HubroamError:
            found = None  # a path on this machine, a forge with rules of its own
        return cls(Path(top), found)


def _git(folder: Path, *arguments: str) -> str:
    """What a git command says; empty where it fails."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
