"""Running one page as a reader would: in the recipe's environment, within limits."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from hubroam.checking import observer
from hubroam.checking.client import CountingClient
from hubroam.checking.failures import cell_failed, kernel_did_not_start, kernel_died
from hubroam.checking.memory import MemoryWatch
from hubroam.checking.pages import Cell, Page
from hubroam.checking.report import PageError, PageReport
from hubroam.environments import Environment, add_layer, session_variables
from hubroam.environments.commands import clean_environment
from hubroam.leftovers import VARIABLE, end_leftovers

Say = Callable[[str], None]


@dataclass(frozen=True)
class Limits:
    """What a page may use.

    Attributes:
        seconds: For the whole page, its kernel's start included.
        memory: For its kernel and the kernel's children together, in bytes.
    """

    seconds: float = 600.0
    memory: int = 2 * 1024**3


def timed_out(limits: Limits) -> PageError:
    """The error of a page that took too long."""
    return PageError(
        f"The page did not end in {limits.seconds:g} seconds.",
        "Let the cell do less, tag it skip-execution, or allow more time with --timeout.",
    )


def too_much(limits: Limits) -> PageError:
    """The error of a page that needed too much memory."""
    return PageError(
        f"The page used more memory than the {limits.memory // 1024**2} MB that it may.",
        "Let it hold less at once, or allow more with --memory where readers' hubs have more.",
    )


class PageRun:
    """One run of one page.

    Args:
        page: The page; its notebook is used up.
        kernel: The name of the environment's kernel to run it with.
        environment: The recipe's environment.
        content: The repository's files, which are copied.
        root: The book's folder in them.
        folder: A folder for this run only; it is made, and gone afterwards.
        limits: What the page may use.
        allow_errors: Whether the book lets cells fail.
        say: Takes what happens.
    """

    def __init__(
        self,
        page: Page,
        kernel: str,
        *,
        environment: Environment,
        content: Path,
        root: Path,
        folder: Path,
        limits: Limits,
        allow_errors: bool,
        say: Say,
    ) -> None:
        self._page = page
        self._kernel = kernel
        self._environment = environment
        self._content = content
        self._place = (root / page.path).parent.relative_to(content)
        self._folder = folder
        self._limits = limits
        self._allow_errors = allow_errors
        self._say = say
        self._cell: Cell | None = None
        self._reply: dict[str, Any] = {}
        self._hosts = folder / "hosts"
        self._log = folder / "kernel.log"

    async def run(self) -> PageReport:
        """Run the page to its end, or to a limit; nothing of it is left afterwards."""
        began = time.monotonic()
        memory = 0
        try:
            layer = self._folder / "layer"
            await asyncio.to_thread(self._lay_out, layer)
            manager = self._manager(layer)
            error, memory = await self._run(manager, layer)
            hosts = self._asked_for()
        finally:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        seconds = time.monotonic() - began
        return PageReport(self._page.path, seconds, error, memory=memory, hosts=hosts)

    def _lay_out(self, layer: Path) -> None:
        self._folder.mkdir(parents=True, mode=0o700)
        shutil.copytree(self._content, self._folder / "content", symlinks=True)
        python = add_layer(self._environment.path, layer)
        packages = next(python.parent.parent.glob("lib/python3*/site-packages"))
        shutil.copyfile(observer.__file__, packages / "_hubroam_observer.py")
        (packages / "_hubroam_observer.pth").write_text("import _hubroam_observer\n")

    def _manager(self, layer: Path) -> AsyncKernelManager:
        # only the recipe's kernels: without this a kernel of hubroam's own Python would be found
        places = [layer, self._environment.path]
        specs = KernelSpecManager(
            kernel_dirs=[str(place / "share/jupyter/kernels") for place in places],
            ensure_native_kernel=False,
        )
        return AsyncKernelManager(
            kernel_name=self._kernel,
            kernel_spec_manager=specs,
            connection_file=str(self._folder / "kernel.json"),
        )

    def _variables(self, layer: Path) -> dict[str, str]:
        content = self._folder / "content"
        base = clean_environment(content)
        runtime = self._folder / "runtime"
        return {
            **base,
            **self._environment.variables,
            **session_variables(self._environment.path, layer, content, path=base["PATH"]),
            "JUPYTER_RUNTIME_DIR": str(runtime),
            VARIABLE: str(self._folder),
            observer.VARIABLE: str(self._hosts),
        }

    async def _run(self, manager: AsyncKernelManager, layer: Path) -> tuple[PageError | None, int]:
        """Run within the limits.

        Returns:
            The error, and the most memory that was used, in bytes.
        """
        stopped: asyncio.Future[PageError] = asyncio.get_running_loop().create_future()

        def stop(error: PageError) -> None:
            if not stopped.done():
                stopped.set_result(error)

        watch = MemoryWatch(self._limits.memory)
        work = asyncio.create_task(self._execute(manager, layer, watch, stop))
        watching = asyncio.create_task(watch.until_too_much())
        racing: set[asyncio.Future[Any]] = {work, watching, stopped}
        try:
            await asyncio.wait(
                racing, timeout=self._limits.seconds, return_when=asyncio.FIRST_COMPLETED
            )
            error = self._verdict(work, watching, stopped)
        finally:
            watch.last_look()
            await self._end(manager, [work, watching])
        if (error is None or error.cell is None) and watch.peak > self._limits.memory:
            error = self._at_cell(too_much(self._limits))
        return error, watch.peak

    def _verdict(
        self,
        work: asyncio.Task[PageError | None],
        watching: asyncio.Task[None],
        stopped: asyncio.Future[PageError],
    ) -> PageError | None:
        if stopped.done():
            return self._at_cell(stopped.result())
        if work.done():
            return work.result()
        if watching.done():
            watching.result()
            return self._at_cell(too_much(self._limits))
        return self._at_cell(timed_out(self._limits))

    def _at_cell(self, error: PageError) -> PageError:
        """An error, at the cell that was being run."""
        cell = self._cell
        if cell is None:
            return error
        return PageError(error.message, error.next_step, cell.number, cell.line)

    async def _execute(
        self,
        manager: AsyncKernelManager,
        layer: Path,
        watch: MemoryWatch,
        stop: Callable[[PageError], None],
    ) -> PageError | None:
        by_index = {cell.index: cell for cell in self._page.cells}

        def begin(cell: NotebookNode, cell_index: int) -> None:
            self._cell = by_index[cell_index]
            self._say(f"cell {self._cell.number} of {len(by_index)}")

        def failed(cell: NotebookNode, cell_index: int, execute_reply: dict[str, Any]) -> None:
            self._reply = execute_reply["content"]

        client = CountingClient(
            self._page.notebook,
            stop,
            km=manager,
            timeout=None,
            startup_timeout=int(self._limits.seconds) + 60,  # the page's own limit comes first
            allow_errors=self._allow_errors,
            store_widget_state=False,
            record_timing=False,
            on_cell_execute=begin,
            on_cell_error=failed,
        )
        place = self._folder / "content" / self._place
        try:
            with self._log.open("wb") as log:
                await client.async_start_new_kernel(
                    cwd=str(place), env=self._variables(layer), stdout=log, stderr=log
                )
            if manager.provisioner and manager.provisioner.pid:
                watch.watch(manager.provisioner.pid)
            await client.async_start_new_kernel_client()
            for index, cell in enumerate(self._page.notebook.cells):
                await client.async_execute_cell(
                    cell, index, execution_count=client.code_cells_executed + 1
                )
        except CellExecutionError:
            assert self._cell  # noqa: S101 (it is a cell that failed)
            return cell_failed(self._cell, self._reply)
        except DeadKernelError:
            process = manager.provisioner.process if manager.provisioner else None
            return self._at_cell(kernel_died(process.poll() if process else None))
        except (RuntimeError, OSError) as error:  # the kernel did not come up
            if self._cell is not None:
                raise
            said = self._log.read_text(errors="replace")
            return kernel_did_not_start(self._kernel, said, error)
        finally:
            if client.kc is not None:
                client.kc.stop_channels()
        return None

    def _asked_for(self) -> tuple[str, ...]:
        try:
            return tuple(sorted(set(self._hosts.read_text(errors="replace").split())))
        except OSError:
            return ()

    async def _end(self, manager: AsyncKernelManager, tasks: list[asyncio.Task[Any]]) -> None:
        """End the kernel and whatever it started, and what waits for them."""
        process = manager.provisioner.process if manager.provisioner else None
        if process is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # a kernel leads a group of its own
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if manager.has_kernel:
            await manager.shutdown_kernel(now=True)
        await manager.cleanup_resources()
        await asyncio.to_thread(end_leftovers, str(self._folder))
