"""Names of images are BinderHub's."""

from __future__ import annotations

import pytest

from hubroam.environments import Origin
from hubroam.environments.containers.names import image_name

COMMIT = "6d3fe3c7d7e85716ec50a9adc932c32eb53f1c72"

# what binderhub.builder and its providers' get_build_slug give
NAMES = [
    ("gh", "binder-examples/requirements", "binder-2dexamples-2drequirements-55ab5c"),
    ("gh", "Ada/my_book", "ada-2dmy-5fbook-"),
    ("gl", "group/sub-group/book", "group-2dsub-5f-2dgroup-2dbook-"),
    ("gist", "ada/8a2f0c", "8a2f0c-"),
    ("git", "https://git.example.org/book.git", "https-3a-2f-2fgit-2eexample-2eorg-2fbook-2egit-"),
]


@pytest.mark.parametrize(("provider", "repository", "name"), NAMES)
def test_a_name_has_prefix_slug_hash_and_commit(provider, repository, name):
    made = image_name("registry.example.org/r2d-", Origin(provider, repository, COMMIT), "tree")
    assert made.startswith(f"registry.example.org/r2d-{name}")
    assert made.endswith(f":{COMMIT}")


def test_two_repositories_of_one_slug_do_not_meet():
    names = [image_name("", Origin("git", url, COMMIT), "") for url in ("a" * 300, "a" * 301)]
    assert names[0] != names[1]
    assert all(len(name.partition(":")[0]) == 255 for name in names)


def test_a_folder_is_named_after_what_it_holds():
    assert image_name("", Origin("", "book", ""), "0123abcd" * 8).endswith(f":{'0123abcd' * 5}")
