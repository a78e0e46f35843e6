"""Files into a commit, when that goes wrong or nobody waits any more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from hubroam.errors import DiskFull, RepositoryError
from hubroam.providers import MirrorStore
from hubroam.providers.archives.entries import Entry
from hubroam.providers.archives.importing import Stopped, import_commit
from hubroam.providers.process import run_git
from hubroam.spec import BinderSpec
from support.webserver import HANG

from ..helpers import below, full_when
from .helpers import fetch, zenodo


@pytest.fixture
async def bare(tmp_path):
    folder = tmp_path / "bare.git"
    await run_git("init", "--quiet", "--bare", str(folder), what="It")
    return folder


def entry(content: bytes, size: int | None = None) -> Entry:
    return Entry("a", len(content) if size is None else size, lambda: iter([content]))


@pytest.mark.parametrize("size", [0, 1, 3, 10**6])
def test_a_file_that_is_not_as_long_as_it_says(bare, size):
    with pytest.raises(RepositoryError, match="a is not as long as it says"):
        import_commit(bare, [entry(b"xx", size)], "m", "The record", threading.Event())


def test_what_nobody_waits_for_is_stopped(bare):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Stopped):
        import_commit(bare, [entry(b"x" * 10**6)], "m", "The record", stop)


def test_a_repository_that_is_none(tmp_path):
    with pytest.raises(RepositoryError):
        import_commit(tmp_path, [entry(b"x" * 10**6)], "m", "The record", threading.Event())


async def test_a_full_disk(archives, tmp_path, monkeypatch):
    full_when(tmp_path, monkeypatch, "fast-import")
    spec = archives.zenodo(1, {"a": b"x"})
    with pytest.raises(DiskFull):
        await fetch(zenodo(archives), spec, tmp_path / "mirrors")
    assert below(tmp_path / "mirrors") == set()


async def test_who_leaves_while_it_unpacks_leaves_nothing(archives, tmp_path):
    unpacking, ended = threading.Event(), threading.Event()

    def endless() -> Iterator[bytes]:
        unpacking.set()
        try:
            while True:
                yield b"x"
        finally:
            ended.set()

    @contextmanager
    def layout(*_: object) -> Iterator[list[Entry]]:
        yield [Entry("a", 10**12, endless)]

    resolved = await zenodo(archives).resolve(BinderSpec.parse(archives.zenodo(1, {"a": b"x"})))
    record = replace(resolved.record, found=replace(resolved.record.found, layout=layout))
    store = MirrorStore(tmp_path / "mirrors")
    task = asyncio.create_task(store.fetch(replace(resolved, record=record), lambda line: None))
    await asyncio.to_thread(unpacking.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
    assert below(store.root) == set()


async def test_who_leaves_while_it_downloads_leaves_nothing(archives, tmp_path):
    spec = archives.zenodo(1, {"a": b"x", "b": b"y"})
    archives.answers["/api/records/1/files/b/content"] = HANG
    resolved = await zenodo(archives).resolve(BinderSpec.parse(spec))
    first = asyncio.Event()
    store = MirrorStore(tmp_path / "mirrors")
    task = asyncio.create_task(store.fetch(resolved, lambda line: first.set()))
    await first.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert below(tmp_path / "mirrors") == set()


async def test_a_second_reader_waits_for_the_first(archives, tmp_path):
    spec = archives.zenodo(1, {"a": b"x"})
    done = await asyncio.gather(*(fetch(zenodo(archives), spec, tmp_path) for _ in range(5)))
    assert len({resolved.commit for _, resolved in done}) == 1
    assert archives.asked("/api/records/1/files/a/content") == 1
