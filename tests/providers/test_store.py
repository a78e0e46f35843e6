"""Mirrors are made once, fetched by increments, and never half there."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from hubroam.errors import (
    DiskFull,
    RefNotFound,
    RepositoryError,
    RepositoryNotFound,
    RepositoryUnreachable,
)
from hubroam.providers import MirrorStore
from providers.helpers import below, fetch, full_when, resolve

FETCH = """
import asyncio, sys
from pathlib import Path
from hubroam.providers import GitProvider, MirrorStore
from hubroam.spec import BinderSpec

async def main() -> None:
    resolved = await GitProvider().resolve(BinderSpec.parse(sys.argv[1]))
    await MirrorStore(Path(sys.argv[2])).fetch(resolved, print)

asyncio.run(main())
"""


async def test_a_mirror_says_whose_it_is(store, book):
    mirror, commit = await fetch(store, book.url)
    assert await mirror.has(commit)
    assert (mirror.path / "description").read_text() == f"{book.url}\n"
    assert below(store.root) == {mirror.path.name}


async def test_ten_at_once_make_one_clone(server, store, book):
    resolved = await resolve(book.url)
    fetched = await asyncio.gather(*(store.fetch(resolved, lambda line: None) for _ in range(10)))
    assert len({mirror.path for mirror, _ in fetched}) == 1
    assert len(server.fetches) == 1


async def test_processes_make_one_clone_too(server, store, book):
    arguments = [sys.executable, "-c", FETCH, book.spec, str(store.root)]
    started = [await asyncio.create_subprocess_exec(*arguments) for _ in range(3)]
    assert [await each.wait() for each in started] == [0, 0, 0]
    assert len(server.fetches) == 1


async def test_a_commit_that_is_there_is_not_fetched(server, store, book):
    resolved = await resolve(book.url)
    await store.fetch(resolved, lambda line: None)
    server.requests.clear()
    await store.fetch(resolved, lambda line: None)
    assert server.requests == []


async def test_an_increment_fetches_what_is_new(server, store, book):
    book.commit({"data.bin": os.urandom(2**20)})
    await fetch(store, book.url)
    assert server.bytes_sent > 2**20
    server.bytes_sent = 0
    book.commit({"index.md": "# Tides\n"})
    mirror, commit = await fetch(store, book.url)
    assert (await mirror.files(commit)).read("index.md") == b"# Tides\n"
    assert server.bytes_sent < 10_000


async def test_repositories_have_mirrors_of_their_own(server, store, book):
    other = server.repo("ada/other")
    other.commit({"a": "b"})
    first, _ = await fetch(store, book.url)
    second, commit = await fetch(store, other.url)
    assert first.path != second.path
    assert not await first.has(commit)


async def test_progress_is_told(store, book):
    book.commit({f"{number}.md": str(number) for number in range(200)})
    lines: list[str] = []
    await store.fetch(await resolve(book.url), lines.append)
    assert any(line.startswith("Receiving objects: 100%") for line in lines)


async def test_a_rewritten_history(store, book):
    _, before = await fetch(store, book.url)
    book.git("update-ref", "-d", "refs/heads/main")
    book.commit({"index.md": "another beginning"})
    mirror, after = await fetch(store, book.url)
    assert await mirror.has(after)
    assert await mirror.has(before)  # somebody's link may still name it


async def test_a_branch_makes_room_for_a_folder_of_branches(store, book):
    book.branch("fix")
    await fetch(store, book.url)
    book.git("branch", "-D", "fix")
    commit = book.commit({"a": "b"}, branch="fix/one")
    mirror, found = await fetch(store, book.url, "fix/one")
    assert found == commit
    assert await mirror.has(commit)


async def test_a_commit_of_a_tag_only(store, book):
    commit = book.commit({"a": "b"}, branch="gone")
    book.tag("v1", "gone", annotated=True)
    book.git("branch", "-D", "gone")
    mirror, found = await fetch(store, book.url, "v1")
    assert found == commit
    assert await mirror.has(commit)


@pytest.mark.parametrize("by_name", [True, False])
async def test_a_commit_of_a_pull_request_only(store, book, by_name):
    commit = book.commit({"a": "b"}, branch="gone")
    book.git("update-ref", "refs/pull/7/head", commit)
    book.git("branch", "-D", "gone")
    mirror, found = await fetch(store, book.url, "refs/pull/7/head" if by_name else commit)
    assert found == commit
    assert await mirror.has(commit)


@pytest.mark.parametrize("digits", [40, 64])
async def test_a_commit_that_does_not_exist(store, book, digits):
    with pytest.raises(RepositoryError) as caught:
        await fetch(store, book.url, "1" * digits)
    assert book.url in caught.value.message
    assert isinstance(caught.value, RefNotFound) == (digits == 40)


async def test_what_is_no_commit(store, book):
    tree = book.git("rev-parse", "main^{tree}")
    with pytest.raises(RefNotFound, match="no commit"):
        await fetch(store, book.url, tree)


async def test_a_repository_of_sha256(server, store):
    repository = server.repo("ada/modern", "sha256")
    commit = repository.commit({"a": "b"})
    mirror, found = await fetch(store, repository.url)
    assert found == commit
    assert len(found) == 64
    assert (await mirror.files(found)).read("a") == b"b"


async def test_a_repository_of_this_disk(store, book):
    resolved = await resolve(f"file://{book.bare}", allow_file_urls=True)
    mirror, _ = await store.fetch(resolved, lambda line: None)
    assert await mirror.has(resolved.commit)


async def test_a_clone_that_fails_leaves_nothing(server, store, book, closed_url):
    resolved = await resolve(book.url)
    gone = replace(resolved, clone_url=f"{closed_url}book.git")
    with pytest.raises(RepositoryUnreachable):
        await store.fetch(gone, lambda line: None)
    server.private = True
    with pytest.raises(RepositoryNotFound):
        await store.fetch(resolved, lambda line: None)
    assert below(store.root) == set()
    server.private = False
    await store.fetch(resolved, lambda line: None)


async def test_a_cancelled_clone_leaves_nothing(silent, silent_url, store, book):
    resolved = replace(await resolve(book.url), clone_url=silent_url)
    task = asyncio.create_task(store.fetch(resolved, lambda line: None))
    connection, _ = await asyncio.get_running_loop().sock_accept(silent)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    connection.close()
    assert below(store.root) == set()


async def test_what_a_killed_clone_left_is_taken_away(store, book):
    mirror, commit = await fetch(store, book.url)
    mirror.path.rename(mirror.path.with_name(f"{mirror.path.name}.partial"))
    again, _ = await fetch(store, book.url)
    assert await again.has(commit)
    assert below(store.root) == {mirror.path.name}


async def test_what_a_killed_fetch_left_does_not_stop_the_next(store, book):
    mirror, _ = await fetch(store, book.url)
    left = ["packed-refs.lock", "refs/heads/main.lock", "objects/pack/tmp_pack_x"]
    for name in left:
        (mirror.path / name).write_bytes(b"")
    folder = mirror.path.stat().st_ino
    book.commit({"index.md": "# Tides\n"})
    _, commit = await fetch(store, book.url)
    assert await mirror.has(commit)
    assert [name for name in left if (mirror.path / name).exists()] == []
    assert mirror.path.stat().st_ino == folder  # it was not made anew


def _lose_the_head(path: Path) -> None:
    (path / "HEAD").unlink()


def _lose_the_config(path: Path) -> None:
    (path / "config").write_text("[core")


def _spoil_the_objects(path: Path) -> None:
    for each in (path / "objects").rglob("*"):
        if each.is_file():
            each.chmod(0o600)
            each.write_bytes(b"")


@pytest.mark.parametrize("spoil", [_lose_the_head, _lose_the_config, _spoil_the_objects])
async def test_a_broken_mirror_is_made_anew(store, book, spoil):
    mirror, commit = await fetch(store, book.url)
    spoil(mirror.path)
    assert not await mirror.has(commit)
    again, _ = await fetch(store, book.url)
    assert (await again.files(commit)).names() == ["binder/requirements.txt", "index.md"]
    assert below(store.root) == {mirror.path.name}


async def test_a_mirror_outlives_its_repository(server, store, book):
    mirror, commit = await fetch(store, book.url)
    server.private = True
    with pytest.raises(RepositoryNotFound):
        await fetch(store, book.url, "1" * 40)
    assert await mirror.has(commit)


async def test_nobody_waits_for_ever_for_another(store, book):
    resolved = await resolve(book.url)
    mirror, _ = await fetch(store, book.url)
    impatient = MirrorStore(store.root, timeout=0.3)
    with FileLock(mirror.path.with_suffix(".lock")):
        await impatient.fetch(resolved, lambda line: None)  # it is there already
        missing = replace(resolved, commit="1" * 40)
        with pytest.raises(RepositoryUnreachable, match=r"longer than 0\.3 seconds"):
            await impatient.fetch(missing, lambda line: None)


async def test_a_full_disk(store, book, tmp_path, monkeypatch):
    resolved = await resolve(book.url)
    full_when(tmp_path, monkeypatch, "fetch")
    with pytest.raises(DiskFull, match="disk is full"):
        await store.fetch(resolved, lambda line: None)
    assert below(store.root) == set()
