"""The repository of a book, as its checkout says."""

import subprocess

import pytest

from hubroam.book import Checkout


def git(folder, *arguments):
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path):
    """A clone on the branch `draft` of a repository that has it."""
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    git(tmp_path, "init", "-q", "-b", "draft", str(origin))
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    git(origin, *who, "commit", "--allow-empty", "-m", "one")
    git(tmp_path, "clone", "-q", str(origin), str(clone))
    (clone / "docs").mkdir()
    return clone


def test_the_branch_that_is_checked_out(checkout):
    git(checkout, "config", "remote.origin.url", "git@github.com:ada/book.git")
    found = Checkout.of(checkout / "docs")
    assert found.root == checkout.resolve()
    assert str(found.repository) == "gh/ada/book/draft"


def test_a_branch_that_others_cannot_have(checkout):
    git(checkout, "config", "remote.origin.url", "https://user:secret@gitlab.com/a/b/book.git")
    git(checkout, "checkout", "-q", "-b", "mine")
    assert str(Checkout.of(checkout).repository) == "gl/a%2Fb%2Fbook/HEAD"


def test_an_origin_on_this_machine_is_no_repository_for_readers(checkout):
    assert Checkout.of(checkout).repository is None


def test_no_checkout(tmp_path):
    assert Checkout.of(tmp_path) is None
