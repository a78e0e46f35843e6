"""Books built by their own tools, in environments of their own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from uv import find_uv_bin

from browser.conftest import browser, new_page
from support.node import node_environment
from support.sphinxbook import PACKAGES, Tools

__all__ = ["browser", "new_page"]

Run = Callable[..., str]

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


@pytest.fixture(scope="session")
def jupyter_book(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The command line of Jupyter Book 2, from PyPI.

    Call it as ``jupyter_book(folder, "build", "--site")``; it returns what the command says, and
    fails the test where the command fails. ``jupyter_book.template`` names a folder for
    ``site: {template: …}``.
    """
    folder = tmp_path_factory.mktemp("jupyter-book")
    uv = [find_uv_bin(), "--quiet", "--no-progress"]
    subprocess.run([*uv, "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([*uv, "pip", "install", "--python", python, "jupyter-book==2.1.7"], check=True)
    template = folder / "template"
    template.mkdir()
    (template / "template.yml").write_text(_TEMPLATE)
    (template / "server.js").touch()

    def run(book: Path, *arguments: str) -> str:
        done = subprocess.run(
            [python.with_name("jupyter-book"), *arguments],
            cwd=book,
            env={**node_environment(), "NO_COLOR": "1", "HOME": os.fspath(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    run.template = template
    return run


@pytest.fixture(scope="session")
def sphinx(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    """Sphinx, and the themes and extensions that books use, in their newest versions."""
    return Tools.install(tmp_path_factory.mktemp("sphinx"), *PACKAGES)


@pytest.fixture(scope="session")
def jupyter_book_1(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    """Jupyter Book 1."""
    return Tools.install(tmp_path_factory.mktemp("jb1"), "jupyter-book<2")
