"""`hubroam up`: JupyterHub with hubroam's defaults, an operator's configuration over them."""

from __future__ import annotations

import asyncio
import gc
import json
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from filelock import Timeout
from jupyterhub.app import JupyterHub
from jupyterhub.utils import url_path_join
from sqlalchemy.exc import SQLAlchemyError
from tmpauthenticator import TmpAuthenticator
from tornado.ioloop import IOLoop
from traitlets import Integer, Unicode
from traitlets.config import LazyConfigValue

from hubroam import __version__
from hubroam.environments import make_builder
from hubroam.errors import ConfigurationError, DiskFull, HubroamError, UnsafeAddress
from hubroam.hub import defaults
from hubroam.hub.database import commit_without_waiting
from hubroam.hub.discovery import answer_with
from hubroam.hub.engine import Containers, containers
from hubroam.hub.gitpull import GitPullHandler
from hubroam.hub.guard import guard
from hubroam.hub.ports import free_port, is_loopback, port_is_free
from hubroam.hub.spawner import SessionSpawner
from hubroam.hub.state import folder_lock, forget_state, write_state
from hubroam.hub.warm.stack import warm_stack
from hubroam.profile import BINDER_OF_OURS, GIT_PULL, LIVE, HubProfile
from hubroam.providers import Providers

#: The classes of the Binder service: what an operator's file sets on them is handed to it.
BINDER_CLASSES = (
    "BinderService",
    "Providers",
    "RepoProvider",
    "GitRefProvider",
    "HostedProvider",
    "GitProvider",
    "GitHubProvider",
    "GitLabProvider",
    "GistProvider",
    "ArchiveProvider",
    "DoiProvider",
    "ZenodoProvider",
    "FigshareProvider",
    "DataverseProvider",
    "HydroShareProvider",
    "CKANProvider",
    "SWHIDProvider",
    "LocalBuilder",
    "ContainerBuilder",
    "ContainerEngine",
)

_PORT = 8000
# Bytes without which not even the database can be written to.
_LEAST_ROOM = 8 * 2**20


class HubroamHub(JupyterHub):
    """JupyterHub and the Binder service on one origin.

    Attributes:
        data_dir: Where everything that the hub keeps is.
        session_timeout: Seconds after which an idle temporary session ends.
    """

    name = "hubroam"

    data_dir = Unicode(config=True, help="The folder in which the hub keeps all it keeps.")
    session_timeout = Integer(
        3600, config=True, help="Seconds after which an idle temporary session ends."
    )

    operator_config = Unicode(help="An operator's jupyterhub_config.py, or nothing.")
    listen_host = Unicode(help="The address that the command line names, or nothing.")
    if TYPE_CHECKING:  # JupyterHub's own, which have no types
        bind_url: str
        subdomain_host: str
        services: list[dict[str, Any]]
        load_roles: list[dict[str, Any]]
        template_paths: list[str]

    containers: Containers | None = None

    listen_port = Integer(None, allow_none=True, help="The port that the command line names.")

    def load_config_file(self, filename: str, path: str | None = None) -> None:
        """Load hubroam's defaults, the operator's file, then the command line.

        Each wins over the one before.  JupyterHub's own ``jupyterhub_config.py`` of the working
        folder is passed over: a hub must not depend on where it was started.

        Raises:
            ConfigurationError: The folder is in use, the port is taken.
            UnsafeAddress: The hub would listen where others than this machine reach it.
        """
        folder = Path(self.data_dir)
        stock = defaults.default_config(folder)
        self.update_config(stock)
        if self.operator_config:
            super().load_config_file(self.operator_config)
        self.update_config(self.cli_config)
        self._set_address()
        self._check_address()
        self.containers = containers(self.config, stock, folder, self.log)
        if self.containers is not None:
            self.update_config(self.containers.config)
        self._add_binder(folder)
        self._add_templates()

    def _set_address(self) -> None:
        """Decide where to listen: the command line, else the operator's file, else loopback."""
        file = self.config.JupyterHub
        parts = urlsplit(self.bind_url)
        named = "bind_url" in file
        # http://:8000 names every address, as JupyterHub reads it, and so does an empty ip
        host = self.listen_host or (parts.hostname if named else file.get("ip", "127.0.0.1")) or ""
        port = self.listen_port
        if port is None:
            port = (parts.port if named else file.get("port")) or _PORT
        netloc = f"[{host}]" if ":" in host else host
        self.bind_url = urlunsplit(
            (parts.scheme, f"{netloc}:{port or free_port()}", self.base_url, "", "")
        )

    def _check_address(self) -> None:
        address = urlsplit(self.bind_url)
        host = address.hostname or ""
        if not is_loopback(host):
            raise UnsafeAddress(
                f"hubroam does not listen on {host or 'every address'}: its sessions are not "
                "sandboxed yet, so whoever reaches the hub could run programs as its user.",
                next_step="Use 127.0.0.1; to reach the hub from another machine, "
                "tunnel to it (ssh -L).",
            )
        if address.port and not port_is_free(host, address.port):
            raise ConfigurationError(
                f"Port {address.port} on {host} is in use.",
                next_step="Stop what uses it, or choose another one with --port.",
            )

    @property
    def temporary(self) -> bool:
        """Whether readers get a temporary user each, because nobody signs in here."""
        return issubclass(self.authenticator_class, TmpAuthenticator)

    def _add_binder(self, folder: Path) -> None:
        """Add the Binder service to whatever services, roles and routes the operator has."""
        url = f"http://127.0.0.1:{free_port()}"
        config_file = folder / "binder.json"
        self._write_binder_config(config_file)
        services = [defaults.binder_service(url, config_file, temporary=self.temporary)]
        roles = [defaults.binder_role(temporary=self.temporary)]
        if self.temporary:
            services.append(defaults.culler_service(self.session_timeout))
            roles.append(defaults.culler_role())
        else:
            roles.append(defaults.user_role(self.load_roles))
        self.services = [*self.services, *services]
        names = {role["name"] for role in roles}
        self.load_roles = [*(r for r in self.load_roles if r.get("name") not in names), *roles]
        routes = {f"{url_path_join(self.base_url, r)}/": url for r in defaults.BINDER_ROUTES}
        shared = not self.subdomain_host and defaults.lab_folder().is_dir()
        if shared and "lab_url" not in self.config.SessionSpawner:
            lab = url_path_join(self.base_url, "services/binder/lab/")
            self.config.SessionSpawner.lab_url = lab
        own = self.config.Proxy.get("extra_routes", {})
        if isinstance(own, LazyConfigValue):  # the operator wrote c.Proxy.extra_routes.update(…)
            own = own.get_value({})
        self.config.Proxy.extra_routes = {**routes, **own}

    def _add_templates(self) -> None:
        """JupyterHub's pages with ours around them; an operator's own templates win over both."""
        stock = self._template_paths_default()
        own = [path for path in self.template_paths if path not in stock]
        self.template_paths = [*own, str(Path(__file__).parent / "templates"), *stock]

    def profile(self) -> HubProfile:
        """What the hub says of itself to every page that asks."""
        service = self.config.get("BinderService", {})
        return HubProfile(
            name=service.get("hub_name", "hubroam"),
            software="hubroam",
            version=__version__,
            launch=(
                replace(
                    BINDER_OF_OURS,
                    providers=tuple(Providers(config=self.config).served),
                    recipes=make_builder(self._builder, config=self.config).recipe_files,
                ),
                GIT_PULL,
                replace(LIVE, providers=tuple(Providers(config=self.config).served)),
            ),
            logo="hub/logo",
            login=not self.temporary,
            sessions="temporary" if self.temporary else "kept",
        )

    def init_db(self) -> None:
        """Connect to the database."""
        commit_without_waiting()
        super().init_db()

    def init_handlers(self) -> None:
        """JupyterHub's handlers: one says more, and nbgitpuller's links get their environment."""
        profile = self.profile()
        answer_with(profile)
        super().init_handlers()
        route = f"{self.hub_prefix}user-redirect/git-pull"
        served = {"providers": profile.launch[0].providers}
        self.handlers.insert(0, (route, GitPullHandler, served))
        if self.containers is not None:
            self.handlers.insert(0, guard(self.hub_prefix))

    def _write_binder_config(self, path: Path) -> None:
        """Hand the service its part of the configuration, and no secret of the hub's."""
        config = {name: dict(self.config[name]) for name in BINDER_CLASSES if name in self.config}
        service = config.setdefault("BinderService", {})
        service.setdefault("data_dir", self.data_dir)
        service.setdefault("temporary_users", self.temporary)
        service["builder"] = self._builder
        service["profile"] = self.profile().to_json()
        path.touch(mode=0o600)
        try:
            path.write_text(json.dumps(config, indent=2))
        except TypeError as error:
            raise ConfigurationError(
                f"A setting of the Binder service is not plain data: {error}.",
                next_step="Use strings, numbers, lists and dictionaries for "
                + ", ".join(BINDER_CLASSES)
                + ".",
            ) from None

    async def start(self) -> None:
        """Start everything, then say where the hub is on standard output."""
        if issubclass(self.spawner_class, SessionSpawner) and self._warm:
            warm_stack().start()
        await super().start()
        # what is here now stays: to look for garbage in it took a third of a second each time
        gc.freeze()
        url = self.public_hub_url
        write_state(Path(self.data_dir), url=url, hub_bind_url=self.hub_bind_url)
        print(f"ready: {url}", flush=True)

    async def cleanup(self) -> None:
        """Stop everything."""
        await super().cleanup()
        warm_stack().stop()
        if self.containers is not None:
            with suppress(HubroamError):
                await asyncio.to_thread(self.containers.remove)

    @property
    def _builder(self) -> str:
        return self.containers.builder if self.containers is not None else "local"

    @property
    def _warm(self) -> bool:
        return bool(self.config.SessionSpawner.get("warm", SessionSpawner.warm.default_value))

    @property
    def public_hub_url(self) -> str:
        """Where a browser finds the hub."""
        return str(url_path_join(self.bind_url.rstrip("/"), "/"))

    async def launch_instance_async(self, argv: list[str] | None = None) -> None:
        """Start, and turn what an operator can mend into a sentence instead of a traceback."""
        try:
            await self.initialize(argv)
            await self.start()
        except (HubroamError, SQLAlchemyError, OSError) as error:
            known = error if isinstance(error, HubroamError) else _trouble(error)
            print(f"{known.message}\n{known.next_step}", file=sys.stderr)
            self.log.debug("The hub could not start", exc_info=error)
            await self._give_up()
        except SystemExit:  # JupyterHub's own way, when a service or the proxy does not start
            print("The hub did not start; what is above says why.", file=sys.stderr)
            await self._give_up()
        except Exception:
            self.log.exception("The hub could not start")
            await self._give_up()

    async def _give_up(self) -> None:
        """Stop what was started before something failed, and exit."""
        with suppress(Exception):  # parts that never came to be
            await self.cleanup()
        sys.exit(1)


def _trouble(error: SQLAlchemyError | OSError) -> ConfigurationError:
    """What an operator can do about a database or a file that cannot be used."""
    if isinstance(error, OSError):
        where = f" {error.filename}" if error.filename else ""
        return ConfigurationError(
            f"The hub cannot start: {error.strerror or error}{where}.",
            next_step="Mend that, or name another data folder with --data-dir.",
        )
    return ConfigurationError(
        f"The hub's database cannot be used: {getattr(error, 'orig', None) or error}.",
        next_step="If its disk is full, make room; if it is damaged, restore it, or move it away: "
        "then a new one is made, and the hub knows its users and sessions no more.",
    )


def run(
    data_dir: Path,
    *,
    host: str | None = None,
    port: int | None = None,
    config: Path | None = None,
    arguments: Sequence[str] = (),
) -> None:
    """Run the hub until it is interrupted.

    Args:
        data_dir: Where everything that the hub keeps is; made when it is missing.
        host: The address to listen on; None leaves it to the configuration, then 127.0.0.1.
        port: The port to listen on; 0 takes a free one, None as with `host`, then 8000.
        config: An ordinary ``jupyterhub_config.py``.
        arguments: JupyterHub's own command-line arguments, such as ``--debug``.

    Raises:
        ConfigurationError: Another hub uses the folder.
        DiskFull: There is no room in it.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if shutil.disk_usage(data_dir).free < _LEAST_ROOM:
        raise DiskFull(
            f"The disk of the data folder {data_dir} is full.",
            next_step="Make room, or name a folder on another disk with --data-dir.",
        )
    lock = folder_lock(data_dir)
    try:
        lock.acquire()
    except Timeout:
        raise ConfigurationError(
            f"Another hub uses the data folder {data_dir}.",
            next_step="Stop it, or name another folder with --data-dir.",
        ) from None
    # a hub that was killed leaves its proxy's rules, in which its own password counts
    shutil.rmtree(data_dir / "proxy", ignore_errors=True)
    (data_dir / "proxy").mkdir(mode=0o700)
    app = HubroamHub.instance(
        data_dir=str(data_dir),
        operator_config=str(config or ""),
        listen_host=host or "",
        listen_port=port,
    )
    try:
        app._init_asyncio_patch()
        loop = IOLoop(make_current=False)
        loop.run_sync(partial(app.launch_instance_async, list(arguments)))
        loop.start()
    finally:
        forget_state(data_dir)
        lock.release()
