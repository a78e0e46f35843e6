"""Short ways of saying what tests of this room say often."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from urllib.parse import quote

import pytest

from hubroam.providers import GitProvider, Mirror, MirrorStore, ResolvedRef
from hubroam.spec import BinderSpec


def git_spec(url: str, ref: str = "main") -> BinderSpec:
    return BinderSpec.parse(f"git/{quote(url, safe='')}/{quote(ref)}")


async def resolve(url: str, ref: str = "main", **traits: object) -> ResolvedRef:
    return await GitProvider(**traits).resolve(git_spec(url, ref))


async def fetch(store: MirrorStore, url: str, ref: str = "main") -> tuple[Mirror, str]:
    """The mirror, and the commit that is in it now."""
    resolved = await resolve(url, ref)
    mirror, fetched = await store.fetch(resolved, lambda line: None)
    return mirror, fetched.commit


def below(folder: Path) -> set[str]:
    """The names in a folder, without lock files."""
    return {path.name for path in folder.iterdir() if path.suffix != ".lock"}


def full_when(folder: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Let one of git's commands meet a full disk; all others are git's own."""
    real = shutil.which("git")
    fake = folder / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(
        f'#!/bin/sh\ncase " $* " in *" {command} "*)'
        ' echo "fatal: write error: No space left on device" >&2; exit 128;; esac\n'
        f'exec {real} "$@"\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
