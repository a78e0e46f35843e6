"""Traefik, as jupyterhub-traefik-proxy runs it: ended with the hub, and started again alone."""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial
from pathlib import Path
from subprocess import Popen

import bcrypt
from jupyterhub.utils import exponential_backoff
from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy
from traitlets import default

# bcrypt's least: the password is random and as long as a key, so guessing it is hopeless anyway,
# and Traefik computes this at every request for its API, twice for each server that starts
_ROUNDS = 4

# Seconds between looks at whether Traefik has a new route: it reads its file in about 10 ms, and
# tells nobody.
_INTERVAL = 0.01

# Seconds between a Traefik that ended and the next one.
_PAUSE = 1.0


class LocalProxy(TraefikFileProviderProxy):
    """Traefik configured by files, as a child that does not outlive the hub.

    JupyterHub starts again a Node proxy that ends, and leaves that to other proxies themselves.
    """

    _watched: int | None = None
    _restart: asyncio.TimerHandle | None = None

    @default("traefik_api_hashed_password")
    def _hash_password(self) -> str:
        password = self.traefik_api_password.encode()
        return bcrypt.hashpw(password, bcrypt.gensalt(_ROUNDS)).decode("ascii")

    async def _wait_for_route(self, routespec: str) -> None:
        """Wait until Traefik has a route: its router, which it takes over with its service.

        Raises:
            TimeoutError: It did not take it over.
        """
        await exponential_backoff(
            partial(self._check_for_traefik_service, routespec, "router"),
            f"Traefik route for {routespec}: not ready",
            start_wait=_INTERVAL,
            scale_factor=1.1,
            timeout=self.check_route_timeout,
        )

    def _start_traefik(self) -> None:
        # as TraefikProxy does it, with ours in front
        child = [sys.executable, "-m", "hubroam.hub.child"]
        traefik = ["traefik", "--configfile", str(Path(self.static_config_file).absolute())]
        self.traefik_process = Popen(
            [*child, *traefik],
            env={**os.environ, **self.traefik_env},
            start_new_session=True,  # Ctrl-C is for the hub, which ends it when it is time
        )
        self._watched = os.pidfd_open(self.traefik_process.pid)
        asyncio.get_running_loop().add_reader(self._watched, self._ended)

    def _stop_traefik(self) -> None:
        self._look_away()
        if self._restart is not None:
            self._restart.cancel()
        super()._stop_traefik()

    def _ended(self) -> None:
        """Traefik ended and was not told to; its files have every route, so the next one has."""
        self._look_away()
        status = self.traefik_process.wait()
        self.log.error("Traefik ended with status %s, starting it again", status)
        self._restart = asyncio.get_running_loop().call_later(_PAUSE, self._start_traefik)

    def _look_away(self) -> None:
        if self._watched is not None:
            asyncio.get_running_loop().remove_reader(self._watched)
            os.close(self._watched)
            self._watched = None
