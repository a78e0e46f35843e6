"""Launch links read back: the shared vectors, and that every link comes back as its parts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubroam.errors import HubroamError
from hubroam.launchlink import LaunchLink
from hubroam.links import app_path
from hubroam.spec import BinderSpec
from support.vectors import vectors


@pytest.mark.parametrize("vector", vectors("launch-links"))
def test_vector(vector):
    if "error" in vector:
        with pytest.raises(HubroamError) as caught:
            LaunchLink.parse(vector["input"])
        assert caught.value.code == vector["error"]
        assert "secret" not in caught.value.message + caught.value.next_step
        return
    link = LaunchLink.parse(vector["input"])
    expected = vector["expected"]
    assert {
        "hub": link.hub,
        "kind": link.kind,
        "spec": str(link.spec) if link.spec else None,
        **{
            name: getattr(link, name)
            for name in ("urlpath", "labpath", "filepath", "env_path")
            if getattr(link, name)
        },
        **({"content": str(link.content)} if link.content else {}),
    } == expected
    assert link.url == vector["canonical"]
    assert LaunchLink.parse(link.url) == link


words = st.text("abcXYZ0189_-", min_size=1, max_size=8).filter(lambda word: word[0].isalnum())
refs = st.one_of(st.just("HEAD"), st.lists(words, min_size=1, max_size=3).map("/".join))
specs = st.one_of(
    st.builds(lambda u, r, ref: BinderSpec("gh", f"{u}/{r}", ref), words, words, refs),
    st.builds(
        lambda g, s, p, ref: BinderSpec("gl", f"{g}/{s}/{p}", ref), words, words, words, refs
    ),
    st.builds(
        lambda h, p, ref: BinderSpec("git", f"https://{h.lower()}.example/{p}.git", ref),
        words.filter(lambda word: "_" not in word and not word.endswith("-")),
        words,
        refs,
    ),
)
names = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="/\\"),
    min_size=1,
    max_size=8,
).filter(lambda name: name not in (".", ".."))
files = st.lists(names, min_size=1, max_size=3).map("/".join)
hubs = st.sampled_from(["https://hub.example.org/", "http://127.0.0.1:8000/jupyter/"])
places = st.one_of(
    st.just({}),
    files.map(lambda path: {"labpath": path}),
    files.map(lambda path: {"filepath": path}),
    st.just({"urlpath": "rstudio/"}),
    st.just({"urlpath": "proxy/5000/a%20b?x=%26&y=1#z"}),
)


@given(hubs, st.sampled_from(["binder", "git-pull", "server"]), specs, places)
def test_a_link_comes_back_as_its_parts(hub, kind, spec, place):
    if spec.provider != "gist" and spec.ref != "HEAD" and len(spec.ref) in (40, 64):
        return
    link = LaunchLink(hub, kind, spec, **place)
    assert LaunchLink.parse(link.url) == link


@given(hubs, specs, specs, places)
def test_environment_and_content_of_two_repositories(hub, environment, content, place):
    link = LaunchLink(hub, "binder", environment, content=content, **place)
    assert LaunchLink.parse(link.url) == link


@given(hubs, files)
def test_a_site_of_its_own_content(hub, path):
    link = LaunchLink(hub, "content", None, labpath=path)
    assert LaunchLink.parse(link.url) == link


@pytest.mark.parametrize(
    ("interface", "path", "folder", "expected"),
    [
        ("lab", "", "", "lab"),
        ("lab", "ch/a b.ipynb", "", "lab/tree/ch/a%20b.ipynb"),
        ("lab", "a.ipynb", "book", "lab/tree/book/a.ipynb"),
        ("notebook", "a.ipynb", "", "notebooks/a.ipynb"),
        ("notebook", "ch", "book", "tree/book/ch"),
        ("notebook", "", "", "tree"),
        ("rstudio", "a.Rmd", "", "rstudio/"),
        ("proxy/5000/", "", "", "proxy/5000/"),
    ],
)
def test_interfaces(interface, path, folder, expected):
    assert app_path(interface, path, folder=folder) == expected


@pytest.mark.parametrize("interface", ["//evil.example", "javascript:alert(1)", "../hub/admin"])
def test_an_interface_is_in_the_session(interface):
    with pytest.raises(HubroamError):
        app_path(interface)
