"""The spawner of the local engine: a session is a process of the hub's own user."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from jupyterhub.spawner import LocalProcessSpawner
from traitlets import Bool, Integer, Unicode, default

from hubroam.environments import session_variables
from hubroam.errors import LaunchError
from hubroam.hub.kernels.ledger import Share, ledger
from hubroam.hub.limits import limit_memory, stand_back
from hubroam.hub.listening import listens
from hubroam.hub.ports import free_port
from hubroam.hub.readiness import VARIABLE as READY
from hubroam.hub.readiness import Readiness
from hubroam.hub.serversettings import SERVER_ARGUMENTS, SERVER_SETTINGS
from hubroam.hub.sessions import (
    KERNELS_VARIABLE,
    NOTEBOOK_VARIABLE,
    Session,
    SessionStore,
    user_folder,
)
from hubroam.hub.warm.child import INHERITED, can_be_forked
from hubroam.hub.warm.messages import ServerRequest
from hubroam.hub.warm.process import ServerProcess, started_at
from hubroam.hub.warm.stack import NotWarm, warm_stack
from hubroam.leftovers import VARIABLE, end_leftovers
from hubroam.network import network_settings


class SessionSpawner(LocalProcessSpawner):
    """Starts the sessions that the Binder service prepared, and plain servers.

    A session's server is hubroam's own Jupyter server, its kernels and lab extensions are the
    recipe's; when the recipe brings server extensions, the server is the recipe's too.
    A server that was asked for without a session is a plain one in a folder of its user.
    """

    data_dir = Unicode(config=True, help="The hub's data folder.")
    warm = Bool(True, config=True, help="Whether servers are forked from a warm parent.")
    lab_url = Unicode(
        config=True,
        help="Where browsers find JupyterLab's files, the same for all sessions, so that they keep "
        "them; empty for each session's own address.",
    )
    first_kernel_spare = Integer(
        1024,
        config=True,
        help="MiB of memory that must be available for a session's first kernel to be started "
        "before its page asks for it; -1 for never.",
    )

    niceness = Integer(
        5,
        min=0,
        max=19,
        config=True,
        help="How much a session lets the hub and its proxy go first when there is more to do than "
        "processors (nice(2)): with 5 it gets a third of what they would get; 0 for as much.",
    )

    warm_kernel_memory = Integer(
        128,
        config=True,
        min=0,
        help="MiB of memory that interpreters which wait to be kernels may take, those of all "
        "sessions together; 0 for none.",
    )

    _session: Session | None = None
    _kernels: Share | None = None
    _process: ServerProcess | None = None  # unless LocalProcessSpawner has it
    _starting = 0  # servers, of all readers together

    def __init__(self, **kwargs: Any) -> None:
        self._descriptors: dict[str, int] = {}  # of a server that starts cold, by variables
        super().__init__(**kwargs)

    @default("default_url")
    def _default_url(self) -> str:
        return "/lab"

    @default("apply_user_options")
    def _apply_user_options(self) -> Any:
        return lambda spawner, options: None  # what there is of them is read by `session_id`

    @default("env_keep")
    def _env_keep(self) -> list[str]:
        # the hub's own virtual environment is not the session's
        return [*INHERITED, *network_settings()]

    @property
    def sessions(self) -> SessionStore:
        """Where the Binder service puts what it prepared."""
        return SessionStore(Path(self.data_dir) / "sessions")

    @property
    def session_id(self) -> str | None:
        """The session that this server was asked for; None for a plain server."""
        value = (self.user_options or {}).get("session")
        return value if isinstance(value, str) else None

    @property
    def _mark(self) -> str:
        """The same for a server before and after the hub was started again."""
        return f"{self.data_dir}:{self.user.name}/{self.name}"

    def get_args(self) -> list[str]:
        """What the server is told on its command line."""
        # the session's user is the hub's, and Jupyter does not run as root unless told to
        root = ["--allow-root"] if os.geteuid() == 0 else []
        page = self._session.page if self._session else None
        live = [f"--ServerApp.allow_origin={page}"] if page else []
        ours = [*SERVER_ARGUMENTS, *self._lab_folders()] if self._is_ours else []
        # beside its variable, which JupyterHub reads when it is imported: before a fork
        token = ["--HubAuth.allow_token_in_url=True"] if self._opens_by_token else []
        return [*super().get_args(), *ours, *root, *live, *token]

    def _lab_folders(self) -> list[str]:
        """JupyterLab finds them when it is imported: before a fork they are the parent's."""
        lab = self._home / ".jupyter" / "lab"
        files = [f"--LabApp.override_static_url={self.lab_url}"] if self.lab_url else []
        return [
            f"--LabApp.user_settings_dir={lab / 'user-settings'}",
            f"--LabApp.workspaces_dir={lab / 'workspaces'}",
            *files,
        ]

    @property
    def _home(self) -> Path:
        if self._session is not None:
            return Path(self._session.content)
        return user_folder(Path(self.data_dir), self.user.name)

    def make_preexec_fn(self, name: str) -> Any:
        """No change of user: a local session runs as the hub does; with its limits."""
        return partial(_limit, self.mem_limit, self.niceness)

    def get_env(self) -> dict[str, str]:
        """All of the server's variables."""
        env: dict[str, str] = super().get_env()
        return {**env, **{name: str(number) for name, number in self._descriptors.items()}}

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Point everything that a server writes at the session's own folder."""
        env["USER"] = env["LOGNAME"] = self.user.name
        env["SHELL"] = "/bin/bash"
        env[VARIABLE] = self._mark
        session = self._session
        if session is None:
            env["HOME"] = str(self._home)
            env["PATH"] = os.pathsep.join([str(Path(sys.prefix) / "bin"), env.get("PATH", "")])
            env.setdefault("JUPYTER_CONFIG_PATH", str(SERVER_SETTINGS))
            return env
        folder = self.sessions.folder(session.id)
        layer, prefix = folder / "layer", Path(session.environment)
        env.update(session.variables)
        env.update(
            session_variables(prefix, layer, Path(session.content), path=env.get("PATH", ""))
        )
        settings = [str(prefix / "etc/jupyter"), str(SERVER_SETTINGS)]
        env["JUPYTER_CONFIG_PATH"] = os.pathsep.join(settings)
        if session.notebook and self._is_ours and self._can_afford_kernel():
            env[NOTEBOOK_VARIABLE] = session.notebook
        env["JUPYTER_RUNTIME_DIR"] = str(folder / "runtime")
        if self._opens_by_token:
            env["JUPYTERHUB_ALLOW_TOKEN_IN_URL"] = "1"  # noqa: S105 (a switch)
        return env

    @property
    def _opens_by_token(self) -> bool:
        """The Binder protocol opens a session by `?token=`; the token opens nothing else."""
        return self._session is not None and bool(self._session.temporary or self._session.page)

    def _can_afford_kernel(self) -> bool:
        """Whether a kernel may be started ahead: memory is left, and no queue for the cores."""
        spare = self.first_kernel_spare
        if spare < 0 or SessionSpawner._starting > (os.cpu_count() or 1):
            return False
        return bool(psutil.virtual_memory().available >= spare << 20)

    @property
    def _is_ours(self) -> bool:
        """Whether the server is hubroam's own program, which says when it listens."""
        return self._session is None or (
            self._session.server == "shared" and self._session.start is None
        )

    def _prepare(self) -> Path:
        """Read the session's record and set what LocalProcessSpawner starts.

        Returns:
            The server's log.
        """
        if self.session_id is None:
            self._session = None
            folder = log_folder = user_folder(Path(self.data_dir), self.user.name)
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        else:
            session = self._session = self.sessions.load(self.session_id, user=self.user.name)
            folder, log_folder = Path(session.content), self.sessions.folder(session.id)
        self.cmd = self._command()
        self.notebook_dir = str(folder)
        return log_folder / ".server.log"

    def _command(self) -> list[str]:
        session = self._session
        if session is None or session.server == "shared":
            server = [sys.executable, "-P", "-m", "hubroam.hub.singleuser"]
        else:
            server = [str(Path(session.environment) / "bin/python"), "-m", "jupyterhub.singleuser"]
        return [session.start, *server] if session and session.start else server

    async def start(self) -> Any:
        """Start the server and wait until it listens.

        Raises:
            LaunchError: The session that was asked for is not there, or not this user's; or the
                server ended.
        """
        path = self._prepare()
        self.port = free_port(self.ip or "127.0.0.1")
        SessionSpawner._starting += 1
        try:
            listens = await self._start(path)
        finally:
            SessionSpawner._starting -= 1
        if not listens:
            lines = path.read_text(errors="replace").splitlines()[-20:]
            self.log.error("The server of %s ended:\n%s", self.user.name, "\n".join(lines))
            raise LaunchError(
                "The session's server ended while it started.",
                next_step="Try again; the hub's log says why.",
            )
        return (self.ip or "127.0.0.1", self.port)

    async def _start(self, path: Path) -> bool:
        """Start the server with a log; returns whether it listens, and has not ended."""
        # The server writes to the file by its own descriptor.
        with path.open("ab") as log, Readiness() as readiness, self._kernel_socket() as kernels:
            given = kernels.fileno() if kernels else None
            if not (self._is_ours and await self._start_warm(log.fileno(), readiness, given)):
                await self._start_cold(log.fileno(), readiness, given)
            if kernels:
                kernels.close()  # from now on it is the server's
            if self._is_ours:
                return await readiness.wait()
            place = (self.ip or "127.0.0.1", self.port)
            return await listens(self.pid, place, timeout=self.http_timeout)

    @contextmanager
    def _kernel_socket(self) -> Iterator[socket.socket | None]:
        """By which the server asks whether it may keep an interpreter for its next kernel."""
        self._close_kernels()
        if not (self._is_ours and self._session and self.warm_kernel_memory):
            yield None
            return
        book = ledger()
        book.budget = self.warm_kernel_memory << 20
        book.spare = max(self.first_kernel_spare, 0) << 20
        self._kernels, theirs = book.join()
        with theirs:
            yield theirs

    def _close_kernels(self) -> None:
        if self._kernels is not None:
            self._kernels.close()
            self._kernels = None

    async def _start_warm(self, log: int, readiness: Readiness, given: int | None) -> bool:
        """Have the server forked; returns whether it was."""
        environment = self.get_env()
        if not self.warm or self.shell_cmd or not can_be_forked(environment):
            return False
        request = ServerRequest(
            arguments=self.get_args(),
            environment=environment,
            folder=self.notebook_dir,
            memory=self.mem_limit,
            niceness=self.niceness,
            title=f"jupyterhub-singleuser {self._mark}",
            given=KERNELS_VARIABLE,
        )
        try:
            self._process = await warm_stack().fork(
                request, log_file=log, ready=readiness.theirs, given=given
            )
        except NotWarm as error:
            self.log.warning("The server of %s starts cold: %s.", self._log_name, error)
            return False
        self.pid = self._process.pid
        return True

    async def _start_cold(self, log: int, readiness: Readiness, given: int | None) -> None:
        """Start the server as a program."""
        self.popen_kwargs = {"cwd": self.notebook_dir, "stdout": log, "stderr": log}
        if self._is_ours:
            self._descriptors = {READY: readiness.theirs}
            if given is not None:
                self._descriptors[KERNELS_VARIABLE] = given
            self.popen_kwargs["pass_fds"] = tuple(self._descriptors.values())
        try:
            await super().start()
        finally:
            self._descriptors = {}

    async def poll(self) -> int | None:
        """Whether the server runs: None, or how it ended."""
        if self._process is None:
            status: int | None = await super().poll()
            return status
        if (status := await self._process.poll()) is not None:
            self.clear_state()
        return status

    async def _signal(self, sig: int) -> bool:
        """Send the server a signal; returns whether it runs."""
        if self._process is None:
            return bool(await super()._signal(sig))
        return self._process.send(sig)

    def get_state(self) -> dict[str, Any]:
        """What finds the server again when the hub was started again."""
        state: dict[str, Any] = super().get_state()
        if self.pid:
            state["started"] = started_at(self.pid)
        return state

    def load_state(self, state: dict[str, Any]) -> None:
        """Find the server again, and no other process that has its id by now."""
        super().load_state(state)
        if self.pid and "started" in state:
            self._process = ServerProcess.find(self.pid, state["started"])
            if self._process is None:
                self.pid = 0

    def clear_state(self) -> None:
        """Forget the server."""
        super().clear_state()
        self._close_kernels()
        if self._process is not None:
            self._process.close()
            self._process = None

    async def stop(self, now: bool = False) -> None:
        """Stop the server, and whatever it leaves behind."""
        await super().stop(now)
        if count := await asyncio.to_thread(end_leftovers, self._mark):
            self.log.info("Ended %s processes that %s left behind.", count, self._log_name)

    def delete_forever(self) -> None:
        """Remove the session's folder; a signed-in reader's own files are not in it."""
        session_id = self.session_id
        if session_id is None:
            return
        try:
            self.sessions.load(session_id, user=self.user.name)
        except LaunchError:
            return  # gone already, or never this user's
        self.sessions.delete(session_id)


def _limit(memory: int | None, niceness: int) -> None:
    """Limit a server that starts by itself; it leads its session already."""
    stand_back(niceness)
    limit_memory(memory)
