"""A hub as another process: find the one that runs, or start one and end it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from hubroam.errors import ConfigurationError
from hubroam.hub.child import child_command
from hubroam.hub.state import running_hub

# Seconds that a hub gets to stop its sessions by itself.
_STOP_TIMEOUT = 30


class HubProcess:
    """A hub of one's own, as a context manager whose value is the hub's URL.

    Args:
        data_dir: The hub's data folder; its log is ``hub.log`` in it.
        port: The hub's port; 0 takes a free one.
        config: Its ``jupyterhub_config.py``; None for defaults only.

    Attributes:
        pid: The hub's process id, once it was started.

    Raises:
        ConfigurationError: On entering, when the hub does not start.
    """

    def __init__(self, data_dir: Path, *, port: int = 0, config: Path | None = None) -> None:
        self._data_dir = data_dir
        self._config = config
        self._port = port
        self.log = data_dir / "hub.log"

    def __enter__(self) -> str:
        """Start the hub and wait until it is ready."""
        self._data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        hub = [sys.executable, "-m", "hubroam"]
        command = child_command(*hub, "up", "--port", str(self._port))
        if self._config is not None:
            command += ["--config", str(self._config)]
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C in the terminal is ours, and we end the hub in order.
            self._process = subprocess.Popen(
                [*command, "--data-dir", str(self._data_dir)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                text=True,
            )
        self.pid = self._process.pid
        try:
            return self._wait_until_ready()
        except BaseException:
            self._stop()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the hub and everything that it started."""
        self._stop()

    def wait(self) -> None:
        """Wait until the hub ends."""
        self._process.wait()

    def _wait_until_ready(self) -> str:
        output = self._process.stdout
        assert output  # noqa: S101 (PIPE)
        for line in output:
            if line.startswith("ready: "):
                return line.removeprefix("ready: ").strip()
        lines = self.log.read_text(errors="replace").strip().splitlines()
        reason = " ".join(lines[-2:]) if len(lines) <= 2 else f"its log is {self.log}."
        raise ConfigurationError(
            f"The hub did not start: {reason}", next_step="Mend that and try again."
        )

    def _stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


class RunningHub:
    """A hub that somebody else started, with the same form as `HubProcess`."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> str:
        """Give its URL."""
        return self._url

    def __exit__(self, *_: object) -> None:
        """Leave it running."""

    def wait(self) -> None:
        """There is nothing to wait for: it goes on by itself."""


def hub_of(data_dir: Path) -> HubProcess | RunningHub:
    """The hub that uses a data folder, or a new one that ends with its context."""
    url = running_hub(data_dir)
    return RunningHub(url) if url else HubProcess(data_dir)
