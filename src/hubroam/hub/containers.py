"""Sessions in containers, by DockerSpawner, beside those that are processes of this machine."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import docker.errors
from dockerspawner import DockerSpawner
from jupyterhub.utils import exponential_backoff
from traitlets import Bool, Integer, default

from hubroam.environments import Image
from hubroam.environments.containers.engine import HARDENED, HUB_LABEL, user_of
from hubroam.environments.containers.packing import pack
from hubroam.errors import LaunchError
from hubroam.hub import activity
from hubroam.hub.ports import free_port
from hubroam.hub.sessions import Session
from hubroam.hub.spawner import SessionSpawner

_EXECUTOR = ThreadPoolExecutor(8, thread_name_prefix="containers")

# Seconds between looks at a server in a container, which cannot say when it listens.
_INTERVAL = 0.2
# Seconds for a connection to a container.
_PATIENCE = 1.0

# JupyterLab, or the notebook in an image that has nothing else; their arguments follow.
_PLAIN = 'command -v jupyter-lab >/dev/null && exec jupyter-lab "$@"; exec jupyter-notebook "$@"'


class ContainerSpawner(DockerSpawner):
    """DockerSpawner with hubroam's defaults; an operator's ``c.DockerSpawner`` counts too.

    It starts what a session's record says, and nothing that a server's options ask for.
    """

    pids_limit = Integer(1024, config=True, help="Processes that a container may have.")

    if TYPE_CHECKING:  # DockerSpawner's own, which have no types
        volumes: dict[str, Any]
        extra_create_kwargs: dict[str, Any]
        extra_host_config: dict[str, Any]

    _session: Session | None = None

    @property
    def executor(self) -> ThreadPoolExecutor:
        """Who waits for the engine; DockerSpawner's one thread would stop one after the other."""
        return _EXECUTOR

    @default("remove")
    def _default_remove(self) -> bool:
        return True

    @default("pull_policy")
    def _default_pull_policy(self) -> str:
        return "skip"  # the builder has it here

    @default("mem_limit")
    def _default_mem_limit(self) -> str:
        return "2G"

    @default("name_template")
    def _default_name_template(self) -> str:
        return "{prefix}-{username}--{servername}"

    @default("default_url")
    def _default_url(self) -> str:
        return "/lab"

    @default("apply_user_options")
    def _apply_user_options(self) -> Any:
        return lambda spawner, options: None

    @property
    def _image(self) -> Image:
        assert self._session  # noqa: S101 (`serve` set both)
        assert self._session.image  # noqa: S101
        return Image(**self._session.image)

    def serve(self, session: Session) -> None:
        """Take what is to be started."""
        self._session = session
        image = self._image
        self.image = image.id
        self.cmd = ["jupyterhub-singleuser"]
        if image.server == "plain":
            self.cmd = ["/bin/sh", "-c", _PLAIN, "jupyter"]
        if self.network_name == "host":
            self.ip, self.port = "127.0.0.1", free_port()
            self.use_internal_ip = True  # no port is to be published
        if not session.temporary and image.folder not in ("", "/"):
            # the engine fills a new volume with what the image has there
            self.volumes = {**self.volumes, self.volume_name(session.id): image.folder}

    def volume_name(self, session_id: str) -> str:
        """The volume with a signed-in reader's files of a session."""
        return f"{self.prefix}-{session_id}"

    def get_args(self) -> list[str]:
        """What the server is told on its command line."""
        args = list(super().get_args())
        session = self._session
        if session and session.page:
            args.append(f"--ServerApp.allow_origin={session.page}")
        if session and self._image.server == "plain":
            args += [
                f"--ServerApp.ip={self.ip}",
                f"--ServerApp.port={self.port}",
                f"--ServerApp.base_url={self.server.base_url}",
                "--ServerApp.allow_remote_access=True",
                "--ServerApp.open_browser=False",
            ]
        return args

    def get_env(self) -> dict[str, str]:
        """All of the server's variables that are not the image's own."""
        env: dict[str, str] = super().get_env()
        session = self._session
        if session is None:
            return env
        env.update(session.variables)
        if session.temporary or session.page:
            env["JUPYTERHUB_ALLOW_TOKEN_IN_URL"] = "1"  # noqa: S105 (a switch)
        if self._image.server == "plain":
            env = {name: value for name, value in env.items() if "JUPYTERHUB" not in name}
            env.pop("JPY_API_TOKEN", None)
            env["JUPYTER_TOKEN"] = session.token
        return env

    async def create_object(self) -> Any:
        """Make the container: of nobody's privileges, with limits, labelled as this hub's."""
        self.extra_create_kwargs = {
            "labels": {HUB_LABEL: self.prefix},
            "user": user_of(self._image.user),
            **self._eval_if_callable(self.extra_create_kwargs),
        }
        self.extra_host_config = {
            **HARDENED,
            "pids_limit": self.pids_limit,
            # what it says when it ends at once would be gone with it; `stop` removes it
            "auto_remove": False,
            "init": True,
            **self._eval_if_callable(self.extra_host_config),
        }
        wanted = await self._lacks_content()
        made = await super().create_object()
        if wanted:
            await self._lay_content(made[self.object_id_key])
        return made

    async def _lacks_content(self) -> bool:
        """Whether the image has not all that the session is to have, and the reader not either."""
        session = self._session
        if session is None or not session.content:
            return False
        if session.temporary:
            return True
        try:
            await self.docker("inspect_volume", self.volume_name(session.id))
        except docker.errors.NotFound:
            return True
        return False  # it has what the reader made of it

    async def _lay_content(self, container_id: str) -> None:
        """Put the session's checkout where the image's programs start."""
        assert self._session  # noqa: S101 (`_lacks_content` said so)
        with TemporaryFile() as archive:
            content, owner = Path(self._session.content), user_of(self._image.user)
            await asyncio.to_thread(pack, content, archive, owner)
            await self.docker("put_archive", container_id, self._image.folder or "/", archive)

    async def get_ip_and_port(self) -> tuple[str, int]:
        """Where the hub's proxy finds the server."""
        if self.network_name == "host":
            return "127.0.0.1", self.port
        ip, port = await super().get_ip_and_port()
        return str(ip), int(port)

    async def start(self) -> tuple[str, int]:
        """Start the container and wait until its server listens.

        Raises:
            LaunchError: It ended before.
        """
        ip, port = await super().start()

        async def listens_or_ended() -> bool:
            return await self.poll() is not None or await _listens(ip, port)

        await exponential_backoff(
            listens_or_ended,
            "The server did not answer in time.",
            start_wait=_INTERVAL,
            max_wait=_INTERVAL,
            timeout=self.http_timeout,
        )
        if await self.poll() is not None:
            said: bytes = await self.docker("logs", self.container_id, tail=20)
            text = said.decode(errors="replace")
            self.log.error("The container of %s ended:\n%s", self._log_name, text)
            await self.stop()
            raise LaunchError(
                "The session's server ended while it started.",
                next_step="Tell the book's author: the recipe's image starts no Jupyter server, "
                "or one that fails; the hub's log says why.",
            )
        return ip, port

    async def remove_volume(self, session_id: str) -> None:
        """Remove what a session of a signed-in reader has kept, if there is anything."""
        with suppress(docker.errors.NotFound):
            await self.docker("remove_volume", self.volume_name(session_id))


async def _listens(host: str, port: int) -> bool:
    """Whether something listens there; the address of a container that ended answers nothing."""
    try:
        async with asyncio.timeout(_PATIENCE):
            _, writer = await asyncio.open_connection(host, port)
    except OSError:  # TimeoutError is one
        return False
    writer.close()
    return True


class NoImage(LaunchError):
    """A server was asked for by itself, and there is no image for it."""

    @property
    def jupyterhub_message(self) -> str:
        """What JupyterHub's page of a server that does not start says."""
        return f"{self.message} {self.next_step}"


class EitherSpawner(SessionSpawner):
    """Starts each session where its environment is: on this machine, or in a container."""

    local = Bool(
        True, config=True, help="Whether servers may be processes of this machine; the hub sets it."
    )

    _container: ContainerSpawner | None = None
    _starting_container = False

    def _make_container(self) -> ContainerSpawner:
        container: ContainerSpawner = self.user._new_spawner(
            self.name, spawner_class=ContainerSpawner, user_options={}
        )
        container.http_timeout = self.http_timeout
        return container

    def _wanted(self) -> Session | None:
        """The session that this server was asked for.

        Raises:
            LaunchError: It is not there, or not this user's.
        """
        if self.session_id is None:
            return None
        return self.sessions.load(self.session_id, user=self.user.name)

    async def start(self) -> Any:
        """Start the server and wait until it listens.

        Raises:
            LaunchError: The session is not there, or its server ended.
        """
        self._container = None
        session = self._wanted()
        if session is not None and session.image is not None:
            container = self._container = self._make_container()
            for name in ("api_token", "admin_access", "handler", "cert_paths"):
                setattr(container, name, getattr(self, name))
            container.serve(session)
            self._starting_container = True
            try:
                return await container.start()
            except docker.errors.ImageNotFound:
                raise LaunchError(
                    "The image of this session is not kept any more.",
                    next_step="Launch it again from the book's page.",
                ) from None
            finally:
                self._starting_container = False
        if not self.local:
            raise NoImage(
                "This hub runs servers in containers only, and for a repository's image each.",
                next_step="Open a launch link of a book.",
            )
        return await super().start()

    async def poll(self) -> Any:
        """Whether the server runs: None, or how it ended, after which nothing is left of it."""
        if self._container is None:
            return await super().poll()
        status = await self._container.poll()
        if not self._starting_container:
            if status is None:
                await self._note_activity()
            else:
                await self.stop()
        return status

    async def _note_activity(self) -> None:
        """Ask a server that does not tell the hub whether it is used."""
        with suppress(LaunchError):
            session = self._wanted()
            if session is None or not session.token or self.server is None:
                return
            when = await activity.last_activity(self.server.url, session.token)
            if when is not None and activity.note(self.orm_spawner, when):
                self.db.commit()

    async def stop(self, now: bool = False) -> None:
        """Stop the server, and remove its container."""
        if self._container is None:
            await super().stop(now)
            return
        container, self._container = self._container, None
        if container.object_id:  # else it was never made, or is gone
            await container.stop(now)

    def get_state(self) -> dict[str, Any]:
        """What finds the server again when the hub was started again."""
        state = super().get_state()
        if self._container is not None:
            state.update(self._container.get_state(), container=True)
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        """Find the server again."""
        super().load_state(state)
        if state.get("container"):
            self._container = self._make_container()

    def clear_state(self) -> None:
        """Forget the server."""
        super().clear_state()
        self._container = None

    def delete_forever(self) -> Any:
        """Remove the session's folder, and what its container has kept; JupyterHub awaits it."""
        return self._delete_forever()

    async def _delete_forever(self) -> None:
        with suppress(LaunchError):
            session = self._wanted()
            if session is not None and session.image is not None and not session.temporary:
                await self._make_container().remove_volume(session.id)
        super().delete_forever()
