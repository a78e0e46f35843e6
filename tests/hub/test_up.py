"""`hubroam up` as an operator starts it."""

from __future__ import annotations

import html
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from support.binder import events, launch, run_cell
from support.disk import small_disk
from support.hubs import started, up
from support.processes import eventually, kill_and_wait, pids_of, processes_of, wait_for_none

pytestmark = pytest.mark.hub


def hubroam(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "hubroam", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=90,
    )


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.7", "::", "hub.example.org"])
def test_other_addresses_are_refused_with_the_reason(tmp_path, address):
    done = hubroam("up", "--ip", address, "--data-dir", tmp_path)
    assert done.returncode == 1
    assert "sandboxed" in done.stderr
    assert "ssh -L" in done.stderr
    assert "Traceback" not in done.stderr
    assert processes_of(tmp_path) == []


def test_an_address_in_the_configuration_is_refused_as_well(tmp_path):
    config = tmp_path / "jupyterhub_config.py"
    config.write_text("c.JupyterHub.bind_url = 'http://:8123'\n")
    done = hubroam("up", "--config", config, "--data-dir", tmp_path)
    assert done.returncode == 1
    assert "sandboxed" in done.stderr


def test_a_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        done = hubroam("up", "--port", port, "--data-dir", tmp_path)
    assert done.returncode == 1
    assert f"Port {port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_data_folder_that_another_hub_uses(hub):
    done = hubroam("up", "--port", "0", "--data-dir", hub.data_dir)
    assert done.returncode == 1
    assert "Another hub uses" in done.stderr


def test_a_configuration_that_cannot_be_read(tmp_path):
    config = tmp_path / "jupyterhub_config.py"
    config.write_text("c.JupyterHub.base_url = \n")
    done = hubroam("up", "--port", "0", "--config", config, "--data-dir", tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert processes_of(tmp_path) == []


def test_a_service_that_does_not_start(tmp_path):
    config = tmp_path / "jupyterhub_config.py"
    config.write_text("c.Providers.classes = ['no.such.Provider']\n")
    done = hubroam("up", "--port", "0", "--config", config, "--data-dir", tmp_path)
    assert done.returncode == 1
    assert "no.such.Provider" in done.stderr
    assert "Traceback" not in done.stderr
    assert processes_of(tmp_path) == []


def test_wrong_use(tmp_path):
    assert hubroam("up", "--port", "many").returncode == 2
    assert hubroam("up", "--config", tmp_path / "nosuch.py").returncode == 2


def test_a_hub_that_is_killed_takes_its_programs_along(tmp_path):
    command = [sys.executable, "-m", "hubroam", "up", "--port", "0", "--data-dir", str(tmp_path)]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout.readline().startswith("ready: ")
    assert any("traefik" in command for command in processes_of(tmp_path))
    process.kill()
    process.wait()
    process.stdout.close()
    wait_for_none(tmp_path)


@pytest.mark.registry
def test_a_configured_hub(tmp_path, git_server):
    """Base URL, limits and hosts by configuration; at the end nothing runs."""
    repository = git_server.repo("grace/book")
    repository.commit({"requirements.txt": "six\n", "start.txt": "x"})
    config = f"""
c.JupyterHub.base_url = "/jupyter/"
c.JupyterHub.services = [{{"name": "other", "api_token": "0123456789abcdef0123456789abcdef"}}]
c.BinderService.hub_name = "Our hub"
c.BinderService.rate_limit = 2
c.BinderService.rate_limit_exempt = []
c.BinderService.keepalive_seconds = 1
c.BinderService.hold_seconds = 3
c.GitHubProvider.base_url = "{git_server.url}"
c.Providers.classes = ["hubroam.providers.GitHubProvider"]
"""
    with up(tmp_path, config) as url:
        assert url.endswith("/jupyter/")
        assert httpx.get(f"{url}versions").json()["binderhub"]
        assert [p["id"] for p in httpx.get(f"{url}api/repoproviders").json()] == ["gh"]
        assert "Our hub" in httpx.get(f"{url}v2/gh/grace/book/main").text

        # the stream is held after its end, and comments come meanwhile
        headers = {"Accept": "text/event-stream"}
        with httpx.stream(
            "GET", f"{url}build/gh/grace/book/main", headers=headers, timeout=60
        ) as answer:
            assert answer.headers["x-ratelimit-limit"] == "2"
            assert answer.headers["x-ratelimit-remaining"] == "1"
            reset = int(answer.headers["x-ratelimit-reset"])
            assert 0 < reset - time.time() <= 3601
            lines = [line for line in answer.iter_lines() if line]
        last = max(number for number, line in enumerate(lines) if line.startswith("data:"))
        ready = json.loads(lines[last][6:])
        assert ready["phase"] == "ready", ready
        assert ":keepalive" in lines[last:]
        assert ready["url"].startswith(f"{url}user/book-") or "grace-book" in ready["url"]
        assert run_cell(ready, "import six; print(six.__version__[:2])") == "1.\n"

        # the second launch is allowed, the third is not, and the page's token lifts the limit
        assert events(url, "gh/grace/book/main", build_only="true")[-1]["phase"] == "ready"
        refused = events(url, "gh/grace/book/main", build_only="true")[-1]
        assert (refused["code"], refused["status_code"]) == ("rate-limited", 429)
        assert "minutes" in refused["next_step"]
        with httpx.stream("GET", f"{url}build/gh/grace/book/main", headers=headers) as answer:
            limited = {n: v for n, v in answer.headers.items() if n.startswith("x-ratelimit-")}
        assert int(limited.pop("x-ratelimit-reset")) == pytest.approx(reset, abs=2)
        assert limited == {"x-ratelimit-limit": "2", "x-ratelimit-remaining": "0"}
        page = httpx.get(f"{url}v2/gh/grace/book/main").text
        token = page.split("build_token=")[1].split("&")[0].split('"')[0]
        allowed = events(url, "gh/grace/book/main", build_only="true", build_token=token)[-1]
        assert allowed["phase"] == "ready"
        foreign = events(url, "gh/grace/other/main", build_only="true", build_token=token)[-1]
        assert foreign["code"] == "rate-limited"

        record = "zenodo/10.5281/zenodo.3242074"
        token = httpx.get(f"{url}v2/{record}").text.split("build_token=")[1].split("&")[0]
        failed = events(url, record, build_token=token.split('"')[0])[-1]
        assert (failed["code"], failed["status_code"]) == ("provider-not-served", 501)
        assert failed["next_step"] == "This hub serves GitHub (gh/)."


@pytest.mark.registry
def test_readers_who_sign_in(tmp_path, git_server):
    """With an authenticator of JupyterHub's the launch is the reader's own, and is kept."""
    repository = git_server.repo("grace/notes")
    repository.commit({"requirements.txt": "six\n", "notes.txt": "theirs"})
    config = """
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "a long password for the test"
c.Authenticator.allow_all = True
"""
    with up(tmp_path, config) as url:
        spec = repository.spec
        nobody = events(url, spec)[-1]
        assert (nobody["code"], nobody["status_code"]) == ("sign-in-needed", 403)

        with httpx.Client(follow_redirects=True, timeout=60) as browser:
            page = browser.get(f"{url}v2/{spec}")
            assert "/hub/login" in str(page.url)
            form = {
                "username": "ada",
                "password": "a long password for the test",
                "_xsrf": browser.cookies.get("_xsrf", path="/hub/"),
            }
            page = browser.post(str(page.url), data=form)
            assert str(page.url).startswith(f"{url}services/binder/v2/"), page.url
            build_url = _build_url(page)

            # a cookie alone does not launch: any page could make the browser send it
            bare = build_url.split("?")[0]
            assert _last(browser, f"{url.rstrip('/')}{bare}")["code"] == "sign-in-needed"

            ready = _last(browser, f"{url.rstrip('/')}{build_url}")
            assert ready["phase"] == "ready", ready
            assert "/user/ada/" in ready["url"]
            assert ready["token"] == ""
            lab = browser.get(f"{ready['url']}lab")
            assert lab.status_code == 200
            assert "JupyterLab" in lab.text

            kept = next((tmp_path / "data" / "users").glob("ada/*/notes.txt"))
            kept.write_text("mine")
            again = _last(browser, f"{url.rstrip('/')}{build_url}")
            assert again["url"] == ready["url"]
            assert kept.read_text() == "mine"
            _hand_over(browser, url, spec, ready)


def _hand_over(browser: httpx.Client, url: str, spec: str, own: dict[str, str]) -> None:
    """A page of another site gets a session of the reader's, and nothing else of theirs."""
    page = "https://book.example.org"
    build_url = _build_url(browser.get(f"{url}v2/{spec}", params={"live": page}))
    # what the reader agreed to cannot be put to another page's use
    stolen = build_url.replace("book.example.org", "other.example.org")
    assert stolen != build_url
    assert _last(browser, f"{url.rstrip('/')}{stolen}")["code"] == "invalid-link"

    handed = _last(browser, f"{url.rstrip('/')}{build_url}")
    assert handed["phase"] == "ready", handed
    assert handed["url"] != own["url"]
    assert run_cell(handed, "print(6 * 7)") == "42\n"
    token = {"Authorization": f"token {handed['token']}"}
    for origin, readable in ((page, True), ("https://other.example.org", False)):
        answer = httpx.get(f"{handed['url']}api/status", headers={**token, "Origin": origin})
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        assert (allowed == page) is True
        assert (allowed == origin) is readable
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert httpx.get(f"{own['url']}api/status", headers=token).status_code == 403
    more = httpx.post(f"{url}hub/api/users/ada/tokens", headers=token, json={})
    assert more.status_code in (403, 404)


def _build_url(page: httpx.Response) -> str:
    found = re.search(r'data-build-url="([^"]+)"', page.text)
    assert found, page.text
    return html.unescape(found[1])


def _last(client: httpx.Client, url: str):
    with client.stream("GET", url, headers={"Accept": "text/event-stream"}) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                event = json.loads(line[6:])
                if event.get("phase") in ("ready", "failed"):
                    return event
    raise AssertionError("no last event")


@pytest.mark.registry
def test_a_hub_that_was_killed_finds_its_sessions_again(tmp_path, git_server):
    repository = git_server.repo("grace/kept")
    repository.commit({"requirements.txt": "six\n"})
    with started(tmp_path) as (process, url):
        ready = launch(url, repository.spec)
        process.kill()
    half_made = tmp_path / "data" / "sessions" / ("0" * 24)
    (half_made / "content").mkdir(parents=True)
    with started(tmp_path) as (process, url):
        assert eventually(lambda: not half_made.exists())
        again = {**ready, "url": f"{url}user/{ready['url'].partition('/user/')[2]}"}
        assert run_cell(again, "print(6 * 7)") == "42\n"
        assert launch(url, repository.spec)["cached"] is True
    assert process.returncode == 0
    assert processes_of(tmp_path) == []


def test_traefik_is_started_again(tmp_path):
    with started(tmp_path) as (_, url):
        [traefik] = pids_of(tmp_path, "traefik --configfile")
        kill_and_wait(traefik)
        assert eventually(lambda: httpx.get(f"{url}health").status_code == 200)
        assert pids_of(tmp_path, "traefik --configfile") != [traefik]
    assert "Traefik ended with status -9" in (tmp_path / "log").read_text()
    assert processes_of(tmp_path) == []


@pytest.mark.registry
def test_a_binder_service_that_is_killed_is_started_again_and_leaves_no_build(tmp_path, git_server):
    repository = git_server.repo("grace/endless")
    repository.commit({"postBuild": "#!/bin/sh\nsetsid sleep 3600 &\necho hangs now\nsleep 3600\n"})
    with started(tmp_path) as (_, url):
        headers = {"Accept": "text/event-stream"}
        with httpx.stream(
            "GET", f"{url}build/{repository.spec}", headers=headers, timeout=60
        ) as answer:
            assert any("hangs now" in line for line in answer.iter_lines())
            [service] = pids_of(tmp_path, "hubroam.binder")
            kill_and_wait(service)
        # JupyterHub looks after its services every half minute
        assert eventually(lambda: httpx.get(f"{url}health").status_code == 200, 90)
        assert pids_of(tmp_path, "sleep 3600") == []
        assert list((tmp_path / "data" / "environments" / "builds").iterdir()) == []


def test_a_database_that_is_damaged(tmp_path):
    (tmp_path / "jupyterhub.sqlite").write_bytes(b"this was a database" * 500)
    done = hubroam("up", "--port", "0", "--data-dir", tmp_path)
    assert done.returncode == 1
    assert "not a database" in done.stderr
    assert "restore it" in done.stderr
    assert "Traceback" not in done.stderr
    assert processes_of(tmp_path) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_without_room(tmp_path):
    with small_disk(tmp_path, "1m") as small:
        done = hubroam("up", "--port", "0", "--data-dir", small / "data")
    assert done.returncode == 1
    assert "is full" in done.stderr
    assert "--data-dir" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_that_is_closed_ends_the_hub_in_order(tmp_path):
    with started(tmp_path) as (process, _):
        process.send_signal(signal.SIGHUP)
        assert process.wait(60) == 0
    assert processes_of(tmp_path) == []
