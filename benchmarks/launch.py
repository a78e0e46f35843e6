"""The way of a launch: a cold build beside pip's, a session's first answer beside stock's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.measure import document, in_turn
from hubroam.hub.ports import free_port
from hubroam.hub.process import HubProcess

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tests"))

from support.binder import launch, run_cell  # noqa: E402
from support.gitserver import GitServer  # noqa: E402

PACKAGES = ["numpy", "pandas", "matplotlib"]
# what hubroam adds to every environment
BASE = ["ipykernel", "ipywidgets"]
PYTHON = getattr(sys, "_base_executable", sys.executable)
# byte-compiling is part of what pip does, and must not be switched off from outside
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

STOCK_CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/secret"
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.tornado_settings = {{"slow_spawn_timeout": 0}}
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/homes/{{username}}"
c.SimpleLocalProcessSpawner.args = {arguments}
c.JupyterHub.proxy_class = "traefik_file"
c.TraefikProxy.traefik_api_url = "http://127.0.0.1:{api_port}"
c.TraefikProxy.traefik_env = {{"PATH": "{path}"}}
c.TraefikProxy.static_config_file = "{folder}/traefik.toml"
c.TraefikFileProviderProxy.dynamic_config_file = "{folder}/rules.toml"
c.JupyterHub.services = [{{"name": "measure", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [{{"name": "measure", "services": ["measure"],
    "scopes": ["admin:users", "servers", "access:servers"]}}]
"""


def run(runs: int) -> dict[str, Any]:
    """Measure everything.

    Args:
        runs: Rounds; each does everything once.

    Returns:
        The benchmark's document.
    """
    with tempfile.TemporaryDirectory(prefix="hubroam-benchmark-") as name:
        folder = Path(name)
        builds = in_turn(
            {
                "build cold: hubroam": lambda: _build_hubroam(folder),
                "build cold: venv + pip": lambda: _build_pip(folder),
            },
            runs,
        )
        with _hubroam(folder) as ours, _stock(folder) as stock:
            launches = in_turn({"launch: hubroam": ours, "launch: stock JupyterHub": stock}, runs)
    return document(
        "launch",
        runs,
        {**builds, **launches},
        {
            "build cold, pip / hubroam": ("build cold: venv + pip", "build cold: hubroam"),
            "launch, stock / hubroam": ("launch: stock JupyterHub", "launch: hubroam"),
        },
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _timed(command: list[str], **variables: str) -> float:
    began = time.monotonic()
    subprocess.run(
        command, env={**ENVIRONMENT, **variables}, check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return time.monotonic() - began


def _build_hubroam(folder: Path) -> float:
    """`hubroam build` with nothing there: no cache, no environment."""
    place = Path(tempfile.mkdtemp(dir=folder))
    book = place / "book"
    book.mkdir()
    (book / "requirements.txt").write_text("\n".join(PACKAGES))
    command = [sys.executable, "-m", "hubroam", "build", str(book), "--json", "--data-dir"]
    seconds = _timed([*command, str(place / "data")])
    shutil.rmtree(place)
    _say(f"hubroam build: {seconds:.1f} s")
    return seconds


def _build_pip(folder: Path) -> float:
    """`python -m venv` and `pip install` of the same packages, with nothing there."""
    place = Path(tempfile.mkdtemp(dir=folder))
    cache = str(place / "cache")
    seconds = _timed([PYTHON, "-m", "venv", str(place / "venv")])
    install = [str(place / "venv/bin/python"), "-m", "pip", "install", *PACKAGES, *BASE]
    seconds += _timed(install, PIP_CACHE_DIR=cache)
    shutil.rmtree(place)
    _say(f"venv + pip: {seconds:.1f} s")
    return seconds


@contextmanager
def _hubroam(folder: Path) -> Iterator[Any]:
    """A hub whose recipe is built; gives what measures a launch."""
    with GitServer(folder / "git") as git, HubProcess(folder / "hub") as hub:
        repository = git.repo("bench/book")
        repository.commit({"requirements.txt": "\n".join(PACKAGES)})
        launch(hub, repository.spec, build_only="true")

        def measure() -> float:
            began = time.monotonic()
            ready = launch(hub, repository.spec)
            assert run_cell(ready, "print(1 + 1)") == "2\n"
            seconds = time.monotonic() - began
            _say(f"hubroam launch: {seconds:.1f} s")
            return seconds

        yield measure


@contextmanager
def _stock(folder: Path) -> Iterator[Any]:
    """JupyterHub with SimpleLocalProcessSpawner; gives what measures a launch."""
    home = folder / "stock"
    (home / "homes").mkdir(parents=True)
    token, port = uuid.uuid4().hex, free_port()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    config = home / "jupyterhub_config.py"
    config.write_text(
        STOCK_CONFIG.format(
            port=port,
            hub_port=free_port(),
            api_port=free_port(),
            folder=home,
            arguments=["--allow-root"] if os.geteuid() == 0 else [],
            path=path,
            token=token,
        )
    )
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "--config", str(config)],
            cwd=home,
            env={**ENVIRONMENT, "PATH": path},
            stdout=log,
            stderr=log,
        )
    base = f"http://127.0.0.1:{port}"
    api = httpx.Client(
        base_url=f"{base}/hub/api/", headers={"Authorization": f"token {token}"}, timeout=60
    )
    try:
        _wait_until_up(api, process)
        yield lambda: _launch_stock(api, base, token)
    finally:
        api.close()
        process.terminate()
        process.wait(60)


def _wait_until_up(api: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    """Stock JupyterHub tells nobody when it is ready; so ask, before anything is measured."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            if api.get("users").status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError("JupyterHub did not start")


def _launch_stock(api: httpx.Client, base: str, token: str) -> float:
    """A new user, their server, and its kernel's first answer."""
    name = f"reader{uuid.uuid4().hex[:8]}"
    began = time.monotonic()
    api.post("users", json={"usernames": [name]}).raise_for_status()
    api.post(f"users/{name}/server").raise_for_status()
    with api.stream("GET", f"users/{name}/server/progress") as answer:
        events = (json.loads(line[5:]) for line in answer.iter_lines() if line.startswith("data:"))
        ready = next(event for event in events if event.get("ready") or event.get("failed"))
    assert not ready.get("failed"), ready
    session = {"url": f"{base}/user/{name}/", "token": token}
    assert run_cell(session, "print(1 + 1)") == "2\n"
    seconds = time.monotonic() - began
    api.delete(f"users/{name}/server")
    _say(f"stock launch: {seconds:.1f} s")
    return seconds
