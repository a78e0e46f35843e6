"""The program of a session's server: JupyterHub's own, which also says when it listens.

``python -m hubroam.hub.singleuser`` is how a server starts cold; the warm parent's children call
`main` with everything imported already.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial

import aiohttp
from traitlets import default

from hubroam.hub.deferred import GRAMMAR, deferring

with deferring(GRAMMAR):
    from jupyter_server.serverapp import ServerApp
    from jupyterhub.singleuser.extension import JupyterHubSingleUser

from hubroam.hub.kernels.manager import SessionKernels, first_notebook
from hubroam.hub.kernels.spare import Spares, spares_socket
from hubroam.hub.readiness import promise, say_ready


class SessionServer(ServerApp):
    """Jupyter's server, with an event where others ask again and again, and a kernel ahead."""

    @default("no_browser_open_file")
    def _default_no_browser_open_file(self) -> bool:
        return True  # no configuration could say so

    @default("kernel_manager_class")
    def _default_kernel_manager_class(self) -> type[SessionKernels]:
        return SessionKernels

    def init_configurables(self) -> None:
        """Make the managers; a kernel starts beside what else this server has to do."""
        super().init_configurables()
        notebook, channel = first_notebook(), spares_socket()
        if not isinstance(self.kernel_manager, SessionKernels):
            return
        if channel is not None:
            self.kernel_manager.spares = Spares(self.io_loop.asyncio_loop, channel)
        if notebook:
            self.io_loop.run_sync(partial(self.kernel_manager.start_ahead, notebook))

    async def cleanup_kernels(self) -> None:
        """End the kernels, and what waits to be one."""
        if isinstance(self.kernel_manager, SessionKernels) and self.kernel_manager.spares:
            self.kernel_manager.spares.close()
        await super().cleanup_kernels()

    def init_httpserver(self) -> None:
        """Have the port listened on when the loop runs, and say so then."""
        super().init_httpserver()
        self.io_loop.add_callback(say_ready)  # behind the server's own


async def _be_of_the_same_version(_: JupyterHubSingleUser) -> None:
    """In place of asking the hub for its version: it started this server, from its packages."""


async def _keep_activity_updated(
    server: JupyterHubSingleUser,
    update: Callable[[JupyterHubSingleUser], Awaitable[None]] = (
        JupyterHubSingleUser.keep_activity_updated
    ),
) -> None:
    """Tell the hub of activity, as JupyterHub's own, but not that it has started: it knows."""
    if server.hub_activity_interval > 0:
        await asyncio.sleep(server.hub_activity_interval * random.uniform(0.9, 1.1))  # noqa: S311
    await update(server)


def prepare() -> None:
    """Set JupyterHub's part of the server as hubroam has it."""
    # c-ares would take an inotify instance for each server, of 128 that a user has, and a thread
    aiohttp.connector.DefaultResolver = aiohttp.ThreadedResolver  # type: ignore[attr-defined]
    # a hub that starts a hundred servers would have two hundred more questions to answer
    JupyterHubSingleUser.check_hub_version = _be_of_the_same_version
    JupyterHubSingleUser.keep_activity_updated = _keep_activity_updated
    JupyterHubSingleUser.serverapp_class = SessionServer


def main() -> None:
    """Serve until a signal ends it; all settings come from JupyterHub's variables."""
    promise()
    prepare()
    JupyterHubSingleUser.launch_instance()


if __name__ == "__main__":
    main()
