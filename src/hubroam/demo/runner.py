"""Starting and stopping the demo."""

from __future__ import annotations

import asyncio
import shutil
import signal
import time
import webbrowser
from pathlib import Path

from tornado.httpserver import HTTPServer

from hubroam.demo.repository import make_repository
from hubroam.demo.server import book_application
from hubroam.errors import ConfigurationError
from hubroam.hub.ports import free_port, port_is_free
from hubroam.hub.process import HubProcess

_HOST = "127.0.0.1"


def run(folder: Path, *, hub_port: int = 0, book_port: int = 0, browser: bool = True) -> None:
    """Run the demo until it is interrupted.

    Args:
        folder: Where the demo keeps its files; environments stay for the next time.
        hub_port: The hub's port; 0 takes a free one.
        book_port: The book's port; 0 takes a free one.
        browser: Whether to open the book in a browser.

    Raises:
        ConfigurationError: A port is taken, git is missing, the hub does not start.
    """
    for port in filter(None, (hub_port, book_port)):
        if not port_is_free(_HOST, port):
            raise ConfigurationError(
                f"Port {port} on {_HOST} is in use.", next_step="Choose another port, or name none."
            )
    if shutil.which("git") is None:
        raise ConfigurationError(
            "git is not on this machine.", next_step="Install git and try again."
        )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    asyncio.run(_run(folder, hub_port or free_port(), book_port or free_port(), browser))


async def _run(folder: Path, hub_port: int, book_port: int, browser: bool) -> None:
    began = time.monotonic()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:5.1f} s  {text}", flush=True)

    book_url, hub_url = f"http://{_HOST}:{book_port}/", f"http://{_HOST}:{hub_port}/"
    say("writing the book's repository")
    repository = await asyncio.to_thread(make_repository, folder)
    server = HTTPServer(book_application(repository, book_url, hub_url))
    server.listen(book_port, _HOST)
    say(f"the book is at {book_url}")
    say("starting the hub: JupyterHub, Traefik and the Binder service")
    hub = HubProcess(folder / "hub", port=hub_port)
    starting = asyncio.create_task(asyncio.to_thread(hub.__enter__))
    stopping = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not stopped.is_set():
            say(f"the hub is at {await starting}; its log is {hub.log}")
            print(f"ready: {book_url}", flush=True)
            if browser:
                webbrowser.open(book_url)
            await stopping
    finally:
        server.stop()
        if stopped.is_set():
            await asyncio.wait({starting})  # a hub that is half started must be stopped too
        if not starting.exception():
            await asyncio.to_thread(hub.__exit__, None, None, None)
