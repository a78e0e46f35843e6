"""JupyterHub as it is installed, in the version that some Python has, without hubroam's parts."""

from __future__ import annotations

import json
import os
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path

import httpx

from hubroam.hub.ports import free_port
from support.logged import LoggedProgram, environment_of

_CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}{base}"
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
c.JupyterHub.services = [{{"name": "tests", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [{{"name": "tests", "services": ["tests"],
    "scopes": ["admin:users", "servers", "access:servers", "tokens"]}}]
{more}
"""


class StockHub(LoggedProgram):
    """A JupyterHub with a dummy authenticator and simple local servers.

    Args:
        folder: Everything that it writes goes there; its log is ``log``.
        python: Whose JupyterHub, Traefik and single-user servers are used.
        base: Its base URL, with a slash at both ends.
        config: More lines of its configuration.
        environment: Its variables; those of this process if left out.

    Attributes:
        url: Where; ends in a slash.
        token: Of a service that may make users, servers and tokens, and open servers.
        api: A client of ``/hub/api/`` with that token.
    """

    def __init__(
        self,
        folder: Path,
        *,
        python: Path | str = sys.executable,
        base: str = "/",
        config: str = "",
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}{base}"
        self.token = uuid.uuid4().hex
        self.api = httpx.Client(
            base_url=f"{self.url}hub/api/",
            headers={"Authorization": f"token {self.token}"},
            timeout=120,
        )
        variables = environment_of(python, environment)
        (folder / "homes").mkdir(parents=True)
        (folder / "jupyterhub_config.py").write_text(
            _CONFIG.format(
                port=port,
                base=base,
                hub_port=free_port(),
                api_port=free_port(),
                folder=folder,
                arguments=["--allow-root"] if os.geteuid() == 0 else [],
                path=variables["PATH"],
                token=self.token,
                more=config,
            )
        )
        super().__init__(
            [str(python), "-m", "jupyterhub", "--config", "jupyterhub_config.py"],
            ready="JupyterHub is now running",
            folder=folder,
            environment=variables,
        )

    def __exit__(self, *_: object) -> None:
        self.api.close()
        super().__exit__()

    def start(self, name: str) -> None:
        """Make a user and start their server; comes back when it answers."""
        self.api.post("users", json={"usernames": [name]}).raise_for_status()
        self.api.post(f"users/{name}/server").raise_for_status()
        with self.api.stream("GET", f"users/{name}/server/progress") as answer:
            events = (
                json.loads(line[5:]) for line in answer.iter_lines() if line.startswith("data:")
            )
            ready = next(event for event in events if event.get("ready") or event.get("failed"))
        assert not ready.get("failed"), ready

    def stop(self, name: str) -> None:
        """Stop a user's server."""
        self.api.delete(f"users/{name}/server")

    def token_of(self, name: str, *scopes: str) -> str:
        """A token of a user, with all that the user may do or with some scopes only."""
        wanted = {"scopes": list(scopes)} if scopes else {}
        answer = self.api.post(f"users/{name}/tokens", json=wanted)
        answer.raise_for_status()
        return str(answer.json()["token"])
