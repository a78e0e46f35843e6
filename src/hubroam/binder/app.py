"""The Binder service as a program: its settings, its parts, its life."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import signal
import sys
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from jinja2 import Environment as Templates
from jinja2 import PackageLoader
from tornado.httpserver import HTTPServer
from tornado.web import Application as WebApplication
from traitlets import Bool, CaselessStrEnum, Dict, Integer, List, Unicode
from traitlets.config import Application

from hubroam.binder.finder import Finder
from hubroam.binder.handlers import NotFoundHandler
from hubroam.binder.hubapi import HubApi
from hubroam.binder.labfiles import compress
from hubroam.binder.launcher import Launcher
from hubroam.binder.opener import Opener
from hubroam.binder.ratelimit import RateLimiter
from hubroam.binder.routes import routes
from hubroam.binder.starter import SessionStarter
from hubroam.binder.startqueue import StartQueue
from hubroam.binder.workplace import Workplace
from hubroam.environments import Builds, EnvironmentStore, LocalBuilder, make_builder
from hubroam.environments.compiling import Compiler
from hubroam.errors import HubroamError
from hubroam.hub.defaults import lab_folder
from hubroam.providers import MirrorStore, Providers

# Seconds between looks for what need not be kept.
_COLLECT_INTERVAL = 3600

log = logging.getLogger("hubroam")

STATIC = Path(__file__).parent / "static"


class BinderService(Application):
    """BinderHub's protocol as a service of JupyterHub.

    An operator sets these in ``jupyterhub_config.py``: ``c.BinderService.hub_name = "…"``.
    """

    name = "hubroam-binder"
    aliases: ClassVar = {"config": "BinderService.config_file"}
    classes: ClassVar = [Providers, LocalBuilder]

    config_file = Unicode(config=True, help="The configuration that the hub wrote.")
    data_dir = Unicode(config=True, help="The hub's data folder.")
    hub_name = Unicode("hubroam", config=True, help="What readers know this hub by.")
    temporary_users = Bool(
        True,
        config=True,
        help="Whether each launch gets a temporary user; otherwise readers sign in.",
    )
    profile = Dict(config=True, help="What the hub says of itself; it hands it over.")
    builder = CaselessStrEnum(
        ["local", "container", "auto"],
        "local",
        config=True,
        help="Who builds environments: this machine, a container engine, or the latter what the "
        "first cannot.",
    )
    build_concurrency = Integer(
        os.cpu_count() or 1, config=True, min=1, help="Environments built at the same time."
    )
    start_concurrency = Integer(
        os.cpu_count() or 1,
        config=True,
        min=1,
        help="Sessions that start at the same time; more wait in the order in which they came.",
    )
    rate_limit = Integer(
        10, config=True, min=0, help="Launches an hour for one address; 0 for no limit."
    )
    rate_limit_exempt = List(
        Unicode(),
        ["127.0.0.0/8", "::1/128"],
        config=True,
        help="Addresses and networks without that limit.",
    )
    keepalive_seconds = Integer(25, config=True, min=1, help="Between comments in event streams.")
    hold_seconds = Integer(
        60,
        config=True,
        min=0,
        help="How long an event stream stays open after its last event: a browser asks again, "
        "and would launch again, when the server closes it first.",
    )

    def initialize(self, argv: Any = None) -> None:
        """Read the command line, then the file that it names."""
        super().initialize(argv)
        if self.config_file:
            self.load_config_file(self.config_file)

    def make_web_application(self) -> WebApplication:
        """Put the parts together.

        Returns:
            The Tornado application; `close` ends what it started.
        """
        data_dir = Path(self.data_dir)
        self.secret = secrets.token_bytes(32)
        self.hub_base = os.environ.get("JUPYTERHUB_BASE_URL", "/")
        self.prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX", "/services/binder/")
        self.hub = HubApi(
            os.environ["JUPYTERHUB_API_URL"].rstrip("/") + "/", os.environ["JUPYTERHUB_API_TOKEN"]
        )
        self.store = EnvironmentStore(data_dir / "environments")
        self.compiler = Compiler(self.store)
        self.builds = Builds(
            self.store,
            make_builder(self.builder, parent=self),
            concurrency=self.build_concurrency,
            used=self.compiler.add,
        )
        workplace = Workplace(data_dir)
        self.starter = SessionStarter(self.hub, workplace.sessions)
        providers = Providers(parent=self)
        self.launcher = Launcher(
            finder=Finder(
                providers,
                MirrorStore(data_dir / "repositories", keyring=providers.keyring),
                self.builds.builder,
            ),
            builds=self.builds,
            opener=Opener(workplace, self.starter, StartQueue(self.start_concurrency)),
        )
        self.limiter = RateLimiter(self.rate_limit, 3600, self.rate_limit_exempt)
        templates = Templates(loader=PackageLoader("hubroam.binder"), autoescape=True)
        return WebApplication(
            routes(self.hub_base, self.prefix, STATIC, self._compressed),
            default_handler_class=NotFoundHandler,
            service=self,
            templates=templates,
            cookie_secret=secrets.token_bytes(32),
            log_function=_log_request,
        )

    @property
    def _compressed(self) -> Path:
        return Path(self.data_dir) / "lab"

    def _compress(self) -> None:
        try:
            compress(lab_folder(), self._compressed)
        except OSError as error:
            log.warning("JupyterLab's files are sent as they are: %s", error)

    async def run(self) -> None:
        """Serve until a signal asks to stop, then end builds and sessions that are being made."""
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        address = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
        server = HTTPServer(self.make_web_application(), xheaders=True)
        if self.temporary_users:
            self.starter.sweep()
        server.listen(address.port or 0, address.hostname or "127.0.0.1")
        compressing = asyncio.create_task(asyncio.to_thread(self._compress))
        collecting = asyncio.create_task(self._collect())
        await stopped.wait()
        collecting.cancel()
        server.stop()
        await compressing
        await self.builds.shutdown()
        await self.compiler.shutdown()
        await self.starter.close()
        await self.hub.close()

    async def _collect(self) -> None:
        """Now and then, have the builder remove what need not be kept."""
        while True:
            try:
                gone = await asyncio.to_thread(self.builds.builder.collect, self.store)
            except HubroamError as error:
                log.warning("Nothing is collected: %s", error.message)
            else:
                for name in gone:
                    log.info("Removed the unused %s", name)
            await asyncio.sleep(_COLLECT_INTERVAL)


def _log_request(handler: Any) -> None:
    """One line a request, without its query: a query may hold a token."""
    status = handler.get_status()
    level = logging.INFO if status < 500 else logging.ERROR
    request = handler.request
    log.log(
        level,
        "%d %s %s (%.0f ms)",
        status,
        request.method,
        request.path,
        1000 * request.request_time(),
    )


def main() -> None:
    """Run the service as JupyterHub starts it."""
    logging.basicConfig(
        level=logging.INFO, format="[%(levelname).1s %(asctime)s binder] %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    service = BinderService.instance()
    service.initialize()
    try:
        asyncio.run(service.run())
    except HubroamError as error:
        sys.exit(f"{error.message}\n{error.next_step}")
