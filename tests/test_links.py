"""Links: the shared vectors, badges, and that nothing leads out of the base it was given."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hubroam import links
from hubroam.errors import LinkError
from hubroam.links import badge, binderhub_link, session_path, session_url
from hubroam.spec import BinderSpec

VECTORS = json.loads(
    (Path(__file__).parents[1] / "protocol" / "links.json").read_text(encoding="utf-8")
)["vectors"]
HUB = "https://hub.example.org/"
SPEC = BinderSpec("gh", "user/book", "main")
SESSION = "https://hub.example.org/user/reader/"


def call(vector: dict[str, Any]) -> str:
    arguments = dict(vector["input"])
    if "spec" in arguments:
        arguments["spec"] = BinderSpec.parse(arguments["spec"])
    result = getattr(links, vector["function"])(**arguments)
    assert isinstance(result, str)
    return result


def test_vectors_are_told_apart() -> None:
    names = [vector["name"] for vector in VECTORS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_vector(vector: dict[str, Any]) -> None:
    if "expected" in vector:
        assert call(vector) == vector["expected"]
        return
    with pytest.raises(LinkError) as caught:
        call(vector)
    assert caught.value.code == vector["error"]
    assert caught.value.next_step
    assert "secret" not in caught.value.message + caught.value.next_step


hostile = st.one_of(
    st.text(max_size=40),
    st.lists(
        st.sampled_from(
            ["/", "\\", "..", ".", "%2e", "%2F", "%5c", ":", "?", "#", "@", "lab", "a b", "é", "%"]
        ),
        max_size=8,
    ).map("".join),
)


@given(hostile)
@example("/" + "/evil.example")
@example("\t//evil.example")
def test_a_session_is_never_left(urlpath: str) -> None:
    try:
        address = session_url(SESSION, token="t", urlpath=urlpath)
    except LinkError:
        return
    assert address.isascii()
    # What a browser makes of it: parts '.' and '..' resolved, encoded ones too.
    opened = urlsplit(urljoin(SESSION, address.replace("%2e", ".").replace("%2E", ".")))
    assert (opened.scheme, opened.netloc) == ("https", "hub.example.org")
    assert opened.path.startswith("/user/reader/")
    assert parse_qs(opened.query)["token"][-1] == "t"


@given(hostile)
def test_a_labpath_arrives_as_it_was(labpath: str) -> None:
    try:
        link = binderhub_link(HUB, SPEC, labpath=labpath)
    except LinkError:
        return
    if not labpath:
        assert link == "https://hub.example.org/v2/gh/user/book/main"
        return
    [arrived] = parse_qs(urlsplit(link).query, keep_blank_values=True)["labpath"]
    assert arrived == labpath.removeprefix("/").removesuffix("/")


@given(hostile)
def test_a_session_path_stays_as_it_is_when_read_again(urlpath: str) -> None:
    try:
        path = session_path(urlpath=urlpath)
        again = session_path(urlpath=path)
    except LinkError:
        return
    assert again == path


def test_markdown_badge() -> None:
    link = binderhub_link(HUB, SPEC, labpath="a (1).ipynb")
    assert badge(HUB, link) == (
        "[![Launch Binder](https://hub.example.org/badge_logo.svg)]"
        "(https://hub.example.org/v2/gh/user/book/main?labpath=a%20%281%29.ipynb)"
    )


def test_html_badge() -> None:
    made = badge(
        HUB,
        "https://hub.example.org/hub/user-redirect/git-pull?repo=x&branch=y",
        kind="jupyterhub",
        markup="html",
        label='"><script>',
    )
    assert "<script>" not in made
    assert 'src="https://hub.example.org/hub/static/images/jupyterhub-80.png"' in made
    assert "?repo=x&amp;branch=y" in made
    assert 'alt="' + html.escape('"><script>') + '"' in made


def test_rst_badge() -> None:
    assert badge(HUB, binderhub_link(HUB, SPEC), markup="rst") == (
        ".. image:: https://hub.example.org/badge_logo.svg\n"
        "   :target: https://hub.example.org/v2/gh/user/book/main\n"
        "   :alt: Launch Binder\n"
    )


@pytest.mark.parametrize(
    ("link", "label"),
    [
        ("javascript:alert(1)", "x"),
        ("https://user:secret@hub.example.org/", "x"),
        ("https://hub.example.org/\n.. raw::", "x"),
        ("https://hub.example.org/", "two\nlines"),
    ],
)
def test_badge_refuses(link: str, label: str) -> None:
    with pytest.raises(LinkError):
        badge(HUB, link, label=label)


def test_markdown_badge_keeps_its_markup() -> None:
    made = badge(HUB, "https://hub.example.org/a)b", label="a](x)")
    assert made == (
        r"[![a\](x)](https://hub.example.org/badge_logo.svg)](https://hub.example.org/a%29b)"
    )
