"""The doctor's findings, each at a real server that has what it finds."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from hubroam.doctor import SEVERITIES, examine
from hubroam.doctor.findings import shown
from hubroam.profile import BINDER, GIT_PULL, KEY, HubProfile
from support.certificates import tls
from support.stockhub import StockHub
from support.webserver import HANG, Answer, WebServer

OPEN = {"Access-Control-Allow-Origin": "*"}
HTML = Answer(200, {"Content-Type": "text/html"}, b"<!doctype html><title>x</title>")
PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 416, 80) + b"\x08\x06\0\0\0"
PROFILE = HubProfile("Uni", "other", "1", (GIT_PULL,)).to_json()
BINDER_PROFILE = HubProfile("Uni", "other", "1", (BINDER, GIT_PULL)).to_json()


def jupyterhub(version="6.1.1", profile=None, headers=OPEN, more=None):
    """A JupyterHub's answers to strangers; ``more``: what some addresses answer instead."""
    document = {"version": version} | ({KEY: profile} if profile else {})

    def answer(request):
        path = request.path
        if more and path in more:
            return more[path]
        if path in ("/hub/api/", "/hub/api"):
            return Answer(200, headers, document)
        if path == "/hub/static/images/jupyterhub-80.png":
            return Answer(200, {"Content-Type": "image/png"}, PNG)
        if path.startswith("/hub/api/"):
            return Answer(403, {}, {"message": "Missing or invalid credentials."})
        if path.startswith(("/hub/user-redirect/", "/hub/home")):
            return Answer(302, {"Location": "/hub/login"})
        return HTML if path == "/hub/login" else None

    return answer


def binderhub(health=None, more=None, headers=OPEN, profile=None):
    """A BinderHub's answers."""
    versions = {"binderhub": "1.0", "builder_info": {}} | ({KEY: profile} if profile else {})

    def answer(request):
        path = request.path
        if more and path in more:
            return more[path]
        if path == "/versions":
            return Answer(200, headers, versions)
        if path == "/health":
            return health or Answer(200, {}, {"ok": True, "checks": [{"service": "d", "ok": True}]})
        if path.startswith(("/v2/gh/", "/hub/user-redirect/")):
            return HTML
        return Answer(406) if path.startswith("/build/") else None

    return answer


def findings(url, **options):
    """What is found, as code → finding."""
    options = {"allow_private": True, "timeout": 10, **options}
    found = asyncio.run(examine(url, **options))
    codes = {each.code: each for each in found.findings}
    assert found.ok == all(each.severity != "fault" for each in found.findings)
    for each in found.findings:
        assert each.message.strip()
        assert each.remedy or each.severity == "info"
    order = [each.severity for each in found.findings]
    assert order == sorted(order, key=["fault", "warning", "info"].index)
    return codes


def at(answer, **options):
    with WebServer(answer) as server:
        return findings(server.url, **options)


def bad(codes):
    return {code for code in codes if SEVERITIES[code] != "info"}


# --- a hub that is well


def test_a_hub_that_is_well():
    codes = at(jupyterhub(profile=PROFILE))
    assert codes.keys() == {
        "found",
        "loopback",
        "version",
        "profile",
        "origin-closed",
        "launch-answers",
        "nbgitpuller-unknown",
    }
    assert "“Uni”" in codes["found"].message
    assert "--token" in codes["nbgitpuller-unknown"].remedy


def test_a_binderhub_that_is_well():
    codes = at(binderhub())
    assert bad(codes) == set()
    assert {"found", "binder-well", "launch-answers", "origin-closed"} <= codes.keys()
    assert "version" not in codes


def test_nothing_is_built_and_no_server_started():
    with WebServer(binderhub(profile=BINDER_PROFILE)) as server:
        findings(server.url)
        asked = {(each.method, each.path) for each in server.requests}
    assert {method for method, _ in asked} == {"GET", "OPTIONS"}
    builds = {path for _, path in asked if path.startswith("/build/")}
    assert builds == {"/build/nosuch/x"}
    assert not any("/spawn" in path or path.endswith("/git-pull/api") for _, path in asked)


# --- whether pages find it


def test_found_by_its_image_only():
    codes = at(jupyterhub("5.2.1", headers={}))
    assert bad(codes) == {
        "found-by-image",
        "discovery-unreadable",
        "version-without-discovery",
        "version-with-advisory",
    }
    assert "/hub/api/" in codes["discovery-unreadable"].message


def test_not_found_by_pages_at_all():
    image = "/hub/static/images/jupyterhub-80.png"
    kept = Answer(200, {"Cross-Origin-Resource-Policy": "same-origin"}, PNG)
    codes = at(jupyterhub(headers={}, more={image: kept}))
    assert "not-found-by-pages" in codes
    codes = at(jupyterhub(headers={}, more={image: Answer(404)}))
    assert "not-found-by-pages" in codes


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (["*", "*"], "more than once"),
        ("https://book.uni.example", "https://book.uni.example"),
    ],
)
def test_a_header_that_opens_nothing(value, word):
    codes = at(jupyterhub(headers={"Access-Control-Allow-Origin": value}))
    assert {"found-by-image", "discovery-unreadable"} <= codes.keys()
    assert word in codes["discovery-unreadable"].message


def test_a_binderhub_that_pages_take_for_a_jupyterhub():
    more = {"/hub/api/": Answer(200, OPEN, {"version": "6.1.1"})}
    codes = at(binderhub(headers={}, more=more))
    assert bad(codes) == {"taken-for-another", "discovery-unreadable"}
    assert "/versions" in codes["discovery-unreadable"].message


def test_a_redirect_that_pages_cannot_follow():
    with WebServer(jupyterhub()) as other:
        to = {"Location": f"{other.url.replace('127.0.0.1', 'localhost')}hub/api/"}
        codes = at(jupyterhub(more={"/hub/api/": Answer(302, to)}))
        assert {"redirected-host", "discovery-unreadable"} <= codes.keys()
        assert "redirect" in codes["discovery-unreadable"].message
        codes = at(jupyterhub(more={"/hub/api/": Answer(302, to | OPEN)}))
        assert "discovery-unreadable" not in codes
        assert "redirected-host" in codes


def test_a_hub_below_the_root():
    """Found at the root, which leads there, and at its own address."""

    def answer(request):
        if not request.path.startswith("/jupyter/"):
            return Answer(302, {"Location": f"/jupyter{request.path}"})
        return jupyterhub()(replace(request, path=request.path.removeprefix("/jupyter")))

    with WebServer(answer) as server:
        found = asyncio.run(examine(server.url, allow_private=True))
        assert found.url == f"{server.url}jupyter/"
        assert {"redirected", "found"} <= {each.code for each in found.findings}
        codes = findings(f"{server.url}jupyter/hub/home")
    assert "redirected" not in codes
    assert bad(codes) == set()


def test_a_plain_jupyter_server():
    def answer(request):
        if request.path == "/api":
            return Answer(200, OPEN, {"version": "2.21.1"})
        return Answer(302, {"Location": "/login"}) if request.path == "/git-pull" else None

    codes = at(answer)
    assert bad(codes) == set()
    assert {"found", "launch-answers", "origin-closed"} <= codes.keys()
    codes = at(opened(answer, lambda origin: OPEN))
    assert bad(codes) == {"origin-open"}
    assert "/api/contents" in codes["origin-open"].message


def test_a_jupyterlite_site_that_pages_cannot_read():
    icon = struct.pack("<HHH", 0, 1, 1) + bytes([0, 0]) + b"\0" * 14  # 256 pixels are written as 0
    lite = {"jupyter-config-data": {"appVersion": "0.6"}}
    files = {"/jupyter-lite.json": lite, "/lab/favicon.ico": icon, "/lab/index.html": "page"}
    codes = at(lambda each: Answer(200, {}, files[each.path]) if each.path in files else None)
    assert bad(codes) == {"found-by-image"}
    assert "/jupyter-lite.json" in codes["found-by-image"].remedy


# --- what is no hub


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (lambda request: HTML, "not-a-hub"),
        (lambda request: None, "not-a-hub"),
        (lambda request: Answer(500), "not-a-hub"),
        (lambda request: Answer(200, {}, b"[" * 100_000), "not-a-hub"),
        (lambda request: Answer(200, OPEN, ["hub"]), "not-a-hub"),
        (lambda request: Answer(302, {"Location": request.path}), "redirect-loop"),
        (lambda request: Answer(401), "login-wall"),
        (lambda request: Answer(403), "login-wall"),
        (lambda request: Answer(302, {"Location": "javascript:alert(1)"}), "hub-unreachable"),
    ],
    ids=["html", "404", "500", "deep", "list", "loop", "401", "403", "script"],
)
def test_no_hub(answer, code):
    codes = at(answer)
    assert codes.keys() == {code}


def test_a_login_before_the_hub():
    with WebServer(lambda request: HTML) as sso:
        codes = at(lambda request: Answer(302, {"Location": f"{sso.url}login?next={request.path}"}))
    assert codes.keys() == {"login-wall"}
    assert f"{sso.url}login" in codes["login-wall"].message


def test_a_login_before_all_but_the_images():
    codes = at(jupyterhub(more={"/hub/api/": Answer(302, {"Location": "/sso/login"})}))
    assert {"found-by-image", "login-wall"} <= codes.keys()


def test_nothing_there():
    assert findings("http://127.0.0.1:1/").keys() == {"hub-unreachable"}


def test_a_server_that_hangs():
    codes = at(lambda request: HANG, timeout=0.5)
    assert codes.keys() == {"hub-too-slow"}


def test_a_hub_of_which_a_part_hangs():
    hanging = dict.fromkeys(["/health", "/v2/gh/binder-examples/requirements/HEAD"], HANG)
    codes = at(binderhub(more=hanging), timeout=1)
    assert {"found", "binder-unwell", "launch-dead", "origin-unknown"} <= codes.keys()
    assert codes["origin-unknown"].message.endswith(": /health")
    assert "origin-closed" not in codes


def test_a_jupyterlite_site_may_be_open_to_all():
    lite = {"jupyter-config-data": {"appVersion": "0.6"}}
    files = {"/jupyter-lite.json": lite, "/lab/index.html": "page"}

    def answer(request):
        return Answer(200, OPEN, files[request.path]) if request.path in files else None

    codes = at(answer)
    assert bad(codes) == set()
    assert {"found", "launch-answers"} <= codes.keys()


# --- the way there


@pytest.mark.parametrize(
    ("host", "days", "trusted", "code", "word"),
    [
        ("localhost", 60, True, "certificate", "until"),
        ("localhost", 3, True, "certificate-expires", "ends on"),
        ("localhost", 60, False, "hub-certificate", "self-signed"),
        ("localhost", -1, True, "hub-certificate", "expired"),
        ("elsewhere.example", 60, True, "hub-certificate", "localhost"),
    ],
    ids=["good", "soon", "untrusted", "expired", "another-host"],
)
def test_certificates(tmp_path, monkeypatch, host, days, trusted, code, word):
    context = tls(tmp_path, host, days)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with WebServer(jupyterhub(), host="localhost", tls=context) as server:
        codes = findings(server.url)
    assert word in codes[code].message
    assert len({"certificate", "certificate-expires", "hub-certificate"} & codes.keys()) == 1


def test_a_certificate_of_a_week_is_not_always_about_to_end(tmp_path, monkeypatch):
    context = tls(tmp_path, "localhost", 4, lifetime=6)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with WebServer(jupyterhub(), host="localhost", tls=context) as server:
        assert "certificate" in findings(server.url)


def test_http_that_leads_to_https(tmp_path, monkeypatch):
    context = tls(tmp_path, "localhost", 60)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with WebServer(jupyterhub(), host="localhost", tls=context) as safe:
        to_https = lambda request: Answer(301, {"Location": safe.url[:-1] + request.path})  # noqa: E731
        with WebServer(to_https) as plain:
            found = asyncio.run(
                examine(plain.url.replace("127.0.0.1", "localhost"), allow_private=True)
            )
    codes = {each.code for each in found.findings}
    assert found.ok
    assert found.url == safe.url
    assert {"redirected", "found", "certificate"} <= codes
    assert bad(codes) == set()


@pytest.fixture
def outside(monkeypatch):
    """Lets hosts of the internet be stood in for: they are asked through a proxy, which is here."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")

    def name_proxy(server):
        monkeypatch.setenv("http_proxy", server.url)
        monkeypatch.setenv("HTTP_PROXY", server.url)

    return name_proxy


def test_plain_http_beyond_this_machine(outside):
    with WebServer(jupyterhub(profile=PROFILE)) as proxy:
        outside(proxy)
        codes = findings("http://hub.example.org/", allow_private=False, token="secret-token")
        sent = [each for each in proxy.requests if "Authorization" in each.headers]
    assert bad(codes) == {"plain-http", "token-not-sent"}
    assert sent == []


# --- private networks


def test_private_addresses_are_refused_unless_allowed():
    with WebServer(jupyterhub()) as server:
        codes = findings(server.url, allow_private=False)
        assert codes.keys() == {"private-address"}
        assert server.requests == []
        named = findings(server.url.replace("127.0.0.1", "localhost"), allow_private=False)
        assert named.keys() == {"private-address"}
        assert server.requests == []


def test_a_redirect_into_a_private_network_is_refused(outside):
    with WebServer(jupyterhub()) as inside:
        to_inside = lambda request: Answer(302, {"Location": inside.url[:-1] + request.path})  # noqa: E731
        with WebServer(to_inside) as proxy:
            outside(proxy)
            codes = findings("http://hub.example.org/", allow_private=False)
            assert proxy.requests
        assert inside.requests == []
    assert codes.keys() == {"private-address"}
    assert ipaddress.ip_address("127.0.0.1").compressed in codes["private-address"].message


def test_later_questions_are_no_way_into_a_private_network(outside):
    """The hub is well, and its launch links lead inside: nothing of them is followed."""
    with WebServer(lambda request: HTML) as inside:
        link = "/hub/user-redirect/git-pull"
        away = Answer(302, {"Location": inside.url})
        with WebServer(jupyterhub(more={link: away, "/hub/login": away})) as proxy:
            outside(proxy)
            findings("http://hub.example.org/", allow_private=False)
        assert inside.requests == []


# --- too open


def opened(answer, headers, routes=None, methods=("GET", "OPTIONS")):
    """A hub that adds headers to what it answers; ``headers`` may depend on the origin."""

    def more(request):
        given = answer(request) or Answer(404)
        if request.method == "OPTIONS":
            given = Answer(204)
        if request.method in methods and (routes is None or request.path in routes):
            given = Answer(
                given.status, {**given.headers, **headers(request.headers.get("Origin", ""))},
                given.body,
            )  # fmt: skip
        return given

    return more


def test_the_whole_hub_readable():
    codes = at(opened(jupyterhub(), lambda origin: OPEN))
    assert bad(codes) == {"origin-open"}
    for route in ("/hub/api/info", "/hub/api/users", "/hub/login", "/user/nobody/api/contents"):
        assert route in codes["origin-open"].message
    assert "/hub/api/," not in codes["origin-open"].message


@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_one_address_readable(method):
    codes = at(
        opened(jupyterhub(), lambda origin: OPEN, routes=["/hub/api/users"], methods=[method])
    )
    assert bad(codes) == {"origin-open"}
    assert codes["origin-open"].message.endswith(": /hub/api/users.")


def test_the_origin_of_frames_is_everybody():
    null = {"Access-Control-Allow-Origin": "null"}
    codes = at(opened(jupyterhub(), lambda origin: null, routes=["/hub/api/info"]))
    assert bad(codes) == {"origin-open"}


def test_reflected_origins():
    reflect = lambda origin: {"Access-Control-Allow-Origin": origin} if origin else {}  # noqa: E731
    codes = at(opened(jupyterhub(), reflect))
    assert {"origin-reflected", "origin-open"} <= codes.keys()
    assert "/hub/api/users" in codes["origin-reflected"].message
    assert "credentials-allowed" not in codes


def test_reflected_origins_at_the_discovery_answer_only():
    reflect = lambda origin: {"Access-Control-Allow-Origin": origin} if origin else {}  # noqa: E731
    codes = at(opened(jupyterhub(), reflect, routes=["/hub/api/", "/hub/api"]))
    assert "origin-reflected" in codes
    assert "origin-open" not in codes
    assert "/hub/api/users" not in codes["origin-reflected"].message


def test_credentials_allowed():
    def headers(origin):
        return {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}

    codes = at(opened(jupyterhub(), headers))
    assert {"origin-reflected", "credentials-allowed", "origin-open"} <= codes.keys()
    assert "/hub/api/user," in codes["credentials-allowed"].message
    both = {**OPEN, "Access-Control-Allow-Credentials": "true"}
    codes = at(opened(jupyterhub(), lambda origin: both, routes=["/hub/api/"]))
    assert bad(codes) == {"credentials-allowed"}


def test_an_origin_that_the_operator_trusts():
    named = {
        "Access-Control-Allow-Origin": "https://portal.uni.example",
        "Access-Control-Allow-Credentials": "true",
    }
    codes = at(opened(jupyterhub(), lambda origin: named, routes=["/hub/api/users"]))
    assert bad(codes) == {"origin-trusted"}
    assert "https://portal.uni.example" in codes["origin-trusted"].message


def test_a_binder_service_that_serves_thebe():
    codes = at(opened(binderhub(), lambda origin: OPEN))
    assert bad(codes) == {"binder-open"}
    assert "/build/nosuch/x" in codes["binder-open"].message


# --- versions


@pytest.mark.parametrize(
    ("version", "codes"),
    [
        ("6.1.1", set()),
        ("5.5.1", set()),
        ("5.4.4", {"version-with-advisory"}),
        ("4.1.6", {"version-with-url-tokens", "version-with-advisory"}),
        ("4.0", {"version-with-url-tokens", "version-with-advisory"}),
        ("not-a-version", set()),
    ],
)
def test_versions(version, codes):
    """Of hubs whose proxy lets pages read what they are."""
    assert bad(at(jupyterhub(version))) == codes


def test_advisories_are_of_the_versions_that_they_name():
    assert "CVE-2026-40864" in at(jupyterhub("5.4.4"))["version-with-advisory"].message
    old = at(jupyterhub("1.4.2"))["version-with-advisory"].message
    assert "CVE-2021-41247" in old
    assert "CVE-2026-40864" not in old


# --- what it says of itself


@pytest.mark.parametrize(
    ("change", "code", "word"),
    [
        ({"format": 2}, "profile-unreadable", "format"),
        ({"name": ""}, "profile-unreadable", "name"),
        ({"launch": []}, "profile-unreadable", "launch"),
        (
            {"launch": [{"kind": "binder", "url_template": "https://evil.example/{+spec}"}]},
            "profile-unreadable",
            "launch[0].url_template",
        ),
        ({"logo": "https://elsewhere.example/x.png"}, "profile-field", "logo"),
        ({"sessions": "eternal"}, "profile-field", "sessions"),
    ],
)
def test_a_profile_that_is_not_as_the_format_has_it(change, code, word):
    codes = at(jupyterhub(profile={**PROFILE, **change}))
    assert bad(codes) == {code}
    assert word in codes[code].message


def test_two_profiles_that_differ():
    more = {"/hub/api/": Answer(200, OPEN, {"version": "6.1.1", KEY: PROFILE})}
    codes = at(binderhub(profile=BINDER_PROFILE, more=more))
    assert bad(codes) == {"profile-differs"}


def test_a_name_cannot_write_to_the_terminal():
    assert shown("a\x1b[2J\u202eb") == "a?[2J?b"
    named = {**PROFILE, "name": "Uni \u202egpj"}
    assert "\u202e" not in at(jupyterhub(profile=named))["found"].message


# --- launches


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "launch-dead"),
        (502, "launch-dead"),
        (400, "launch-unsure"),
        (403, "launch-answers"),
    ],
)
def test_links(status, code):
    link = "/v2/gh/binder-examples/requirements/HEAD"
    codes = at(binderhub(more={link: Answer(status)}))
    assert code in codes
    assert "/v2/{provider}" in codes[code].message


def test_links_of_a_profile_are_asked_with_a_provider_that_it_serves():
    way = {**BINDER.to_json(), "url_template": "go/{provider}/{+spec}", "providers": ["gl"]}
    with WebServer(binderhub(profile={**BINDER_PROFILE, "launch": [way]})) as server:
        codes = findings(server.url)
        paths = {each.path for each in server.requests}
    assert "/go/gl/ada%2Fbook/HEAD" in paths
    assert "launch-dead" in codes


@pytest.mark.parametrize(
    ("health", "code", "word"),
    [
        (
            Answer(
                503,
                {},
                {
                    "ok": False,
                    "checks": [
                        {"service": "Docker registry", "ok": False},
                        {"service": "JupyterHub API", "ok": True},
                    ],
                },
            ),
            "binder-unwell",
            "Docker registry failed",
        ),
        (Answer(200, {}, {"ok": False}), "binder-unwell", "failed"),
        (Answer(503, {}, {"ok": True, "checks": []}), "binder-unwell", "503"),
        (Answer(502), "binder-unwell", "502"),
        (Answer(404), "health-missing", "404"),
        (HTML, "health-missing", "200"),
    ],
)
def test_health(health, code, word):
    codes = at(binderhub(health))
    assert bad(codes) == {code}
    assert word in codes[code].message
    assert "JupyterHub API" not in codes[code].message


# --- nbgitpuller, by a hub that is not well


def with_user(user, more=None):
    return jupyterhub(more={"/hub/api/user": user, **(more or {})})


def server_at(url):
    return Answer(200, {}, {"name": "a", "servers": {"": {"ready": True, "url": url}}})


@pytest.mark.parametrize(
    ("user", "code"),
    [
        (Answer(403), "token-refused"),
        (Answer(302, {"Location": "/hub/login"}), "token-refused"),
        (Answer(302, {"Location": "https://elsewhere.example/"}), "token-not-sent"),
        (Answer(200, {}, {"name": "a", "servers": {}}), "server-not-running"),
        (Answer(200, {}, {"name": "a"}), "token-refused"),
        (Answer(200, {}, b"{"), "nbgitpuller-unknown"),
        (Answer(500), "nbgitpuller-unknown"),
        (server_at("https://elsewhere.example/user/a/"), "token-not-sent"),
        (server_at("//elsewhere.example/user/a/"), "token-not-sent"),
        (server_at("javascript:alert(1)"), "token-not-sent"),
    ],
)
def test_tokens(user, code):
    codes = at(with_user(user), token="secret-token")
    assert code in codes
    assert "secret-token" not in "".join(each.message for each in codes.values())


def test_a_token_goes_nowhere_but_to_the_hub():
    with WebServer(lambda request: HTML) as other:
        user = server_at(f"{other.url}user/a/")
        with WebServer(with_user(user)) as server:
            findings(server.url, token="secret-token")
            sent = {each.path for each in server.requests if "Authorization" in each.headers}
        assert other.requests == []
    assert sent == {"/hub/api/user"}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(400), "nbgitpuller"),
        (Answer(404), "nbgitpuller-missing"),
        (Answer(403), "token-refused"),
        (Answer(302, {"Location": "/hub/api/oauth2/authorize"}), "token-refused"),
        (Answer(503), "nbgitpuller-unknown"),
    ],
)
def test_servers_with_and_without_nbgitpuller(answer, code):
    codes = at(with_user(server_at("/user/a/"), {"/user/a/git-pull": answer}), token="t")
    assert code in codes


# --- the command


def command(*arguments, **variables):
    return subprocess.run(
        [sys.executable, "-m", "hubroam", "doctor", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={"PATH": "/usr/bin:/bin", **variables},
    )


def test_json_and_exit_status():
    with WebServer(jupyterhub(profile=PROFILE)) as server:
        done = command(server.url, "--json", "--allow-private")
        document = json.loads(done.stdout)
        assert (done.returncode, done.stderr) == (0, "")
        assert document["url"] == server.url
        assert document["ok"] is True
        for each in document["findings"]:
            assert each.keys() == {"code", "severity", "message", "remedy"}
            assert each["severity"] == SEVERITIES[each["code"]]
        done = command(server.url, "--json")
        assert done.returncode == 1
        assert json.loads(done.stdout)["ok"] is False


def test_lines_for_people():
    with WebServer(opened(jupyterhub("5.4.4"), lambda origin: OPEN)) as server:
        done = command(f"{server.url}hub/home", "--allow-private", COLUMNS="80")
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert lines[0] == f"{server.url} needs mending"
    heads = [line.split(":")[0] for line in lines if line and not line.startswith(" ")][1:]
    assert heads == ["Faults", "Warnings", "Good to know"]
    fault = next(line for line in lines if line.endswith("[origin-open]"))
    assert "/hub/api/users" in fault
    assert " → Send Access-Control-Allow-Origin" in fault
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [""],
        ["javascript:alert(1)"],
        ["http://user:secret@127.0.0.1/"],
        ["hub.example.org", "--timeout", "0"],
        ["hub.example.org", "another.example.org"],
    ],
)
def test_wrong_use(arguments):
    done = command(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_a_token_of_the_environment():
    """It is used, unless it is another hub's: in a session the variable has the session's own."""
    user = with_user(server_at("/user/a/"), {"/user/a/git-pull": Answer(400)})
    with WebServer(user) as server:
        token = {"JUPYTERHUB_API_TOKEN": "secret-token"}
        done = command(server.url, "--allow-private", **token)
        assert "[nbgitpuller]" in done.stdout
        assert "secret-token" not in done.stdout + done.stderr
        here = {"JUPYTERHUB_API_URL": f"{server.url}hub/api"}
        assert "[nbgitpuller]" in command(server.url, "--allow-private", **token, **here).stdout

        server.requests.clear()
        elsewhere = {"JUPYTERHUB_API_URL": "http://hub:8081/hub/api"}
        done = command(server.url, "--allow-private", **token, **elsewhere)
        assert "[nbgitpuller-unknown]" in done.stdout
        assert "hub:8081" in done.stderr
        assert not any("Authorization" in each.headers for each in server.requests)


def test_every_finding_is_documented_with_its_severity():
    page = Path(__file__).parents[1] / "docs" / "reference" / "doctor.md"
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+) \|", page.read_text(), re.M)
    assert len(rows) == len(dict(rows))
    assert dict(rows) == SEVERITIES


# --- real hubs


@pytest.mark.hub
def test_our_hub_is_well(hub):
    codes = findings(hub.url)
    assert bad(codes) == set()
    assert {
        "found",
        "origin-closed",
        "version",
        "profile",
        "launch-answers",
        "binder-well",
        "nbgitpuller-not-needed",
    } <= codes.keys()
    assert "JupyterHub API" in codes["binder-well"].message


@pytest.fixture(scope="module")
def stock_hub(tmp_path_factory):
    """JupyterHub alone; only the servers of users named ``puller…`` have nbgitpuller."""
    config = """
def _without_nbgitpuller(spawner):
    if not spawner.user.name.startswith("puller"):
        spawner.args = [*spawner.args, "--ServerApp.jpserver_extensions=nbgitpuller=False"]
    if spawner.user.name.endswith("open"):
        spawner.args = [*spawner.args, "--ServerApp.allow_origin=*"]
c.Spawner.pre_spawn_hook = _without_nbgitpuller
"""
    with StockHub(tmp_path_factory.mktemp("stock") / "hub", config=config) as hub:
        yield hub


@pytest.mark.hub
@pytest.mark.registry
def test_a_stock_hub(stock_hub):
    codes = findings(stock_hub.url)
    assert bad(codes) == set()
    assert {"found", "version", "origin-closed", "launch-answers"} <= codes.keys()
    assert "nbgitpuller-unknown" in codes


@pytest.mark.hub
@pytest.mark.registry
@pytest.mark.parametrize(
    ("user", "code", "narrowly"),
    [
        ("puller", "nbgitpuller", "token-refused"),
        # what is not there is not there, whoever asks
        ("plain", "nbgitpuller-missing", "nbgitpuller-missing"),
    ],
)
def test_a_stock_hub_by_a_token(stock_hub, user, code, narrowly):
    stock_hub.start(user)
    token = stock_hub.token_of(user)
    codes = findings(stock_hub.url, token=token)
    assert code in codes
    assert bad(codes) == bad({code})
    narrow = stock_hub.token_of(user, "read:users!user", "read:servers!user")
    assert narrowly in findings(stock_hub.url, token=narrow)
    blind = stock_hub.token_of(user, "read:users:name!user")
    refused = findings(stock_hub.url, token=blind)["token-refused"]
    assert "read:servers" in refused.remedy
    stock_hub.stop(user)
    assert "server-not-running" in findings(stock_hub.url, token=token)
    assert "token-refused" in findings(stock_hub.url, token="nonsense")


@pytest.mark.hub
@pytest.mark.registry
def test_a_stock_hub_whose_servers_are_open(stock_hub):
    """As an operator sets it for Thebe; only who knows a server can see it."""
    stock_hub.start("puller-open")
    codes = findings(stock_hub.url, token=stock_hub.token_of("puller-open"))
    stock_hub.stop("puller-open")
    assert bad(codes) == {"origin-open"}
    assert ": /user/puller-open/api/contents" in codes["origin-open"].message
    assert "/hub/" not in codes["origin-open"].message
