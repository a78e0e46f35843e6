"""The seats of sessions have names that JupyterHub takes."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from jupyterhub.slugs import is_valid_safe_slug

from hubroam.binder.workplace import take_seat
from hubroam.providers import ResolvedRef
from hubroam.spec import BinderSpec

REPOSITORIES = ["grace/notes", "grace/a-book-with-a-long-name", "1/2", "ada/9-lives", "ada/--x--"]


@pytest.mark.parametrize("name", REPOSITORIES)
def test_the_server_of_a_signed_in_reader_has_a_name_that_jupyterhub_takes(name):
    url = f"https://git.example.org/{name}"
    spec = BinderSpec.parse(f"git/{quote(url, safe='')}/main")
    resolved = ResolvedRef(spec, url, "0" * 40, "main", url, url)
    seat = take_seat(resolved, "ada")
    assert is_valid_safe_slug(seat.server), seat.server
    assert take_seat(resolved, "ada") == seat
    assert take_seat(resolved, "ada", "https://book.example.org").server != seat.server
