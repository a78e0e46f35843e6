"""Traefik as the hub runs it, with a hub that is only an address."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio
from cryptography import x509
from jupyterhub.objects import Hub

from hubroam.hub.ports import free_port
from hubroam.hub.proxy import LocalProxy

pytestmark = [pytest.mark.hub, pytest.mark.asyncio]


@pytest_asyncio.fixture
async def proxy(tmp_path):
    path = os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ["PATH"]])
    proxy = LocalProxy(
        public_url=f"http://127.0.0.1:{free_port()}/",
        hub=Hub(ip="127.0.0.1", port=free_port()),
        traefik_api_url=f"http://127.0.0.1:{free_port()}",
        traefik_api_username="hub",
        traefik_api_password="of this test",
        traefik_env={"PATH": path},
        static_config_file=str(tmp_path / "traefik.toml"),
        dynamic_config_file=str(tmp_path / "rules.toml"),
    )
    await proxy.start()
    yield proxy
    await proxy.stop()


def traefik_of(proxy) -> psutil.Process:
    return psutil.Process(proxy.traefik_process.pid)


async def add(proxy, name):
    await proxy.add_route(f"/user/{name}/", "http://127.0.0.1:1", {"user": name})


async def test_many_routes_at_once(proxy):
    names = [f"reader{number}" for number in range(30)]
    await asyncio.gather(*(add(proxy, name) for name in names))
    async with httpx.AsyncClient() as reader:
        for name in names:  # 502: there is a route, and nobody behind it
            answer = await reader.get(f"{proxy.public_url}user/{name}/")
            assert answer.status_code == 502
        assert (await reader.get(f"{proxy.public_url}user/nobody/")).status_code == 404
    assert proxy._unseen == {}


async def test_a_route_that_traefik_does_not_take_over(proxy):
    await add(proxy, "before")
    proxy.check_route_timeout = 1
    process = traefik_of(proxy)
    process.send_signal(signal.SIGSTOP)
    try:
        with pytest.raises(TimeoutError):
            await add(proxy, "late")
    finally:
        process.send_signal(signal.SIGCONT)
    proxy.check_route_timeout = 30
    await add(proxy, "after")
    assert proxy._unseen == {}


async def test_traefik_has_a_certificate_and_makes_none(proxy, tmp_path):
    path = tmp_path / "unused.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert str(path) in (tmp_path / "rules.toml").read_text()
    x509.load_pem_x509_certificate(path.read_bytes())
    for number in range(3):
        await add(proxy, number)
    before = traefik_of(proxy).cpu_times().user
    for number in range(3, 33):
        await add(proxy, number)
    # a new certificate for each of them would take more than 50 ms each
    assert traefik_of(proxy).cpu_times().user - before < 0.9
