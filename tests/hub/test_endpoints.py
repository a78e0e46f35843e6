"""The addresses of a running hub that are no launch."""

import re

import httpx
import pytest

from hubroam.providerinfo import PROVIDERS

pytestmark = pytest.mark.hub


@pytest.fixture(scope="module", params=["", "services/binder/"])
def base(request, hub):
    return hub.url + request.param


def test_versions(base):
    answer = httpx.get(f"{base}versions")
    assert answer.json()["binderhub"]
    assert "builder_info" in answer.json()
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-headers"] == "cache-control"


def test_health(base):
    assert httpx.get(f"{base}health").json()["ok"] is True
    assert httpx.head(f"{base}health").status_code == 200


def test_metrics(base):
    answer = httpx.get(f"{base}metrics")
    assert "binderhub_launch_count" in answer.text


def test_providers(base):
    providers = httpx.get(f"{base}api/repoproviders").json()
    assert [provider["id"] for provider in providers] == list(PROVIDERS)
    for provider in providers:
        assert {"displayName", "id", "spec", "repo", "ref"} <= provider.keys()
        assert {"label", "placeholder", "urlEncode"} <= provider["repo"].keys()
        re.compile(provider["spec"]["validateRegex"])


def test_badges(base):
    for name in ("badge.svg", "badge_logo.svg"):
        answer = httpx.get(f"{base}{name}")
        assert answer.headers["content-type"] == "image/svg+xml"
    assert 'width="109"' in answer.text
    assert 'height="20"' in answer.text


def test_the_oldest_links(base):
    answer = httpx.get(f"{base}repo/binder-examples/requirements")
    assert answer.status_code == 302
    assert answer.headers["location"].endswith("/v2/gh/binder-examples/requirements/HEAD")


def test_the_launch_page(base):
    answer = httpx.get(f"{base}v2/gh/binder-examples/requirements/HEAD?labpath=index.ipynb")
    assert answer.status_code == 200
    assert "build_token=" in answer.text
    assert "doc/tree/index.ipynb" in answer.text
    assert "'unsafe-inline'" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("v2/nosuch/x/y", 404, "nosuch"),
        ("v2/gh/x", 400, ""),
        ("v2/gh/u/r/main?urlpath=https://evil.example/", 400, ""),
        ("badge.svg/x", 404, ""),
        ("environments/nonsense", 404, ""),
    ],
)
def test_pages_of_errors(base, path, status, words):
    answer = httpx.get(f"{base}{path}", headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert words in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["content-type"].startswith("text/html")
    document = httpx.get(f"{base}{path}", headers={"Accept": "application/json"})
    if "application/json" in document.headers["content-type"]:
        assert {"code", "message", "next_step"} <= document.json().keys()


def test_jupyterhub_is_at_the_same_origin(hub):
    answer = httpx.get(f"{hub.url}hub/api/")
    assert answer.json()["version"].startswith("6.")
    assert answer.headers["access-control-allow-origin"] == "*"


def test_only_discovery_is_readable_from_other_origins(hub):
    headers = {"Origin": "https://book.example"}
    for path in (
        "health",
        "metrics",
        "api/repoproviders",
        "badge.svg",
        "v2/gh/a/b/HEAD",
        "build/nosuch/x",
        "services/binder/health",
        "hub/api/info",
        "hub/api/users",
        "hub/login",
        "hub/health",
    ):
        with httpx.stream("GET", f"{hub.url}{path}", headers=headers) as answer:
            assert "access-control-allow-origin" not in answer.headers, path
            assert "access-control-allow-credentials" not in answer.headers, path


def test_markup_in_a_spec_is_text(hub):
    answer = httpx.get(
        f"{hub.url}v2/git/https%3A%2F%2Fh.example%2F%3Cscript%3Ealert(1)%3C%2Fscript%3E/main",
        headers={"Accept": "text/html"},
    )
    assert "<script>alert" not in answer.text
