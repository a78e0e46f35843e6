"""The spawner of the local engine: a session is a process of the hub's own user."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from jupyterhub.spawner import LocalProcessSpawner
from jupyterhub.utils import wait_for_server
from traitlets import Unicode, default

from hubroam.environments import session_variables
from hubroam.errors import LaunchError
from hubroam.hub.ports import free_port
from hubroam.hub.sessions import Session, SessionStore, user_folder
from hubroam.leftovers import VARIABLE, end_leftovers
from hubroam.network import network_settings

# hubroam's own settings of JupyterLab: a book's page is not the place for news of Jupyter
_SETTINGS = Path(__file__).parent / "jupyter"
_SINGLEUSER = ["-m", "jupyterhub.singleuser"]


class SessionSpawner(LocalProcessSpawner):
    """Starts the sessions that the Binder service prepared, and plain servers.

    A session's server is hubroam's own Jupyter server, its kernels and lab extensions are the
    recipe's; when the recipe brings server extensions, the server is the recipe's too.
    A server that was asked for without a session is a plain one in a folder of its user.
    """

    data_dir = Unicode(config=True, help="The hub's data folder.")

    _session: Session | None = None

    @default("default_url")
    def _default_url(self) -> str:
        return "/lab"

    @default("apply_user_options")
    def _apply_user_options(self) -> Any:
        return lambda spawner, options: None  # what there is of them is read by `session_id`

    @default("env_keep")
    def _env_keep(self) -> list[str]:
        # the hub's own virtual environment is not the session's
        return ["LANG", "LC_ALL", "LC_CTYPE", "PATH", "TMPDIR", "TZ", *network_settings()]

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
        return [*super().get_args(), *root, *live]

    def make_preexec_fn(self, name: str) -> Any:
        """No change of user: a local session runs as the hub does."""
        return None

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Point everything that a server writes at the session's own folder."""
        env["USER"] = env["LOGNAME"] = self.user.name
        env["SHELL"] = "/bin/bash"
        env[VARIABLE] = self._mark
        session = self._session
        if session is None:
            env["HOME"] = str(user_folder(Path(self.data_dir), self.user.name))
            env["PATH"] = os.pathsep.join([str(Path(sys.prefix) / "bin"), env.get("PATH", "")])
            return env
        folder = self.sessions.folder(session.id)
        layer, prefix = folder / "layer", Path(session.environment)
        env.update(session.variables)
        env.update(
            session_variables(prefix, layer, Path(session.content), path=env.get("PATH", ""))
        )
        env["JUPYTER_CONFIG_PATH"] = os.pathsep.join([str(prefix / "etc/jupyter"), str(_SETTINGS)])
        env["JUPYTER_RUNTIME_DIR"] = str(folder / "runtime")
        if session.temporary or session.page:
            # The Binder protocol opens a session by `?token=`; the token opens nothing else.
            env["JUPYTERHUB_ALLOW_TOKEN_IN_URL"] = "1"  # noqa: S105 (a switch)
        return env

    def _prepare(self) -> None:
        """Read the session's record and set what LocalProcessSpawner starts."""
        if self.session_id is None:
            self._session = None
            folder = log_folder = user_folder(Path(self.data_dir), self.user.name)
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.cmd = [sys.executable, *_SINGLEUSER]
        else:
            session = self._session = self.sessions.load(self.session_id, user=self.user.name)
            folder, log_folder = Path(session.content), self.sessions.folder(session.id)
            python = (
                str(Path(session.environment) / "bin/python")
                if session.server == "environment"
                else sys.executable
            )
            start = [session.start] if session.start else []
            self.cmd = [*start, python, *_SINGLEUSER]
        self.notebook_dir = str(folder)
        # The server writes to the file by its own descriptor; ours closes when start() is done.
        self._log = (log_folder / ".server.log").open("ab")
        self.popen_kwargs = {"cwd": str(folder), "stdout": self._log, "stderr": self._log}

    async def start(self) -> Any:
        """Start the server.

        Raises:
            LaunchError: The session that was asked for is not there, or not this user's.
        """
        self._prepare()
        self.port = free_port(self.ip or "127.0.0.1")
        with self._log:
            place = await super().start()
        await self._wait_until_listening(self._log.name)
        return place

    async def _wait_until_listening(self, log: str) -> None:
        """Wait until the server listens; JupyterHub itself would not see it end before that.

        Raises:
            LaunchError: The server ended.
        """
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        process = os.pidfd_open(self.pid)
        loop.add_reader(process, ended.set)
        waiting = {
            asyncio.create_task(ended.wait()),
            asyncio.create_task(
                wait_for_server(self.ip or "127.0.0.1", self.port, timeout=self.http_timeout)
            ),
        }
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            loop.remove_reader(process)
            os.close(process)
            for task in waiting:
                task.cancel()
        if ended.is_set():
            lines = Path(log).read_text(errors="replace").splitlines()[-20:]
            self.log.error("The server of %s ended:\n%s", self.user.name, "\n".join(lines))
            raise LaunchError(
                "The session's server ended while it started.",
                next_step="Try again; the hub's log says why.",
            )
        for task in done:
            task.result()

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
