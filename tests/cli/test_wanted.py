"""What the command line launches, read from what people paste."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubroam.cli.building import _open_path
from hubroam.cli.wanted import read_launch
from hubroam.errors import HubroamError
from hubroam.links import gitpuller_link

H = "https://h.example"
PULL = "git-pull?repo=https%3A%2F%2Fgithub.com%2Fu%2Fbook"
BOOK = "https://github.com/u/book"


@pytest.mark.parametrize(
    ("what", "env_path", "spec", "folder", "opens"),
    [
        ("gh/u/r/main", None, "gh/u/r/main", None, "lab"),
        ("gh/u/r/main", "/week 1/", "gh/u/r/main", "week 1", "lab"),
        ("gh/u/r/main?envpath=a&labpath=x.ipynb", None, "gh/u/r/main", "a", "lab/tree/x.ipynb"),
        (f"{H}/v2/gh/u/r/main?envpath=a&filepath=x.md", "b", "gh/u/r/main", "b", "tree/x.md"),
        (f"{H}/roam#gh/u/r/main?envpath=a", None, "gh/u/r/main", "a", "lab"),
        # nbgitpuller puts a repository into a folder of its name; a session of its recipe is in it
        (
            gitpuller_link(H, repo_url=BOOK, branch="dev", urlpath="lab/tree/book/x.ipynb"),
            "a",
            "gh/u/book/dev",
            "a",
            "lab/tree/x.ipynb",
        ),
        # of nbgitpuller's generator, for Binder with content of its own
        (
            f"{H}/v2/gh/u/env/main?urlpath=git-pull%3Frepo%3Dhttps%253A%252F%252Fgithub.com%252Fu"
            "%252Fbook%26urlpath%3Dlab%252Ftree%252Fbook%252Fx.ipynb%26branch%3Ddev&envpath=a",
            None,
            "gh/u/env/main",
            "a",
            f"{PULL}&urlpath=lab%2Ftree%2Fbook%2Fx.ipynb&branch=dev",
        ),
    ],
)
def test_what_is_launched(what, env_path, spec, folder, opens):
    named = read_launch(what, env_path)
    assert (str(named.spec), named.launch.env_path) == (spec, folder)
    assert sorted(_open_path(named.launch).split("&")) == sorted(opens.split("&"))


def test_content_is_pulled_beside_any_environment():
    named = read_launch("gh/u/env/main?envpath=a")
    wanted = replace(named.launch, content=read_launch(BOOK).spec, labpath="x.ipynb")
    assert _open_path(wanted) == f"{PULL}&urlpath=lab%2Ftree%2Fbook%2Fx.ipynb"


@pytest.mark.parametrize(
    ("what", "env_path"), [(f"{H}/lab/index.html?path=x.ipynb", None), ("gh/u/r/main", "../x")]
)
def test_refused(what, env_path):
    with pytest.raises(HubroamError):
        read_launch(what, env_path)
