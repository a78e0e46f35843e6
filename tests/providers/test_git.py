"""From a ref to a commit, by asking a real server."""

import shutil

import pytest

from hubroam.errors import (
    RefNotFound,
    RepositoryNotFound,
    RepositoryRefused,
    RepositoryUnreachable,
    SpecError,
)
from hubroam.providers import GitProvider
from hubroam.spec import BinderSpec
from providers.helpers import git_spec, resolve


async def test_a_branch(book):
    first = book.git("rev-parse", "main")
    resolved = await resolve(book.url)
    assert (resolved.commit, resolved.ref, resolved.clone_url) == (first, "main", book.url)
    assert (resolved.repo_url, resolved.ref_url, resolved.notes) == (book.url, book.url, ())


async def test_a_moved_branch_is_asked_for_each_time(book):
    before = (await resolve(book.url)).commit
    after = book.commit({"index.md": "# Tides\n"})
    assert (await resolve(book.url)).commit == after != before


async def test_the_remote_head(book):
    book.commit({"a": "b"}, branch="trunk")
    book.git("symbolic-ref", "HEAD", "refs/heads/trunk")
    assert (await resolve(book.url, "HEAD")).commit == book.git("rev-parse", "trunk")


@pytest.mark.parametrize("name", ["fix/one/two", "ünï/čödé", "日本語", "v1+x", "a@b", "a%2Fb"])
async def test_branches_of_any_name(book, name):
    commit = book.commit({"a": name}, branch=name)
    assert (await resolve(book.url, name)).commit == commit


async def test_a_name_is_not_the_end_of_another(book):
    book.branch("feature/docs")
    with pytest.raises(RefNotFound):
        await resolve(book.url, "docs")


@pytest.mark.parametrize("annotated", [False, True])
async def test_a_tag_gives_its_commit(book, annotated):
    tagged = book.git("rev-parse", "main")
    book.tag("v1.0", annotated=annotated)
    book.commit({"index.md": "later"})
    assert (await resolve(book.url, "v1.0")).commit == tagged
    assert (await resolve(book.url, "refs/tags/v1.0")).commit == tagged


async def test_a_branch_wins_over_a_tag_of_its_name(book):
    book.tag("one", annotated=True)
    moved = book.commit({"index.md": "later"})
    book.branch("one")
    assert (await resolve(book.url, "one")).commit == moved


@pytest.mark.parametrize("ref", ["refs/pull/7/head", "pull/7/head"])
async def test_a_pull_request(book, ref):
    commit = book.commit({"a": "b"}, branch="gone")
    book.git("update-ref", "refs/pull/7/head", commit)
    book.git("branch", "-D", "gone")
    assert (await resolve(book.url, ref)).commit == commit


@pytest.mark.parametrize("digits", [40, 64])
async def test_a_full_commit_is_taken_without_asking(server, digits):
    resolved = await resolve(f"{server.url}no/such.git", "AB" * (digits // 2))
    assert resolved.commit == resolved.ref == "ab" * (digits // 2)
    assert server.requests == []


async def test_a_short_commit_is_refused_with_what_to_do(book):
    with pytest.raises(RefNotFound, match="no branch or tag") as caught:
        await resolve(book.url, book.git("rev-parse", "main")[:10])
    assert "40 digits" in caught.value.next_step


async def test_a_branch_may_look_like_a_short_commit(book):
    book.branch("deadbeef")
    assert (await resolve(book.url, "deadbeef")).ref == "deadbeef"


async def test_a_missing_ref_names_some_branches(book):
    for number in range(8):
        book.branch(f"branch-{number}")
    with pytest.raises(RefNotFound, match=r"no branch or tag nope in http") as caught:
        await resolve(book.url, "nope")
    assert caught.value.next_step.count("branch-") == 5
    assert "…" in caught.value.next_step


async def test_an_empty_repository(server):
    repository = server.repo("ada/empty")
    with pytest.raises(RefNotFound, match="no branch at all"):
        await resolve(repository.url, "HEAD")


async def test_a_repository_that_does_not_exist(server):
    with pytest.raises(RepositoryNotFound, match="does not exist, or is private"):
        await resolve(f"{server.url}no/such.git")


async def test_a_private_repository_asks_nobody(server, book, tmp_path, monkeypatch):
    # what would give the operator's own credentials to everybody who launches
    asked = tmp_path / "asked"
    helper = tmp_path / "helper"
    helper.write_text(f"#!/bin/sh\ntouch {asked}\necho secret\n")
    helper.chmod(0o755)
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ada password secret\n")
    (tmp_path / ".gitconfig").write_text(f"[credential]\n\thelper = {helper}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_ASKPASS", str(helper))
    monkeypatch.setenv("SSH_ASKPASS", str(helper))
    server.private = True
    with pytest.raises(RepositoryNotFound, match="private"):
        await resolve(book.url)
    assert server.requests
    assert server.authorizations == []
    assert not asked.exists()


async def test_a_host_that_is_not_there(closed_url):
    with pytest.raises(RepositoryUnreachable, match="does not answer"):
        await resolve(f"{closed_url}book.git")


@pytest.mark.skipif(not shutil.which("ssh"), reason="there is no ssh here")
@pytest.mark.parametrize("scheme", ["ssh", "git"])
async def test_a_host_that_is_not_there_by_other_ways(closed_url, scheme):
    with pytest.raises(RepositoryUnreachable):
        await resolve(f"{closed_url.replace('http', scheme)}book.git")


async def test_a_host_that_says_nothing(silent_url):
    with pytest.raises(RepositoryUnreachable, match=r"longer than 0\.3 seconds"):
        await resolve(silent_url, resolve_timeout=0.3)


async def test_the_disk_is_read_only_where_the_operator_allows_it(book):
    url = f"file://{book.bare}"
    with pytest.raises(RepositoryRefused, match="its own disk") as caught:
        await resolve(url)
    assert "allow_file_urls" in caught.value.next_step
    with pytest.raises(RepositoryRefused):
        await resolve(url.replace("file", "FILE"))
    assert (await resolve(url, allow_file_urls=True)).commit == book.git("rev-parse", "main")


@pytest.mark.parametrize(
    ("url", "ref"),
    [
        ("ext::sh -c touch% /tmp/pwned", "main"),
        ("--upload-pack=touch /tmp/pwned", "main"),
        ("-oProxyCommand=x:y", "main"),
        ("ssh://-oProxyCommand=x/y", "main"),
        ("/etc/passwd", "main"),
        ("../../etc", "main"),
        ("http://127.0.0.1/../../x", "main"),
        ("http://ada:secret@127.0.0.1/x.git", "main"),
        ("http://127.0.0.1/x.git", "--upload-pack=touch"),
        ("http://127.0.0.1/x.git", "main\n"),
        ("http://127.0.0.1/x.git", "a..b"),
        ("http://127.0.0.1/x.git", "refs/heads/*"),
        ("http://127.0.0.1/x.git", "a:refs/heads/main"),
    ],
)
def test_what_no_provider_ever_sees(url, ref):
    with pytest.raises(SpecError) as caught:
        git_spec(url, ref)
    assert "secret" not in str(caught.value)


def test_the_clone_url_is_the_specs_own():
    spec = BinderSpec("git", "git@git.example.org:ada/book.git", "main")
    assert GitProvider().clone_url(spec) == "git@git.example.org:ada/book.git"
