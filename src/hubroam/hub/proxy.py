"""Traefik, as jupyterhub-traefik-proxy runs it: ended with the hub, and started again alone."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING, Any

import bcrypt
from jupyterhub.utils import exponential_backoff
from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy
from traitlets import default

from hubroam.hub.certificate import write_certificate
from hubroam.hub.child import child_command

# bcrypt's least: the password is random and as long as a key, so guessing it is hopeless anyway,
# and Traefik computes this at every request for its API, twice for each server that starts
_ROUNDS = 4

# Seconds between looks at whether Traefik has a new route: it reads its file in about 10 ms, and
# tells nobody. On a machine that is busy the looks become rarer, up to the second number.
_INTERVAL = 0.01
_LONGEST_INTERVAL = 0.1

# Seconds between a Traefik that ended and the next one.
_PAUSE = 1.0


class LocalProxy(TraefikFileProviderProxy):
    """Traefik configured by files, as a child that does not outlive the hub.

    JupyterHub starts again a Node proxy that ends, and leaves that to other proxies themselves.
    """

    if TYPE_CHECKING:  # its own, which has no types
        extra_dynamic_config: dict[str, Any]
    _watched: int | None = None
    _restart: asyncio.TimerHandle | None = None
    _looking: asyncio.Task[None] | None = None

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        # routes that are written and not known to be there, in the order of their writing
        self._unseen: dict[str, asyncio.Future[None]] = {}

    @default("traefik_api_hashed_password")
    def _hash_password(self) -> str:
        password = self.traefik_api_password.encode()
        return bcrypt.hashpw(password, bcrypt.gensalt(_ROUNDS)).decode("ascii")

    async def _setup_traefik_dynamic_config(self) -> None:
        """Give Traefik a certificate; without one it makes a new one whenever a route is added.

        Each takes it 60 ms of processor time, for which the route waits, on a hub that has no TLS
        too.
        """
        if not self.ssl_cert and "tls" not in self.extra_dynamic_config:
            path = Path(self.static_config_file).absolute().with_name("unused.pem")
            write_certificate(path)
            files = {"certFile": str(path), "keyFile": str(path)}
            tls = {"stores": {"default": {"defaultCertificate": files}}}
            self.extra_dynamic_config = {**self.extra_dynamic_config, "tls": tls}
        await super()._setup_traefik_dynamic_config()

    async def _wait_for_route(self, routespec: str) -> None:
        """Wait until Traefik has a route: its router, which it takes over with its service.

        Called with nothing in between when the file with the route has been written.

        Raises:
            TimeoutError: It did not take it over.
        """
        seen = self._unseen.setdefault(routespec, asyncio.get_running_loop().create_future())
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            await asyncio.wait_for(asyncio.shield(seen), self.check_route_timeout)
        finally:
            if self._unseen.get(routespec) is seen:
                del self._unseen[routespec]

    async def _look(self) -> None:
        """Look for everybody: whoever looked alone would make a hundred times the work of it.

        Traefik takes over whole files, in their order, so the newest route stands for all that
        were written before it.
        """
        while self._unseen:
            written = dict(self._unseen)
            newest = next(reversed(written))
            await exponential_backoff(
                partial(self._is_there_or_given_up, newest),
                "not ready",
                start_wait=_INTERVAL,
                scale_factor=1.1,
                max_wait=_LONGEST_INTERVAL,
                timeout=2 * self.check_route_timeout,
            )
            if self._unseen.get(newest) is written[newest]:
                for route, seen in written.items():
                    if self._unseen.get(route) is seen:
                        del self._unseen[route]
                        seen.set_result(None)

    async def _is_there_or_given_up(self, routespec: str) -> bool:
        if routespec not in self._unseen:
            return True
        return bool(await self._check_for_traefik_service(routespec, "router"))

    def _start_traefik(self) -> None:
        # as TraefikProxy does it, with ours in front
        configuration = str(Path(self.static_config_file).absolute())
        self.traefik_process = Popen(
            child_command("traefik", "--configfile", configuration),
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
