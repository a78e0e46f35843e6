"""A session's own checkout."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock

from hubroam.errors import (
    DiskFull,
    RefNotFound,
    RepositoryError,
    RepositoryNotFound,
    RepositoryRefused,
)
from hubroam.providers import mirror as mirror_module
from hubroam.providers.process import run_git
from providers.helpers import below, fetch, full_when
from support.gitserver import Submodule, Symlink

PUBLIC = "https://git.example.org/ada/book.git"


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def gitmodules(**urls: str) -> str:
    return "".join(
        f'[submodule "{name}"]\n\tpath = {name}\n\turl = {url}\n' for name, url in urls.items()
    )


async def test_a_checkout_is_a_clone_of_its_own(store, book, tmp_path):
    book.tag("v1", annotated=True)
    first = book.git("rev-parse", "main")
    book.commit({"index.md": "later", "start": "#!/bin/sh\n"})
    mirror, latest = await fetch(store, book.url)
    target = tmp_path / "sessions" / "one" / "book"
    await mirror.checkout(first, target, origin=PUBLIC)
    assert (target / "index.md").read_text() == "# Waves\n"
    assert git(target, "rev-parse", "HEAD") == first
    assert git(target, "rev-parse", "--abbrev-ref", "HEAD") == "HEAD"
    assert git(target, "status", "--porcelain") == ""
    assert git(target, "remote", "get-url", "origin") == PUBLIC
    assert git(target, "rev-parse", "origin/main") == latest
    assert git(target, "tag") == "v1"
    assert list(target.parent.iterdir()) == [target]
    assert str(mirror.path) not in (target / ".git" / "config").read_text()


async def test_a_checkout_shares_no_file_with_the_mirror(store, book, tmp_path):
    # else a session could write into what the next one is made of
    mirror, commit = await fetch(store, book.url)
    await mirror.checkout(commit, tmp_path / "book", origin=PUBLIC)
    objects = [path for path in (tmp_path / "book/.git/objects").rglob("*") if path.is_file()]
    assert objects
    assert {path.stat().st_nlink for path in objects} == {1}
    assert not (tmp_path / "book/.git/objects/info/alternates").exists()


async def test_files_keep_their_kinds(store, server, tmp_path):
    repository = server.repo("kinds")
    commit = repository.commit({"postBuild": "#!/bin/sh\n", "a": "1", "link": Symlink("a")})
    mirror, _ = await fetch(store, repository.url)
    await mirror.checkout(commit, tmp_path / "it", origin=PUBLIC)
    assert os.access(tmp_path / "it/postBuild", os.X_OK)
    assert not os.access(tmp_path / "it/a", os.X_OK)
    assert (tmp_path / "it/link").readlink() == Path("a")


async def test_a_commit_that_no_branch_holds(store, book, tmp_path):
    commit = book.commit({"a": "b"}, branch="gone")
    book.git("update-ref", "refs/pull/7/head", commit)
    book.git("branch", "-D", "gone")
    mirror, _ = await fetch(store, book.url, "refs/pull/7/head")
    await mirror.checkout(commit, tmp_path / "book", origin=PUBLIC)
    assert (tmp_path / "book/a").read_text() == "b"


async def test_hooks_of_nobody_run(store, book, tmp_path, monkeypatch):
    templates = tmp_path / "templates" / "hooks"
    templates.mkdir(parents=True)
    (templates / "post-checkout").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (templates / "post-checkout").chmod(0o755)
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(templates.parent))
    mirror, commit = await fetch(store, book.url)
    await mirror.checkout(commit, tmp_path / "book", origin=PUBLIC)
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "book/.git/hooks").exists()


async def test_submodules_come_along(store, server, tmp_path):
    inner, outer = server.repo("ada/inner"), server.repo("ada/outer")
    deep = inner.commit({"deep.txt": "1"})
    middle = server.repo("ada/middle")
    commit = middle.commit(
        {".gitmodules": gitmodules(inner="../inner.git"), "inner": Submodule(deep)}
    )
    outer.commit({".gitmodules": gitmodules(middle=middle.url), "middle": Submodule(commit)})
    mirror, top = await fetch(store, outer.url)
    await mirror.checkout(top, tmp_path / "outer", origin=outer.url)
    assert (tmp_path / "outer/middle/inner/deep.txt").read_text() == "1"


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("no/such.git", RepositoryNotFound),
        ("ext::sh -c touch% MARK", RepositoryRefused),
        ("file://BARE", RepositoryRefused),
        ("BARE", RepositoryRefused),
        ("-uMARK", RepositoryError),
        ("--upload-pack=touch MARK", RepositoryError),
    ],
)
async def test_a_submodule_that_cannot_be_had(server, store, book, tmp_path, url, error):
    mark = tmp_path / "mark"
    if url == "no/such.git":
        url = server.url + url
    url = url.replace("MARK", str(mark)).replace("BARE", str(book.bare))
    outer = server.repo("outer")
    outer.commit({".gitmodules": gitmodules(sub=url), "sub": Submodule("1" * 40)})
    mirror, commit = await fetch(store, outer.url)
    with pytest.raises(error, match=r"A submodule of http"):
        await mirror.checkout(commit, tmp_path / "sessions" / "outer", origin=outer.url)
    assert not mark.exists()
    assert below(tmp_path / "sessions") == set()


@pytest.mark.parametrize("commit", ["1" * 40, "main", "--help", "HEAD", "", "abc"])
async def test_what_is_not_there_cannot_be_checked_out(store, book, tmp_path, commit):
    mirror, _ = await fetch(store, book.url)
    target = tmp_path / "sessions" / "book"
    with pytest.raises(RepositoryError) as caught:
        await mirror.checkout(commit, target, origin=PUBLIC)
    assert isinstance(caught.value, RefNotFound) == (len(commit) < 40)
    assert below(target.parent) == set()


async def test_a_place_that_is_taken_is_left_as_it_is(store, book, tmp_path):
    mirror, commit = await fetch(store, book.url)
    target = tmp_path / "sessions" / "book"
    target.mkdir(parents=True)
    (target / "mine.txt").write_text("mine")
    with pytest.raises(RepositoryError, match="already"):
        await mirror.checkout(commit, target, origin=PUBLIC)
    assert [path.name for path in target.iterdir()] == ["mine.txt"]
    assert below(target.parent) == {"book"}


async def test_a_cancelled_checkout_leaves_nothing(store, server, silent, silent_url, tmp_path):
    outer = server.repo("outer")
    outer.commit({".gitmodules": gitmodules(sub=silent_url), "sub": Submodule("1" * 40)})
    mirror, commit = await fetch(store, outer.url)
    target = tmp_path / "sessions" / "outer"
    task = asyncio.create_task(mirror.checkout(commit, target, origin=outer.url))
    connection, _ = await asyncio.get_running_loop().sock_accept(silent)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    connection.close()
    assert below(target.parent) == set()


@pytest.mark.parametrize("command", ["clone", "checkout"])
async def test_a_full_disk(store, book, tmp_path, monkeypatch, command):
    mirror, commit = await fetch(store, book.url)
    full_when(tmp_path, monkeypatch, command)
    target = tmp_path / "sessions" / "book"
    with pytest.raises(DiskFull):
        await mirror.checkout(commit, target, origin=PUBLIC)
    assert below(target.parent) == set()


async def test_checkouts_at_once(store, book, tmp_path):
    mirror, commit = await fetch(store, book.url)
    targets = [tmp_path / "sessions" / str(number) for number in range(10)]
    await asyncio.gather(*(mirror.checkout(commit, each, origin=PUBLIC) for each in targets))
    assert {(each / "index.md").read_text() for each in targets} == {"# Waves\n"}


async def test_a_clone_that_a_fetch_disturbs_waits_for_its_end(store, book, tmp_path, monkeypatch):
    mirror, commit = await fetch(store, book.url)
    # git refuses to copy a link, as it fails on a file that a fetch has just renamed
    moving = mirror.path / "objects" / "pack" / "tmp_pack_x"
    moving.symlink_to("nowhere")
    disturbed = asyncio.Event()

    async def watched(*arguments: str, **options: object) -> bytes:
        try:
            return await run_git(*arguments, **options)
        except RepositoryError:
            disturbed.set()
            raise

    monkeypatch.setattr(mirror_module, "run_git", watched)
    with FileLock(mirror.path.with_suffix(".lock")):
        task = asyncio.create_task(mirror.checkout(commit, tmp_path / "book", origin=PUBLIC))
        async with asyncio.timeout(20):
            await disturbed.wait()
        moving.unlink()
    await task
    assert (tmp_path / "book/index.md").read_text() == "# Waves\n"
