"""The answers that are no launch."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from tornado.web import HTTPError

from hubroam import __version__
from hubroam.binder.base import BaseHandler
from hubroam.environments.r import RENV_LOCK
from hubroam.errors import EnvironmentNotFound, LaunchError
from hubroam.profile import KEY
from hubroam.roam import bookmarklet_page, files, page, user_script
from hubroam.spec import BinderSpec

_KINDS = {".toml": "application/toml", ".json": "application/json"}
# Free space, in bytes, under which the hub says that it is not well.
_LOW_DISK = 200 * 2**20
# The roam page asks the hub that a reader names, whichever that is; the rest is in the page.
_ROAM_POLICY = "frame-ancestors 'none'"


class VersionsHandler(BaseHandler):
    """``/versions``: that a Binder service is here; readable from any page."""

    open_to_all = True

    def get(self) -> None:
        """Answer with the versions."""
        self.finish(
            {
                "builder_info": {"builder": self.service.builds.builder.name},
                "binderhub": f"hubroam-{__version__}",
                "hubroam": __version__,
                KEY: self.service.profile,
            }
        )


class HealthHandler(BaseHandler):
    """``/health``: whether launches can be expected to work."""

    async def get(self) -> None:
        """Answer with the checks; 503 when one fails."""
        checks = [
            {"service": "JupyterHub API", "ok": await self._hub_answers()},
            {"service": "disk", "ok": self._disk_has_room()},
        ]
        ok = all(check["ok"] for check in checks)
        self.set_status(200 if ok else 503)
        self.finish({"ok": ok, "checks": checks})

    async def head(self) -> None:
        """Only the status."""
        await self.get()

    async def _hub_answers(self) -> bool:
        try:
            await self.service.hub.version()
        except LaunchError:
            return False
        return True

    def _disk_has_room(self) -> bool:
        return shutil.disk_usage(self.service.data_dir).free > _LOW_DISK


class MetricsHandler(BaseHandler):
    """``/metrics``: Prometheus text."""

    def get(self) -> None:
        """Answer with all metrics."""
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.finish(generate_latest())


class RepoProvidersHandler(BaseHandler):
    """``/api/repoproviders``: what is served, for forms that make links."""

    def get(self) -> None:
        """Answer with a list of providers."""
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(self.service.launcher.finder.providers.describe()))


class RepoHandler(BaseHandler):
    """``/repo/<user>/<repo>``: BinderHub's oldest links."""

    def get(self, name: str) -> None:
        """Redirect to the launch page of the repository's HEAD."""
        spec = BinderSpec.parse(f"gh/{name}/HEAD")
        self.redirect(f"{self.base_path}v2/{spec}")


class EnvironmentHandler(BaseHandler):
    """``/environments/<digest>``: what was really installed."""

    def get(self, digest: str, part: str | None = None) -> None:
        """Answer with the environment's lock file or one of its parts, or with its build's log."""
        store = self.service.store
        environment = store.get(digest)
        if part == "log":
            path = store.log_path(digest)
            self.set_header("Content-Type", "text/plain; charset=utf-8")
        else:
            path = environment.lock if environment else Path()
            path = path.with_name(part) if part and environment else path
            kind = _KINDS.get(path.suffix, "text/plain")
            kind = _KINDS[".json"] if path.name == RENV_LOCK else kind
            self.set_header("Content-Type", f"{kind}; charset=utf-8")
        if not path.is_file():
            raise EnvironmentNotFound(
                f"No environment {digest[:12]}… is kept on this hub.",
                next_step="Launch the book that needs it; it is built then.",
            )
        self.finish(path.read_bytes())


class BadgeHandler(BaseHandler):
    """``/badge.svg`` and ``/badge_logo.svg``."""

    def initialize(self, folder: Path) -> None:
        """Take the folder of the images."""
        self._folder = folder

    def get(self, name: str) -> None:
        """Answer with the image."""
        self.set_header("Content-Type", "image/svg+xml")
        self.set_header("Cache-Control", "public, max-age=3600")
        self.finish((self._folder / name).read_bytes())


class RoamHandler(BaseHandler):
    """``/roam``: the page whose links go to each reader's own hub."""

    def get(self) -> None:
        """Answer with the page; it may ask any hub what it is."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", _ROAM_POLICY)
        service = self.service
        self.finish(page(assets=f"{service.prefix}roam/", hub=service.hub_base))


class RoamFileHandler(BaseHandler):
    """``/services/binder/roam/<file>``: what the roam page loads, and the bookmarklet's page."""

    def get(self, name: str) -> None:
        """Answer with the file."""
        content = self._made(name)
        if content is None:
            content = files().get(name)
            self.set_header("Cache-Control", "public, max-age=3600")
        if content is None:
            raise HTTPError(404)
        kinds = {".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html"}
        kind = kinds.get(Path(name).suffix, "text/javascript")
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        if kind == "text/html":
            self.set_header("Content-Security-Policy", _ROAM_POLICY)  # the rest is in the page
        self.finish(content)

    def _made(self, name: str) -> bytes | None:
        """What is made for this hub; None for all other files."""
        if name == "bookmarklet.html":
            return bookmarklet_page(roam=f"{self.service.hub_base}roam", user_script=True)
        return user_script(f"{self.public_host}roam") if name == "hubroam.user.js" else None


class NotFoundHandler(BaseHandler):
    """Everything else."""

    def prepare(self) -> None:
        """Say so."""
        raise HTTPError(404)
