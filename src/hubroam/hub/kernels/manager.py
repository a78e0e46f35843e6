"""A session's kernels: the first one starts while the reader's browser loads the page."""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from jupyter_server.services.kernels.kernelmanager import (
    AsyncMappingKernelManager,
    ServerKernelManager,
)
from traitlets import default

from hubroam.hub.kernels.spare import Provisioner, Spares
from hubroam.hub.sessions import NOTEBOOK_VARIABLE

# Bytes: a notebook's kernel is read from a file that a stranger wrote.
_LONGEST_NOTEBOOK = 16 << 20

# Seconds after which a kernel that nobody asked for is given back: a page that loads has asked.
_PATIENCE = 120.0


@dataclass
class _Ahead:
    """A kernel that was started ahead.

    Attributes:
        asked: The folder and all else that it was started with.
        starting: Gives its id.
    """

    asked: tuple[str, dict[str, Any]]
    starting: asyncio.Task[str]


class SessionKernel(ServerKernelManager):
    """One of Jupyter's kernels, which may come of an interpreter that waited."""

    parent: SessionKernels
    kernel_id: str
    provisioner: KernelProvisionerBase | None

    async def _async_pre_start_kernel(self, **kwargs: Any) -> tuple[list[str], dict[str, Any]]:
        """See that what starts it knows of that interpreter, unless the kernelspec names another.

        Returns:
            The command line, and what goes with it.
        """
        asks = (self.kernel_spec.metadata or {}) if self.kernel_spec else {}
        if self.provisioner is None and "kernel_provisioner" not in asks:
            self.kernel_id = self.kernel_id or kwargs.pop("kernel_id", str(uuid.uuid4()))
            self.provisioner = Provisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
            )
            self.provisioner.spares = self.parent.spares
        command, settings = await super()._async_pre_start_kernel(**kwargs)
        return command, settings


class SessionKernels(AsyncMappingKernelManager):
    """Jupyter's kernels, of which one may be there before somebody asks for it.

    It is handed over once, to the first who asks for exactly that kernel: its kernelspec, folder
    and variables. Until then nobody sees it; when nobody asks it is shut down.
    """

    spares: Spares | None = None

    _ahead: _Ahead | None = None

    @default("kernel_manager_class")
    def _default_kernel_manager_class(self) -> str:
        return f"{SessionKernel.__module__}.{SessionKernel.__name__}"

    def start_watching_activity(self, kernel_id: str) -> None:
        """Watch a kernel, and when all of them are idle."""
        super().start_watching_activity(kernel_id)
        self._kernels[kernel_id].observe(self._state_changed, "execution_state")

    def _state_changed(self, _: Any) -> None:
        if self.spares is None:
            return
        states = [kernel["execution_state"] for kernel in self.list_kernels()]
        if states and all(state == "idle" for state in states):
            self.spares.idle()
        else:
            self.spares.busy()

    async def start_ahead(self, notebook: str) -> None:
        """Start the kernel that a page will ask for when it opens a notebook.

        Args:
            notebook: Its path in the session.
        """
        path = str(PurePosixPath(notebook).parent)
        path = "" if path == "." else path
        name = PurePosixPath(notebook).name
        wanted = {
            "kernel_name": self._kernel_of(Path(self.root_dir) / notebook),
            "env": self.parent.session_manager.get_kernel_env(notebook, name),
        }
        starting = asyncio.ensure_future(super()._async_start_kernel(path=path, **wanted))
        self._ahead = ahead = _Ahead((self.cwd_for_path(path), wanted), starting)
        loop = asyncio.get_running_loop()
        loop.call_later(_PATIENCE, lambda: loop.create_task(self._give_back(ahead)))
        await asyncio.wait({starting})

    async def _async_start_kernel(
        self, *, kernel_id: str | None = None, path: str | None = None, **kwargs: Any
    ) -> str:
        """Start a kernel, or hand over the one that is there."""
        ahead = self._ahead
        if ahead is not None and kernel_id is None and path is not None:
            wanted = {
                **kwargs,
                "kernel_name": kwargs.get("kernel_name") or self.default_kernel_name,
            }
            wanted = {key: value for key, value in wanted.items() if value is not None}
            if ahead.asked == (self.cwd_for_path(path), wanted):
                self._ahead = None
                try:
                    return await ahead.starting
                except Exception:
                    self.log.exception("The kernel that was started ahead failed")
        return str(await super()._async_start_kernel(kernel_id=kernel_id, path=path, **kwargs))

    start_kernel = _async_start_kernel

    def list_kernels(self) -> list[dict[str, Any]]:
        """The kernels that somebody asked for."""
        kernels: list[dict[str, Any]] = super().list_kernels()
        if self._ahead is None or not self._ahead.starting.done():
            return kernels
        hidden = self._ahead.starting.result()
        return [kernel for kernel in kernels if kernel["id"] != hidden]

    async def _give_back(self, ahead: _Ahead) -> None:
        """Shut a kernel down that nobody asked for."""
        if self._ahead is ahead:
            self._ahead = None
            await self.shutdown_kernel(await ahead.starting)

    def _kernel_of(self, notebook: Path) -> str:
        """The kernelspec that a notebook names, if it is here; otherwise the default one."""
        try:
            with notebook.open("rb") as file:
                content = json.loads(file.read(_LONGEST_NOTEBOOK))
            name = content["metadata"]["kernelspec"]["name"]
            self.kernel_spec_manager.get_kernel_spec(name)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, NoSuchKernel):
            return str(self.default_kernel_name)
        return str(name)


def first_notebook() -> str:
    """The notebook to start a kernel for; its variable is taken, so that no kernel has it."""
    return os.environ.pop(NOTEBOOK_VARIABLE, "")
