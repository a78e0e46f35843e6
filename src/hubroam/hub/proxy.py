"""Traefik, as jupyterhub-traefik-proxy runs it, ended with the hub whatever happens to it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from subprocess import Popen

from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy


class LocalProxy(TraefikFileProviderProxy):
    """Traefik configured by files, as a child that does not outlive the hub."""

    def _start_traefik(self) -> None:
        # as TraefikProxy does it, with ours in front
        child = [sys.executable, "-m", "hubroam.hub.child"]
        traefik = ["traefik", "--configfile", str(Path(self.static_config_file).absolute())]
        self.traefik_process = Popen([*child, *traefik], env={**os.environ, **self.traefik_env})
