"""Binder specs: the shared vectors, what people type, and round trips of whatever is accepted."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubroam.errors import SpecError, UnknownProvider
from hubroam.providerinfo import PROVIDERS
from hubroam.spec import BinderSpec

VECTORS = json.loads(
    (Path(__file__).parents[1] / "protocol" / "specs.json").read_text(encoding="utf-8")
)["vectors"]
GOOD = [vector for vector in VECTORS if "expected" in vector]
BAD = [vector for vector in VECTORS if "error" in vector]


def named(vectors: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("vector", vectors, ids=[vector["name"] for vector in vectors])


def test_vectors_are_told_apart() -> None:
    names = [vector["name"] for vector in VECTORS]
    assert len(names) == len(set(names))
    assert len(GOOD) + len(BAD) == len(VECTORS)


@named(GOOD)
def test_reads(vector: dict[str, Any]) -> None:
    spec = BinderSpec.parse(vector["input"])
    expected = vector["expected"]
    assert (spec.provider, spec.repository, spec.ref) == (
        expected["provider"],
        expected["repository"],
        expected["ref"],
    )
    assert str(spec) == expected["canonical"]
    assert BinderSpec.parse(str(spec)) == spec


@named(BAD)
def test_refuses(vector: dict[str, Any]) -> None:
    with pytest.raises(SpecError) as caught:
        BinderSpec.parse(vector["input"])
    assert caught.value.code == vector["error"]
    assert caught.value.next_step
    assert "secret" not in caught.value.message + caught.value.next_step


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("gh/user/book/main", "gh/user/book/main"),
        ("  gh/user/book/main\n", "gh/user/book/main"),
        ("gh/user/book", "gh/user/book/HEAD"),
        ("gl/group/book", "gl/group%2Fbook/HEAD"),
        ("gl/group%2Fsub%2Fbook", "gl/group%2Fsub%2Fbook/HEAD"),
        (
            "git/https%3A%2F%2Fgit.example.org%2Fbook",
            "git/https%3A%2F%2Fgit.example.org%2Fbook/HEAD",
        ),
        ("https://github.com/user/book", "gh/user/book/HEAD"),
        ("https://github.com/user/book/", "gh/user/book/HEAD"),
        ("https://github.com/user/book.git", "gh/user/book/HEAD"),
        ("http://www.github.com/user/book?tab=readme#top", "gh/user/book/HEAD"),
        ("https://github.com/user/book/tree/v1.0", "gh/user/book/v1.0"),
        ("https://github.com/user/book/blob/main/docs/a.ipynb", "gh/user/book/main"),
        ("https://github.com/user/book/tree/gr%C3%B6%C3%9Fe", "gh/user/book/gr%C3%B6%C3%9Fe"),
        ("https://gitlab.com/group/sub/book", "gl/group%2Fsub%2Fbook/HEAD"),
        ("https://gitlab.com/group/book/-/tree/main?ref_type=heads", "gl/group%2Fbook/main"),
        ("https://gist.github.com/user/8f7c2f03", "gist/user/8f7c2f03"),
        ("https://gist.github.com/user/8f7c2f03/0123456", "gist/user/8f7c2f03/0123456"),
        ("https://git.example.org/book.git", "git/https%3A%2F%2Fgit.example.org%2Fbook.git/HEAD"),
        ("http://127.0.0.1:8321/book", "git/http%3A%2F%2F127.0.0.1%3A8321%2Fbook/HEAD"),
        ("git@git.example.org:book.git", "git/git%40git.example.org%3Abook.git/HEAD"),
        ("ssh://git@git.example.org/book", "git/ssh%3A%2F%2Fgit%40git.example.org%2Fbook/HEAD"),
        ("file:///srv/book.git", "git/file%3A%2F%2F%2Fsrv%2Fbook.git/HEAD"),
        ("https://hub.example.org/v2/gh/user/book/main?labpath=a.ipynb", "gh/user/book/main"),
        (
            "https://hub.example.org/jupyter/services/binder/v2/gl/group%2Fbook/a/b",
            "gl/group%2Fbook/a/b",
        ),
        ("https://doi.org/10.5281/zenodo.3242074", "zenodo/10.5281/zenodo.3242074"),
        ("doi:10.6084/m9.figshare.9782777.v1", "figshare/10.6084/m9.figshare.9782777.v1"),
        ("10.7910/DVN/TJCLKP", "dataverse/10.7910/DVN/TJCLKP"),
        (f"swh:1:rev:{'ab' * 20};origin=https://x.example/y", f"swhid/swh%3A1%3Arev%3A{'ab' * 20}"),
        (
            f"https://archive.softwareheritage.org/swh:1:dir:{'ab' * 20};path=/x/",
            f"swhid/swh%3A1%3Adir%3A{'ab' * 20}",
        ),
        (
            "https://www.hydroshare.org/resource/8f7c2f0341ef4180b0dbe97f59130756/",
            "hydroshare/8f7c2f0341ef4180b0dbe97f59130756",
        ),
    ],
)
def test_reads_what_people_type(text: str, canonical: str) -> None:
    assert str(BinderSpec.from_text(text)) == canonical


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("user/book", UnknownProvider),
        ("", UnknownProvider),
        ("svn/user/book", UnknownProvider),
        ("https://github.com/user", SpecError),
        ("https://github.com/user/book/issues/5", SpecError),
        ("https://user:secret@github.com/user/book", SpecError),
        ("https://user:secret@git.example.org/book", SpecError),
        ("https://hub.example.org/v2/gh/user", SpecError),
        ("https://", SpecError),
        ("https://git.example.org", SpecError),
        ("ftp://git.example.org/book", SpecError),
        ("10.1000/182", SpecError),
        ("https://doi.org/", SpecError),
        ("gh/user/bo ok", SpecError),
        ("gh/user/book/" + "a" * 3000, SpecError),
    ],
)
def test_refuses_what_names_no_repository(text: str, error: type[SpecError]) -> None:
    with pytest.raises(SpecError) as caught:
        BinderSpec.from_text(text)
    assert type(caught.value) is error
    assert "secret" not in caught.value.message + caught.value.next_step


def test_a_spec_made_by_hand_is_checked_too() -> None:
    assert BinderSpec("gh", "user/book.git", "main").repository == "user/book"
    with pytest.raises(SpecError, match="no ref"):
        BinderSpec("gh", "user/book", "")
    with pytest.raises(SpecError, match="no refs"):
        BinderSpec("zenodo", "10.5281/zenodo.3242074", "main")
    with pytest.raises(SpecError):
        BinderSpec("git", "https://git.example.org/book", "--output=/etc/passwd")


text = st.text(max_size=60)
shaped = st.builds(
    "/".join,
    st.tuples(
        st.sampled_from([*PROVIDERS, "x"]),
        st.one_of(text, st.from_regex(r"[a-z0-9._:%@/-]{1,40}", fullmatch=True)),
        st.one_of(text, st.from_regex(r"[a-z0-9._%@/-]{1,20}", fullmatch=True)),
        st.from_regex(r"[a-zA-Z0-9%ä/-]{1,20}", fullmatch=True),
    ),
)


@given(st.one_of(text, shaped))
def test_whatever_is_read_is_read_again_as_the_same(raw: str) -> None:
    """Hostile text ends in a `SpecError` and nothing else; accepted text has one canonical form."""
    try:
        spec = BinderSpec.parse(raw)
    except SpecError:
        return
    assert BinderSpec.parse(str(spec)) == spec
    assert str(spec).isascii()
    assert not spec.repository.startswith("-")
    assert not spec.ref.startswith("-")
    assert ".." not in spec.ref
    assert BinderSpec.from_text(str(spec)) == spec


ref_part = st.from_regex(r"[A-Za-z0-9_#+%(é][A-Za-z0-9_#+%(é]{0,12}", fullmatch=True)
ref = st.lists(ref_part, min_size=1, max_size=3).map("/".join)
name = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,12}", fullmatch=True)


@given(
    st.one_of(
        st.builds(BinderSpec, st.just("gh"), st.builds("{}/{}".format, name, name), ref),
        st.builds(
            BinderSpec, st.just("gl"), st.lists(name, min_size=2, max_size=4).map("/".join), ref
        ),
        st.builds(
            BinderSpec,
            st.just("git"),
            st.builds("https://git.example.org:81/{}/{}%20@+é".format, name, name),
            ref,
        ),
    )
)
def test_every_spec_survives_its_text(spec: BinderSpec) -> None:
    assert BinderSpec.parse(str(spec)) == spec
    assert re.fullmatch(PROVIDERS[spec.provider].spec_regex, spec.raw)


@given(st.text(max_size=80))
def test_any_text_at_all_is_read_or_refused(typed: str) -> None:
    try:
        spec = BinderSpec.from_text(typed)
    except SpecError:
        return
    assert BinderSpec.parse(str(spec)) == spec


def test_providers_describe_themselves_as_binderhub_does() -> None:
    assert list(PROVIDERS) == [provider.id for provider in PROVIDERS.values()]
    assert PROVIDERS["gl"].to_json() == {
        "displayName": "GitLab",
        "id": "gl",
        "spec": {"validateRegex": "[^/]+/.+"},
        "detect": {"regex": PROVIDERS["gl"].detect_regex},
        "repo": {
            "label": "GitLab repository name or URL",
            "placeholder": "example: group/subgroup/project",
            "urlEncode": True,
        },
        "ref": {"enabled": True, "default": "HEAD"},
    }
    zenodo = PROVIDERS["zenodo"].to_json()
    assert zenodo["ref"] == {"enabled": False}
    assert "detect" not in PROVIDERS["git"].to_json()


@named(GOOD)
def test_patterns_that_browsers_get_fit_what_is_canonical(vector: dict[str, Any]) -> None:
    provider = PROVIDERS[vector["expected"]["provider"]]
    raw = vector["expected"]["canonical"].split("/", 1)[1]
    assert re.fullmatch(provider.spec_regex, raw)
