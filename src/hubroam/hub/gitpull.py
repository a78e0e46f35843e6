"""nbgitpuller's links on this hub: they open in the environment of the repository's recipe."""

from __future__ import annotations

from urllib.parse import quote

from jupyterhub.handlers.base import UserRedirectHandler

from hubroam.errors import HubroamError
from hubroam.launchlink import LaunchLink


class GitPullHandler(UserRedirectHandler):
    """``/hub/user-redirect/git-pull?repo=…``: goes to the launch page of the repository.

    What the Binder service cannot open, and everything where an operator has set
    ``JupyterHub.user_redirect_hook``, goes where JupyterHub sends it: to the reader's own server.
    """

    def initialize(self, providers: tuple[str, ...]) -> None:
        """Take the prefixes of the providers that the Binder service serves."""
        self._providers = providers

    async def get(self) -> None:
        """Redirect."""
        try:
            url = f"http://hub.invalid/hub/user-redirect/git-pull?{self.request.query}"
            link = LaunchLink.parse(url)
        except HubroamError:
            link = None
        served = link and link.spec and link.spec.provider in self._providers
        if not link or not served or self.app.user_redirect_hook:
            await super().get("git-pull")
            return
        path = link.urlpath or "lab"
        if link.labpath:
            path = f"lab/tree/{quote(link.labpath)}"
        elif link.filepath:
            path = f"tree/{quote(link.filepath)}"
        self.redirect(f"{self.base_url}v2/{link.spec}?urlpath={quote(path, safe='')}")
