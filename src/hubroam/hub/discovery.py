"""The hub's answer to "what kind of hub are you, and how do I launch on you?"."""

from __future__ import annotations

import json
from typing import Any

from jupyterhub import __version__ as jupyterhub_version
from jupyterhub import apihandlers
from jupyterhub.apihandlers.base import APIHandler

from hubroam.profile import KEY, HubProfile


class DiscoveryHandler(APIHandler):
    """``/hub/api/``: JupyterHub's own answer and the hub's profile.

    Every page may read it, without login: it says nothing of who asks. No other answer of the hub
    is opened, and no header names the asker's origin or allows credentials.
    """

    def initialize(self, profile: dict[str, Any]) -> None:
        """Take the profile, as `HubProfile.to_json` makes it."""
        self._profile = profile

    def set_default_headers(self) -> None:
        """JupyterHub's headers, but for who may read: everybody, and nobody with credentials."""
        super().set_default_headers()
        self.set_header("Access-Control-Allow-Origin", "*")
        self.clear_header("Access-Control-Allow-Credentials")

    def check_xsrf_cookie(self) -> None:
        """Nothing here changes anything."""

    async def prepare(self) -> None:
        """Ask nothing of who asks: no cookie is read, so none is set."""

    def get(self) -> None:
        """Answer."""
        self.finish(json.dumps({"version": jupyterhub_version, KEY: self._profile}))

    def options(self) -> None:
        """Answer a preflight: a plain ``GET`` is all that is allowed."""
        self.set_header("Access-Control-Allow-Methods", "GET")
        self.set_header("Access-Control-Allow-Headers", "cache-control")
        self.set_status(204)
        self.finish()


def route(profile: HubProfile) -> tuple[str, type[DiscoveryHandler], dict[str, Any]]:
    """The handler's route below ``/hub``, as Tornado has it."""
    return (r"/api/?", DiscoveryHandler, {"profile": profile.to_json()})


def answer_with(profile: HubProfile) -> None:
    """Let the JupyterHub that is being configured in this process answer with a profile.

    ``JupyterHub.extra_handlers`` would come after JupyterHub's own handler of the same address
    and never be asked, so this one is put before those.
    """
    others = [each for each in apihandlers.default_handlers if each[1] is not DiscoveryHandler]
    apihandlers.default_handlers[:] = [route(profile), *others]
