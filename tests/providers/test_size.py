"""Repositories that are too large: refused by what their host says, and by what arrives."""

from __future__ import annotations

import json
import os

import pytest

from hubroam.errors import RepositoryTooLarge
from hubroam.providers import GitHubProvider, GitLabProvider, GitProvider, MirrorStore
from hubroam.providers.keyring import Keyring
from hubroam.spec import BinderSpec
from providers.helpers import below, git_spec, resolve
from support.gitserver import GitServer, Submodule, TestRepository
from support.webserver import Answer, WebServer

MB = 10**6


@pytest.fixture
def big(server: GitServer) -> TestRepository:
    """A repository of 40 MB that no compression makes smaller."""
    repository = server.repo("ada/big")
    repository.git("config", "core.compression", "0")  # it would be in vain
    repository.commit({f"data/{n}.bin": os.urandom(5 * MB) for n in range(8)})
    return repository


async def test_what_arrives_is_counted_and_nothing_is_left(store, big):
    resolved = await resolve(big.url, size_limit=20 * MB)
    told: list[str] = []
    with pytest.raises(RepositoryTooLarge) as caught:
        await store.fetch(resolved, told.append)
    assert caught.value.message == (
        f"{big.url} is larger than 20.0 MB, the most that this hub fetches: the download was "
        "stopped."
    )
    assert "GitRefProvider.size_limit" in caught.value.next_step
    assert not any(line.endswith("done.") for line in told if line.startswith("Receiving"))
    assert below(store.root) == set()


async def test_a_repository_within_the_limit_is_fetched(store, big):
    resolved = await resolve(big.url, size_limit=80 * MB)
    mirror, fetched = await store.fetch(resolved, lambda line: None)
    assert await mirror.has(fetched.commit)
    any_size = await resolve(big.url, size_limit=0)
    await MirrorStore(store.root / "other").fetch(any_size, lambda line: None)


async def test_a_mirror_that_grows_too_large_stays_as_it_was(store, book):
    first = await resolve(book.url, size_limit=20 * MB)
    mirror, fetched = await store.fetch(first, lambda line: None)
    before = sorted(path for path in mirror.path.rglob("*") if path.is_file())
    book.commit({f"data/{n}.bin": os.urandom(5 * MB) for n in range(8)})
    grown = await resolve(book.url, size_limit=20 * MB)
    with pytest.raises(RepositoryTooLarge):
        await store.fetch(grown, lambda line: None)
    assert sorted(path for path in mirror.path.rglob("*") if path.is_file()) == before
    assert (await store.fetch(first, lambda line: None))[1].commit == fetched.commit


async def test_submodules_are_counted_too(store, server, big, tmp_path):
    book = server.repo("ada/light")
    modules = f'[submodule "big"]\npath = big\nurl = {big.url}\n'
    book.commit({".gitmodules": modules, "big": Submodule(big.git("rev-parse", "main"))})
    resolved = await resolve(book.url, size_limit=20 * MB)
    mirror, fetched = await store.fetch(resolved, lambda line: None)
    with pytest.raises(RepositoryTooLarge, match="A submodule of"):
        await mirror.checkout(fetched.commit, tmp_path / "checkout", origin=book.url)
    assert not [path for path in tmp_path.iterdir() if "checkout" in path.name]


@pytest.mark.parametrize(
    ("answer", "fetched"),
    [
        # the fields that count, as GitHub documents them: `size` is in KiB
        (Answer(body=json.dumps({"full_name": "ada/big", "size": 10_000_000}).encode()), False),
        (Answer(body=json.dumps({"full_name": "ada/big", "size": 40_000}).encode()), True),
        (Answer(body=b'{"size": "large"}'), True),
        (Answer(body=b"[]"), True),
        (Answer(body=b"no JSON"), True),
        (Answer(403, body=b'{"message": "API rate limit exceeded"}'), True),
        (None, True),
    ],
)
async def test_what_the_host_says_counts_before_anything_is_fetched(
    server, store, big, closed_url, answer, fetched
):
    asked = []

    def api(request):
        asked.append(request.path)
        return answer

    with WebServer(api) as there:
        provider = GitHubProvider(
            base_url=server.url.rstrip("/"),
            api_url=(there.url if answer else closed_url).rstrip("/"),
        )
        resolved = await provider.resolve(BinderSpec.parse("gh/ada/big/main"))
        if fetched:
            await store.fetch(resolved, lambda line: None)
            await store.fetch(resolved, lambda line: None)
        else:
            with pytest.raises(RepositoryTooLarge) as caught:
                await store.fetch(resolved, lambda line: None)
            assert caught.value.message == (
                f"{server.url}ada/big has 10.2 GB, and this hub fetches no repository of more "
                "than 2.0 GB."
            )
            assert below(store.root) == set()
    assert bool(server.fetches) is fetched
    assert asked == (["/repos/ada/big"] if answer else [])


GITLAB = "/api/v4/projects/ada%2Fsub%2Fbig?statistics=true"


@pytest.mark.parametrize(
    ("token", "body", "said"),
    [
        # the field that counts, as GitLab documents it, in bytes
        (
            "secret",
            {"id": 3, "statistics": {"repository_size": 10**10, "lfs_objects_size": 9}},
            10**10,
        ),
        ("secret", {"id": 3}, None),  # who may not see the statistics
        ("secret", {"statistics": {"repository_size": "large"}}, None),
        ("", None, None),  # it tells strangers nothing, so it is not asked
    ],
)
async def test_gitlab_tells_a_token_that_may_know(token, body, said):
    asked = []

    def api(request):
        asked.append((request.url.removeprefix(host), request.headers.get("Authorization")))
        return Answer(body=json.dumps(body).encode())

    with WebServer(api) as there:
        host = there.url.rstrip("/")
        keys = {host: {"token": token}} if token else {}
        provider = GitLabProvider(base_url=host, keyring=Keyring(keys))
        assert await provider.size(BinderSpec.parse("gl/ada%2Fsub%2Fbig/main")) == said
    assert asked == ([(GITLAB, "Bearer secret")] if token else [])


async def test_hosts_of_forgejo_tell_everybody(server, store, book):
    asked = []

    def api(request):
        asked.append(request.path)
        return Answer(body=b'{"full_name": "ada/book", "size": 10000000}')

    with WebServer(api) as there:
        host = server.url.rstrip("/")
        provider = GitProvider(size_apis={host: f"{there.url}api/v1"})
        resolved = await provider.resolve(git_spec(book.url))
        with pytest.raises(RepositoryTooLarge, match=r"has 10\.2 GB"):
            await store.fetch(resolved, lambda line: None)
    assert asked == ["/api/v1/repos/ada/book"]
    assert server.fetches == []
    assert below(store.root) == set()
    codeberg = git_spec("https://codeberg.org/ada/big.git")
    assert await GitProvider(size_apis={}).size(codeberg) is None


async def test_what_files_come_to_counts_though_they_arrive_small(store, server):
    book = server.repo("eve/zeros")
    book.commit({f"{n}.bin": bytes(5 * MB) for n in range(8)})
    resolved = await resolve(book.url, size_limit=20 * MB)
    mirror, fetched = await store.fetch(resolved, lambda line: None)
    with pytest.raises(RepositoryTooLarge) as caught:
        await mirror.files(fetched.commit)
    assert caught.value.message == (
        f"The files of commit {fetched.commit[:7]} have 40.0 MB, and this hub opens no repository "
        "of more than 20.0 MB."
    )
    larger = await resolve(book.url, size_limit=80 * MB)
    mirror, fetched = await store.fetch(larger, lambda line: None)
    assert len((await mirror.files(fetched.commit)).names()) == 8


def test_where_the_api_is():
    assert GitHubProvider().api_url == "https://api.github.com"
    theirs = GitHubProvider(base_url="https://git.example.org")
    assert theirs.api_url == "https://git.example.org/api/v3"
