"""Running one page in an image: in a container as a session's, by the image's own nbconvert."""

from __future__ import annotations

import asyncio
import secrets
import tarfile
import time
from contextlib import suppress
from io import BytesIO
from pathlib import Path, PurePosixPath
from tempfile import TemporaryFile
from threading import Event
from typing import Any

import docker
import docker.errors
import nbformat
import requests
from nbformat import NotebookNode

from hubroam.checking.failures import cell_failed, kernel_died
from hubroam.checking.pages import Page
from hubroam.checking.report import PageError, PageReport
from hubroam.checking.running import Limits, timed_out, too_much
from hubroam.environments import Image
from hubroam.environments.containers.engine import HARDENED, ContainerEngine, user_of
from hubroam.environments.containers.packing import pack
from hubroam.errors import EngineUnreachable

_ASKED, _RAN = "hubroam-page.ipynb", "hubroam-ran"
# A cell that fails does not stop it: which one did is in the notebook that comes back.
_RUN = (
    "exec jupyter nbconvert --execute --allow-errors --to notebook --stdin --output-dir /tmp"
    f' --output {_RAN} --ExecutePreprocessor.timeout=-1 --ExecutePreprocessor.kernel_name="$0"'
    f" < /tmp/{_ASKED}"
)
_KERNELS = {"r": "ir"}
# Seconds that the engine may take for anything beside the page, and processes that a page may have.
_PATIENCE, _PROCESSES = 120, 1024
# Bytes of the largest notebook that is read back.
_LONGEST = 256 * 2**20


class ImageRun:
    """One run of one page, as `hubroam.checking.running.PageRun`.

    Args:
        page: The page.
        engine: Who has the image.
        image: The recipe's.
        place: The page's folder, below that of the image's content.
        content: The repository's files, where the image has those of the recipe's folder only.
        limits: What the page may use.
        allow_errors: Whether the book lets cells fail.
    """

    def __init__(
        self,
        page: Page,
        *,
        engine: ContainerEngine,
        image: Image,
        place: PurePosixPath,
        content: Path | None,
        limits: Limits,
        allow_errors: bool,
    ) -> None:
        self._page = page
        self._engine = engine
        self._image = image
        self._place = place
        self._content = content
        self._limits = limits
        self._allow_errors = allow_errors
        self._kernel = page.kernel or _KERNELS.get(page.language or "", "python3")
        self._name = f"hubroam-check-{secrets.token_hex(6)}"
        self._over = Event()

    async def run(self) -> PageReport:
        """Run the page to its end, or to a limit; its container is gone afterwards."""
        began = time.monotonic()
        try:
            error = await asyncio.to_thread(self._run)
        except EngineUnreachable as failed:
            error = PageError(failed.message, failed.next_step)
        except docker.errors.APIError as failed:
            error = PageError(
                f"The page's container did not start: {failed.explanation}",
                "See that the engine has room and may run containers.",
            )
        finally:
            self._over.set()
            await asyncio.to_thread(self._remove)
        return PageReport(self._page.path, time.monotonic() - began, error)

    def _run(self) -> PageError | None:
        with self._engine.client(timeout=_PATIENCE) as client:
            container = self._create(client)
            if self._over.is_set():  # nobody waits for it any more
                container.remove(force=True)
                return None
            container.start()
            try:
                container.wait(timeout=self._limits.seconds)
            except requests.exceptions.RequestException:  # what a timeout is depends on the socket
                client.ping()
                return timed_out(self._limits)
            container.reload()
            if container.attrs["State"].get("OOMKilled"):
                return too_much(self._limits)
            return self._verdict(container)

    def _create(self, client: docker.DockerClient) -> Any:
        """A container with the page in it, which does not run yet."""
        container = client.containers.create(
            self._image.id,
            ["/bin/sh", "-c", _RUN, self._kernel],
            name=self._name,
            user=user_of(self._image.user),
            working_dir=str(PurePosixPath(self._image.folder or "/") / self._place),
            mem_limit=self._limits.memory,
            memswap_limit=self._limits.memory,
            pids_limit=_PROCESSES,
            **HARDENED,
        )
        if self._content is not None:
            with TemporaryFile() as archive:
                pack(self._content, archive, user_of(self._image.user))
                container.put_archive(self._image.folder or "/", archive)
        text = nbformat.writes(self._page.notebook).encode()  # type: ignore[no-untyped-call]
        packed = BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive_of_one:
            entry = tarfile.TarInfo(_ASKED)
            entry.size = len(text)
            archive_of_one.addfile(entry, BytesIO(text))
        container.put_archive("/tmp", packed.getvalue())  # noqa: S108 (the container's)
        return container

    def _verdict(self, container: Any) -> PageError | None:
        ran = _read(container)
        if ran is None:
            return self._unrun(container.logs(tail=200).decode(errors="replace"))
        for cell in self._page.cells:
            failed = _failure(ran, cell.index)
            if failed is None or self._allow_errors or "raises-exception" in cell.tags:
                continue
            return cell_failed(cell, failed)
        return None

    def _unrun(self, said: str) -> PageError:
        """Why there is no notebook."""
        if "NoSuchKernel" in said:
            return PageError(
                f"It asks for the kernel {self._kernel}, which the image does not have.",
                "Let the recipe bring the kernel, or name another in the page.",
            )
        if "DeadKernelError" in said:
            return kernel_died(None)
        last = next((line for line in reversed(said.splitlines()) if line.strip()), "")
        return PageError(
            f"The image's nbconvert did not run the page: {last.strip()[:200]}",
            "Let the image have jupyterlab, which brings nbconvert.",
            traceback=said[-5000:] or None,
        )

    def _remove(self) -> None:
        with (
            suppress(EngineUnreachable, docker.errors.APIError),  # it is gone, or goes
            self._engine.client(timeout=_PATIENCE) as client,
        ):
            client.containers.get(self._name).remove(force=True, v=True)


def _read(container: Any) -> NotebookNode | None:
    """The notebook that ran; None where there is none, or none that can be read."""
    try:
        blocks, facts = container.get_archive(f"/tmp/{_RAN}.ipynb")  # noqa: S108 (as above)
        if facts["size"] > _LONGEST:
            return None
        with tarfile.open(fileobj=BytesIO(b"".join(blocks))) as archive:
            file = archive.extractfile(f"{_RAN}.ipynb")
            text = file.read().decode() if file else ""
            return nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call, no-any-return]
    except (docker.errors.NotFound, tarfile.TarError, KeyError, ValueError):
        return None


def _failure(ran: NotebookNode, index: int) -> dict[str, Any] | None:
    """The exception of a cell, as a kernel's reply has it; what an image says is a stranger's."""
    try:
        outputs = ran.cells[index].outputs
        return next((dict(each) for each in outputs if each.output_type == "error"), None)
    except (IndexError, AttributeError):
        return None
