"""The service's addresses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from jupyterhub.services.auth import HubOAuthCallbackHandler
from tornado.web import StaticFileHandler

from hubroam.binder.handlers import (
    BadgeHandler,
    EnvironmentHandler,
    HealthHandler,
    MetricsHandler,
    RepoHandler,
    RepoProvidersHandler,
    RoamFileHandler,
    RoamHandler,
    VersionsHandler,
)
from hubroam.binder.labfiles import LabFileHandler
from hubroam.binder.launching import BuildHandler, LaunchPageHandler
from hubroam.environments.lock import EXPLICIT, PYLOCK
from hubroam.environments.r import RENV_LOCK
from hubroam.hub.defaults import lab_folder
from hubroam.resources import web_folder


def routes(hub_base: str, prefix: str, static: Path, compressed: Path) -> list[tuple[Any, ...]]:
    """The service's routes, each at the hub's root and under the service's own prefix.

    Args:
        hub_base: JupyterHub's base URL.
        prefix: The service's prefix.
        static: The folder of the page's files.
        compressed: The folder with compressed copies of JupyterLab's files.
    """
    at = f"(?:{re.escape(prefix)}|{re.escape(hub_base)})"
    parts = "|".join(map(re.escape, ("log", PYLOCK, EXPLICIT, RENV_LOCK)))
    return [
        (f"{at}versions/?", VersionsHandler),
        (f"{at}health/?", HealthHandler),
        (f"{at}metrics/?", MetricsHandler),
        (f"{at}api/repoproviders/?", RepoProvidersHandler),
        (f"{at}repo/([^/]+/[^/]+?)/?", RepoHandler),
        (f"{at}environments/([0-9a-f]{{64}})(?:/({parts}))?/?", EnvironmentHandler),
        (f"{at}(badge(?:_logo)?\\.svg)/?", BadgeHandler, {"folder": static}),
        (f"{at}roam/?", RoamHandler),
        (f"{re.escape(prefix)}roam/([\\w-]+(?:\\.user)?\\.(?:html|js|css|svg))", RoamFileHandler),
        (f"{at}v2/.+", LaunchPageHandler),
        (f"{at}build/.+", BuildHandler),
        (
            f"{re.escape(prefix)}lab/([\\w.-]+)",
            LabFileHandler,
            {"path": str(lab_folder()), "compressed": str(compressed)},
        ),
        (f"{re.escape(prefix)}oauth_callback", HubOAuthCallbackHandler),
        (f"{re.escape(prefix)}static/web/(\\w+\\.js)", StaticFileHandler, {"path": web_folder()}),
        (f"{re.escape(prefix)}static/(.*)", StaticFileHandler, {"path": static}),
    ]
