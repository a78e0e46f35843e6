import jwt
import pytest

from hubroam.binder import tokens

SECRET = b"s" * 32
CLAIMS = {"spec": "gh/u/r/main", "origin": "hub.example", "user": None}


def test_a_token_is_good_for_what_it_was_made_for():
    token = tokens.make_build_token(SECRET, **CLAIMS)
    assert tokens.check_build_token(token, SECRET, **CLAIMS)


@pytest.mark.parametrize(
    "other", [{"spec": "gh/u/r/dev"}, {"origin": "other.example"}, {"user": "ada"}]
)
def test_and_for_nothing_else(other):
    token = tokens.make_build_token(SECRET, **CLAIMS)
    assert not tokens.check_build_token(token, SECRET, **{**CLAIMS, **other})


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_nonsense(token):
    assert not tokens.check_build_token(token, SECRET, **CLAIMS)


def test_another_key():
    token = tokens.make_build_token(b"t" * 32, **CLAIMS)
    assert not tokens.check_build_token(token, SECRET, **CLAIMS)


def test_unsigned_tokens_are_refused():
    token = jwt.encode({"aud": CLAIMS["spec"], "origin": "hub.example"}, None, algorithm="none")
    assert not tokens.check_build_token(token, SECRET, **CLAIMS)


def test_as_binderhub_makes_them(monkeypatch):
    monkeypatch.setattr(tokens.time, "time", lambda: 1_000_000)
    token = tokens.make_build_token(SECRET, **CLAIMS)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims == {"exp": 1_000_300, "aud": "gh/u/r/main", "origin": "hub.example"}
    monkeypatch.undo()
    assert not tokens.check_build_token(token, SECRET, **CLAIMS)  # long expired
