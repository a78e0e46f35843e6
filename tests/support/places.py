"""What readers' addresses lead to: real hubs and sites, started and served on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from hubroam.hub.ports import free_port
from hubroam.resources import web_folder, web_module, web_modules
from support.logged import LoggedProgram, environment_of
from support.software import install
from support.stockhub import StockHub

_PAGE = Path(__file__).parents[1] / "hubs" / "page"

#: Lets every page read an answer.
OPEN = {"Access-Control-Allow-Origin": "*"}


def jupyterhub(
    version: str, folder: Path, cache: Path, *, base: str = "/", nbgitpuller: bool
) -> StockHub:
    """A JupyterHub; its servers have JupyterLab, and nbgitpuller or not.

    Args:
        version: Its first two numbers: a lock file of ``tests/hubs/software``.
        folder: For what it keeps.
        cache: See `install`.
        base: Its base URL.
        nbgitpuller: Whether its users' servers have it.
    """
    python = install(f"jupyterhub-{version}", cache, without="" if nbgitpuller else "nbgitpuller")
    return StockHub(folder, python=python, base=base)


class JupyterServer(LoggedProgram):
    """A Jupyter server with JupyterLab, as somebody starts it for themselves.

    Args:
        folder: For what it keeps; it serves the folder ``home`` in it.
        python: The interpreter that has it.

    Attributes:
        url: Where; ends in a slash.
        token: Opens it.
        home: What it serves.
    """

    def __init__(self, folder: Path, *, python: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/"
        self.token = "secret"
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        options = {
            "ServerApp.port": port,
            "ServerApp.port_retries": 0,
            "ServerApp.root_dir": self.home,
            "ServerApp.open_browser": False,
            "ServerApp.allow_root": os.geteuid() == 0,
            "IdentityProvider.token": self.token,
        }
        super().__init__(
            [
                str(python),
                "-m",
                "jupyterlab",
                *(f"--{name}={value}" for name, value in options.items()),
            ],
            ready="is running at:",
            folder=folder,
            environment={**environment_of(python), "HOME": str(folder)},
        )


def build_jupyterlite(folder: Path, cache: Path, contents: dict[str, str]) -> Path:
    """Build a JupyterLite site.

    Args:
        folder: For the build.
        cache: See `install`.
        contents: The site's files.

    Returns:
        The site's folder.
    """
    python = install("jupyterlite", cache)
    files = folder / "contents"
    for name, text in contents.items():
        (files / name).parent.mkdir(parents=True, exist_ok=True)
        (files / name).write_text(text)
    site = folder / "site"
    command = [python.with_name("jupyter"), "lite", "build", "--contents", files]
    done = subprocess.run(
        [*command, "--output-dir", site, "--no-sourcemaps"],
        cwd=folder,
        env=environment_of(python),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return site


def write_book(folder: Path) -> None:
    """Write a page of a book, ``page.html``, with the modules as they are and as they are shipped.

    Args:
        folder: To serve on an origin of its own.
    """
    shutil.copytree(web_folder(), folder / "web", ignore=lambda *_: ["node_modules", "test"])
    shutil.copytree(_PAGE, folder, dirs_exist_ok=True)
    for name in web_modules():
        (folder / name).write_bytes(web_module(name))
