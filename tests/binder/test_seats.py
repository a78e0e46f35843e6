"""Which server of the hub a launch gets."""

from __future__ import annotations

import dataclasses

import pytest

from hubroam.binder.paths import content_of
from hubroam.binder.workplace import take_seat
from hubroam.providers import ResolvedRef
from hubroam.spec import BinderSpec

URL = "https://git.example.org/env"
FIRST = ResolvedRef(BinderSpec("git", URL, "main"), URL, "1" * 40, "main", URL, URL)
SECOND = dataclasses.replace(FIRST, commit="2" * 40)
PULL = "git-pull?repo=https%3A%2F%2Fgithub.com%2Fada%2Fbook&branch=main&urlpath=lab%2Ftree%2Fbook"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (PULL, "ada/book"),
        ("git-pull?repo=https%3A%2F%2Fgit.example.org%2Fb.git", "https://git.example.org/b.git"),
        ("git-pull?repo=--upload-pack%3Dx", None),
        ("git-pull?branch=main", None),
        ("lab/tree/git-pull", None),
        ("", None),
    ],
)
def test_the_content_of_another_repository(path, content):
    assert content_of(path) == content


def server(resolved, **options):
    return take_seat(resolved, "ada", **options).server


def test_a_commit_has_a_server_of_its_own_and_content_keeps_its_own():
    assert server(FIRST) == server(FIRST)
    assert server(FIRST) != server(SECOND)
    assert server(FIRST, content="ada/book") == server(SECOND, content="ada/book")
    assert server(FIRST, content="ada/book") != server(FIRST, content="ada/other")
    assert server(FIRST, env_path="a") not in (server(FIRST), server(FIRST, env_path="b"))
    assert server(FIRST, page="https://a.example") != server(FIRST)
    assert server(FIRST).startswith("env-")


def test_a_temporary_user_is_made_up():
    one, two = take_seat(FIRST, None), take_seat(FIRST, None)
    assert one.temporary
    assert one.user != two.user
    assert one.server == ""
