"""What pages of other origins may read of a running hub: the answer of what it is, and no more."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import httpx
import pytest

from hubroam.binder.routes import routes
from hubroam.discovery import discover
from hubroam.profile import KEY
from hubroam.providerinfo import PROVIDERS
from hubroam.resources import web_folder

pytestmark = pytest.mark.hub

ORIGIN = "https://book.example"
# The addresses that are open, below the hub's base and below the service's prefix.
OPEN = {"hub/api", "hub/api/", "versions", "versions/"}
OPEN |= {f"services/binder/{each}" for each in ("versions", "versions/")}
# Every part of a pattern that stands for something stands for one of these.
_SAMPLES = {"user_name": "reader", "server_name": "s", "service_name": "binder"}

_LIST_HANDLERS = """
import asyncio, json, sys
from hubroam.hub.app import HubroamHub
async def main():
    hub = HubroamHub(data_dir=sys.argv[1], listen_port=0)
    await hub.initialize([])
    print(json.dumps([str(each[0]) for each in hub.handlers]))
asyncio.run(main())
"""


def sample(pattern: str) -> str:
    """An address that a route's pattern fits; groups are filled from the inside out."""
    text = pattern.replace("(?!/hub/).*", "/elsewhere").replace(r"\d+", "404").rstrip("$")
    inner = re.compile(r"\((?:\?P<(\w+)>|\?:)?((?:\[[^\]]*\]|\\.|[^()\[\]])*)\)\??")
    while found := inner.search(text):
        name, body = found[1], found[2]
        choice = body.split("|")[0]
        value = _SAMPLES.get(name or "") or re.sub(
            r"(?:\[\^?[^\]]*\]|\\w|\.)(?:[+*]\??|\{\d+\})",
            lambda m: "a" * 64 if "{" in m[0] else "a",
            choice,
        )
        text = text[: found.start()] + value + text[found.end() :]
    text = re.sub(r"\[\^?[^\]]*\][+*]|\.[+*]", "a", text)
    text = text.replace("/?", "/").replace("\\", "").replace("?", "")
    assert re.fullmatch(pattern, text), pattern
    return text.removeprefix("/")


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    """One address for every route of the hub and of the Binder service."""
    done = subprocess.run(
        [sys.executable, "-c", _LIST_HANDLERS, str(tmp_path_factory.mktemp("routes"))],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    hub = json.loads(done.stdout.splitlines()[-1])
    binder = [route[0] for route in routes("/", "/services/binder/", web_folder(), web_folder())]
    found = {sample(pattern) for pattern in hub}
    found |= {sample(pattern.replace("(?:/services/binder/|/)", "/")) for pattern in binder}
    found |= {
        sample(pattern.replace("(?:/services/binder/|/)", "/services/binder/"))
        for pattern in binder
    }
    assert len(found) > 70
    return sorted(found | OPEN | {"", "hub/api/users", "user/nobody/api", "roam", "build/gh/a/b/c"})


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {}),
        ("GET", {"Cookie": "jupyterhub-session-id=x; _xsrf=y"}),
        ("GET", {"Authorization": "token nonsense"}),
        ("POST", {"Content-Type": "text/plain"}),
        ("OPTIONS", {"Access-Control-Request-Method": "GET"}),
        (
            "OPTIONS",
            {
                "Access-Control-Request-Method": "DELETE",
                "Access-Control-Request-Headers": "authorization",
            },
        ),
    ],
    ids=["simple", "cookies", "token", "post", "preflight", "preflight-with-token"],
)
def test_only_discovery_is_readable_from_other_origins(hub, addresses, method, headers):
    opened = set()
    with httpx.Client(timeout=30) as client:
        for address in addresses:
            client.cookies.clear()
            with client.stream(
                method, hub.url + address, headers={"Origin": ORIGIN, **headers}
            ) as answer:
                assert "access-control-allow-credentials" not in answer.headers, address
                allowed = answer.headers.get("access-control-allow-origin")
                assert allowed in (None, "*"), address
                if allowed:
                    opened.add(address)
                if method == "OPTIONS" and allowed:
                    assert answer.headers.get("access-control-allow-methods", "GET") == "GET"
    assert opened <= OPEN
    if method == "GET":
        assert opened == OPEN


@pytest.mark.parametrize("path", ["hub/api/", "hub/api", "versions", "services/binder/versions"])
def test_the_profile(hub, path):
    profile = httpx.get(hub.url + path).json()[KEY]
    assert profile["format"] == 1
    assert profile["sessions"] == "temporary"
    assert profile["login"] is False
    assert [way["kind"] for way in profile["launch"]] == ["binder", "git-pull", "live"]
    assert profile["launch"][0]["providers"] == list(PROVIDERS)
    assert httpx.get(hub.url + profile["logo"]).headers["content-type"].startswith("image/")


def test_jupyterhubs_own_answer_is_still_there(hub):
    answer = httpx.get(f"{hub.url}hub/api/")
    assert re.match(r"6\.\d", answer.json()["version"])
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "page", ["", "hub/home", "v2/gh/u/r/main?labpath=a", "services/binder/", "user/x/lab"]
)
def test_it_is_found_by_its_pages(hub, page):
    found = discover(hub.url + page, allow_private=True)
    assert (found.kind, found.url, found.found_by) == ("hubroam", hub.url, "profile")


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("repo=https://github.com/u/r", "v2/gh/u/r/HEAD?urlpath=lab"),
        (
            "repo=https%3A%2F%2Fgithub.com%2Fu%2Fr&branch=dev&urlpath=lab%2Ftree%2Fr%2Fa%2520b.ipynb",
            "v2/gh/u/r/dev?urlpath=lab%2Ftree%2Fa%2520b.ipynb",
        ),
        (
            "repo=https%3A%2F%2Fgit.example%2Fr.git&urlpath=tree%2Fr.git%2Fx",
            "v2/git/https%3A%2F%2Fgit.example%2Fr.git/HEAD?urlpath=tree%2Fx",
        ),
        ("repo=https://github.com/u/r&urlpath=rstudio/", "v2/gh/u/r/HEAD?urlpath=rstudio%2F"),
    ],
)
def test_git_pull_links_open_with_their_recipe(hub, query, place):
    answer = httpx.get(f"{hub.url}hub/user-redirect/git-pull?{query}")
    assert answer.status_code == 302
    assert httpx.URL(hub.url).join(answer.headers["location"]) == hub.url + place


@pytest.mark.parametrize(
    "query", ["", "repo=javascript:alert(1)", "repo=https://github.com/u/r&urlpath=//evil.example"]
)
def test_other_git_pull_links_are_jupyterhubs_own(hub, query):
    answer = httpx.get(f"{hub.url}hub/user-redirect/git-pull?{query}")
    assert "/v2/" not in answer.headers["location"]
    assert httpx.URL(hub.url).join(answer.headers["location"]).host == httpx.URL(hub.url).host


@pytest.mark.registry
def test_a_git_pull_link_opens_a_session(hub, git_server):
    repository = git_server.repo("pull/book")
    repository.commit({"requirements.txt": "six\n", "a b.ipynb": "{}"})
    link = httpx.get(
        f"{hub.url}hub/user-redirect/git-pull",
        params={
            "repo": repository.url,
            "urlpath": f"lab/tree/{repository.url.split('/')[-1]}/a%20b.ipynb",
        },
    )
    page = httpx.get(hub.url).url.join(link.headers["location"])
    assert page.path.startswith("/v2/git/")
    assert page.params["urlpath"] == "lab/tree/a%20b.ipynb"
    assert httpx.get(page).status_code == 200
