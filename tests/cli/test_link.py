"""``hubroam link``: what is printed, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.testing import CliRunner, Result

from hubroam.cli import hubroam
from hubroam.launchlink import LaunchLink
from hubroam.roam import read_universal_link


def link(*arguments: str) -> Result:
    return CliRunner().invoke(hubroam, ["link", *arguments])


COMMIT = "0123456789012345678901234567890123456789"
PULL = "https://h.example/hub/user-redirect/git-pull?repo=https%3A%2F%2Fgithub.com%2Fu%2Fr"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["gh/u/r/main", "--kind", "binderhub", "--path", "a.ipynb"],
            "https://h.example/v2/gh/u/r/main?labpath=a.ipynb",
        ),
        (
            ["gh/u/r/main", "--kind", "binderhub", "--path", "a.ipynb", "--interface", "notebook"],
            "https://h.example/v2/gh/u/r/main?urlpath=notebooks%2Fa.ipynb",
        ),
        (
            ["https://github.com/u/r/tree/main", "--kind", "jupyterhub", "--path", "a b.ipynb"],
            f"{PULL}&branch=main&urlpath=lab%2Ftree%2Fr%2Fa%2520b.ipynb",
        ),
        (
            ["gh/u/r/main", "--kind", "jupyterhub", "--interface", "rstudio"],
            f"{PULL}&branch=main&urlpath=rstudio%2F",
        ),
        (
            ["https://mybinder.org/v2/gh/u/r/main?labpath=x%2Fa.ipynb", "--kind", "jupyterhub"],
            f"{PULL}&branch=main&urlpath=lab%2Ftree%2Fr%2Fx%2Fa.ipynb",
        ),
        (
            ["https://any.example/roam#gh/u/r/main?labpath=x%2Fa.ipynb", "--kind", "binderhub"],
            "https://h.example/v2/gh/u/r/main?labpath=x%2Fa.ipynb",
        ),
        (
            ["gh/u/r/main", "--kind", "jupyterlite", "--path", "a.ipynb"],
            "https://h.example/lab/index.html?path=a.ipynb",
        ),
        (
            ["gh/u/r/main", "--kind", "roam", "--urlpath", "lab/workspaces/x"],
            "https://h.example/roam#gh/u/r/main?urlpath=lab%2Fworkspaces%2Fx",
        ),
    ],
)
@pytest.mark.parametrize("hub", ["https://h.example", "h.example/hub/home", "H.Example/v2/gh/a/b"])
def test_link(arguments: list[str], hub: str, expected: str) -> None:
    if "roam" in arguments and "/" in hub.removeprefix("https://"):
        hub = "https://h.example/"
    done = link(*arguments, "--hub", hub)
    assert (done.stdout, done.stderr, done.exit_code) == (f"{expected}\n", "", 0)


def test_environment_and_content_from_two_repositories() -> None:
    done = link(
        *["gh/u/env/main", "--content", "gh/u/book/dev", "--path", "a.ipynb"],
        *["--hub", "h.example", "--kind", "hubroam", "--json"],
    )
    answer = json.loads(done.stdout)
    assert answer["kind"] == "hubroam"
    read = LaunchLink.parse(answer["link"])
    assert read.spec
    assert read.content
    assert (str(read.spec), str(read.content)) == ("gh/u/env/main", "gh/u/book/dev")
    assert read.labpath == "a.ipynb"


@pytest.mark.parametrize(
    ("page", "expected", "image"),
    [
        ("https://h.example/jupyter/", "jupyter/roam", "jupyter/badge_logo.svg"),
        ("https://h.example/roam", "roam", "badge_logo.svg"),
        ("https://h.example/tools/roam/", "tools/roam/", "tools/roam/badge_logo.svg"),
        ("https://h.example/open.html", "open.html", "badge_logo.svg"),
    ],
)
def test_universal_badge(page: str, expected: str, image: str) -> None:
    done = link("gh/u/r/main", "--hub", page, "--kind", "roam", "--path", "a.ipynb", "--json")
    answer = json.loads(done.stdout)
    assert answer["link"] == f"https://h.example/{expected}#gh/u/r/main?labpath=a.ipynb"
    assert read_universal_link(answer["link"]).labpath == "a.ipynb"
    done = link("gh/u/r/main", "--hub", page, "--kind", "roam", "--html")
    assert f'<a href="https://h.example/{expected}#gh/u/r/main">' in done.stdout
    assert f'<img src="https://h.example/{image}"' in done.stdout


@pytest.mark.parametrize("markup", ["--markdown", "--html", "--rst"])
@pytest.mark.parametrize("kind", ["hubroam", "binderhub", "jupyterhub"])
def test_badges_hold_the_link(markup: str, kind: str) -> None:
    done = link("gh/u/r/main", "--hub", "https://h.example", "--kind", kind, markup)
    plain = link("gh/u/r/main", "--hub", "https://h.example", "--kind", kind)
    assert plain.stdout.strip().replace("&", "&amp;" if markup == "--html" else "&") in done.stdout
    assert plain.stdout != done.stdout


@pytest.mark.parametrize(
    ("kind", "ending", "note"),
    [
        ("hubroam", "?labpath=a.ipynb&envpath=week%201", ""),
        (
            "binderhub",
            "?labpath=a.ipynb",
            "This hub takes the recipe at the repository's root, not the one in week 1: it knows "
            "of no recipes in folders.\n",
        ),
    ],
)
def test_a_recipe_in_a_folder(kind: str, ending: str, note: str) -> None:
    options = ["--hub", "h.example", "--kind", kind, "--path", "a.ipynb"]
    for what in (["gh/u/r/main", "--env-path", "week 1"], ["gh/u/r/main?envpath=week%201"]):
        done = link(*what, *options)
        assert done.stdout == f"https://h.example/v2/gh/u/r/main{ending}\n"
        assert done.stderr == note
    roam = link("gh/u/r/main", "--env-path", "week 1", "--hub", "h.example", "--kind", "roam")
    assert read_universal_link(roam.stdout.strip()).env_path == "week 1"


def test_a_commit_on_a_jupyterhub_says_that_it_is_left_out() -> None:
    done = link(f"gh/u/r/{COMMIT}", "--hub", "https://h.example", "--kind", "jupyterhub")
    assert done.stdout == f"{PULL}&urlpath=lab%2Ftree%2Fr\n"
    assert "not the commit 0123456" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["zenodo/10.5281/zenodo.1", "--hub", "https://h.example", "--kind", "jupyterhub"],
        ["gh/u/r/main", "--hub", "javascript:alert(1)", "--kind", "binderhub"],
        ["gh/u/r/main", "--hub", "javascript:alert(1)", "--kind", "roam"],
        ["gh/u/r/main", "--hub", "https://h.example", "--kind", "roam", "--urlpath", "//evil.org"],
        ["gh/u/r/main", "--hub", "https://h.example", "--kind", "hubroam", "--path", "../../x"],
        ["nonsense", "--hub", "https://h.example", "--kind", "binderhub"],
    ],
)
def test_refused(arguments: list[str]) -> None:
    # as a person runs it: the error's own sentence, not a traceback
    done = subprocess.run(
        [sys.executable, "-m", "hubroam", "link", *arguments], capture_output=True, text=True
    )
    assert (done.stdout, done.returncode) == ("", 1)
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


@pytest.mark.hub
def test_a_hub_that_is_asked(hub):
    done = link("gh/u/r/main", "--hub", f"{hub.url}hub/home", "--path", "a.ipynb")
    assert done.stdout == f"{hub.url}v2/gh/u/r/main?labpath=a.ipynb\n"
