"""The command line of Jupyter Book 2, from PyPI, which builds books with MyST."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from uv import find_uv_bin

from support.node import node_environment

# What jupyter-book needs of a theme for a site's content; the usual theme would be downloaded.
_TEMPLATE = """\
jtex: v1
title: None
version: 1.0.0
build:
  install: "true"
  start: node server.js
files: [server.js]
"""


class JupyterBook:
    """Call it as ``jupyter_book(book, "build", "--site")``; it returns what the command says.

    Args:
        folder: For the program, and as its home.

    Attributes:
        template: A folder for ``site: {template: …}``.
    """

    def __init__(self, folder: Path) -> None:
        uv = [find_uv_bin(), "--quiet", "--no-progress"]
        self._home = folder
        self._scripts = folder / "venv" / "bin"
        for command in (
            ["venv", str(folder / "venv")],
            ["pip", "install", "--python", str(self._scripts / "python"), "jupyter-book==2.1.7"],
        ):
            subprocess.run([*uv, *command], check=True)
        self.template = folder / "template"
        self.template.mkdir()
        (self.template / "template.yml").write_text(_TEMPLATE)
        (self.template / "server.js").touch()

    def __call__(self, book: Path, *arguments: str) -> str:
        """Run a command, which must succeed, in a book's folder."""
        done = subprocess.run(
            [self._scripts / "jupyter-book", *arguments],
            cwd=book,
            env={**node_environment(), "NO_COLOR": "1", "HOME": os.fspath(self._home)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout
