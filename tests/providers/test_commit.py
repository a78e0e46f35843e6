"""A commit's files, as the recipe's reader sees them."""

import pytest

from hubroam.errors import RecipeError, RepositoryError
from hubroam.providers import commit as commit_module
from hubroam.recipes import DirectoryFiles
from providers.helpers import fetch
from support.gitserver import Submodule, Symlink


async def files_of(store, repository, files):
    commit = repository.commit(files)
    mirror, _ = await fetch(store, repository.url)
    return await mirror.files(commit)


async def test_names_and_contents(store, server):
    odd = ["a\nb.txt", 'say "hi".md', "back\\slash", "tab\there", "ünï/日本.md"]
    files = await files_of(
        store, server.repo("odd"), {"b": b"\x00\xff", "a/b": "", **{name: name for name in odd}}
    )
    assert files.names() == sorted([*odd, "a/b", "b"])
    assert files.read("b") == b"\x00\xff"
    assert files.read("a/b") == b""
    assert [files.read(name).decode() for name in odd] == odd


@pytest.mark.parametrize("name", ["nope", "a", "a/", "/a/b", "../a/b", "a/../a/b", "", "."])
async def test_what_is_no_file(store, server, name):
    files = await files_of(store, server.repo("some"), {"a/b": "1"})
    with pytest.raises(KeyError):
        files.read(name)


async def test_links_inside_the_repository(store, server):
    files = await files_of(
        store,
        server.repo("links"),
        {
            "shared/requirements.txt": "numpy\n",
            "binder/requirements.txt": Symlink("../shared/requirements.txt"),
            "twice": Symlink("binder/./requirements.txt"),
            "folder": Symlink("shared"),
            "through": Symlink("folder/requirements.txt"),
        },
    )
    linked = ["binder/requirements.txt", "through", "twice"]
    assert files.names() == sorted([*linked, "shared/requirements.txt"])
    assert [files.read(name) for name in linked] == [b"numpy\n"] * 3


async def test_links_to_anything_else_are_no_files(store, server):
    files = await files_of(
        store,
        server.repo("links"),
        {
            "kept/file": "1",
            "absolute": Symlink("/etc/passwd"),
            "above": Symlink("../../etc/passwd"),
            "out-and-in": Symlink("../links/kept/file"),
            "folder": Symlink("kept"),
            "nowhere": Symlink("no/such"),
            "self": Symlink("self"),
            "one": Symlink("two"),
            "two": Symlink("one"),
            "grows": Symlink("grows/x"),
        },
    )
    assert files.names() == ["kept/file"]
    with pytest.raises(KeyError):
        files.read("absolute")


async def test_a_submodule_is_no_file(store, server):
    files = await files_of(store, server.repo("sub"), {"a": "1", "sub": Submodule("1" * 40)})
    assert files.names() == ["a"]


async def test_a_digest_follows_content(store, book):
    before = await files_of(store, book, {"binder/start": "1", "binder.md": "1"})
    after = await files_of(store, book, {"index.md": "changed", "binder.md": "2"})
    assert before.digest() != after.digest()
    assert before.digest("binder") == after.digest("binder/")
    assert before.digest("binder.md") != after.digest("binder.md")
    for missing in ("bind", "binder/no", "no"):
        with pytest.raises(KeyError):
            before.digest(missing)


async def test_a_digest_follows_what_a_link_leads_to(store, server):
    repository = server.repo("links")
    link = {"binder/requirements.txt": Symlink("../shared.txt")}
    before = await files_of(store, repository, {**link, "shared.txt": "numpy"})
    after = await files_of(store, repository, {"shared.txt": "pandas"})
    assert before.digest("binder") != after.digest("binder")


async def test_a_commit_and_its_checkout_are_one(store, server, tmp_path):
    repository = server.repo("both")
    commit = repository.commit(
        {"a": "1", "b/c": b"\x00", "b/d": Symlink("../a"), "postBuild": "#!/bin/sh\n"}
    )
    mirror, _ = await fetch(store, repository.url)
    await mirror.checkout(commit, tmp_path / "there", origin=repository.url)
    here, there = await mirror.files(commit), DirectoryFiles(tmp_path / "there")
    assert here.names() == there.names()
    assert here.digest() == there.digest()
    assert here.digest("b") == there.digest("b")


async def test_a_file_that_is_too_large(store, server, monkeypatch):
    monkeypatch.setattr(commit_module, "_FILE_LIMIT", 1000)
    files = await files_of(store, server.repo("large"), {"fits": "x" * 1000, "large": "x" * 1001})
    assert len(files.read("fits")) == 1000
    with pytest.raises(RecipeError, match="large is too large"):
        files.read("large")


async def test_a_mirror_that_was_lost(store, book):
    mirror, commit = await fetch(store, book.url)
    files = await mirror.files(commit)
    for pack in (mirror.path / "objects").rglob("*.pack"):
        pack.unlink()
    for loose in (mirror.path / "objects").glob("??/*"):
        loose.unlink()
    with pytest.raises(RepositoryError):
        files.read("index.md")
