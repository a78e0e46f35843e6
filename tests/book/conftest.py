"""Books built by their own tools, in environments of their own."""

from __future__ import annotations

import pytest

from browser.conftest import browser, browsers, new_page
from support import shared
from support.mystbook import JupyterBook
from support.sphinxbook import PACKAGES, Tools

__all__ = ["browser", "browsers", "new_page"]


@pytest.fixture(scope="session")
def jupyter_book(tmp_path_factory: pytest.TempPathFactory) -> JupyterBook:
    """The command line of Jupyter Book 2."""
    return JupyterBook(tmp_path_factory.mktemp("jupyter-book"))


@pytest.fixture(scope="session")
def sphinx() -> Tools:
    """Sphinx, and the themes and extensions that books use, in their newest versions."""
    return Tools(shared.once("sphinx", lambda folder: Tools.install(folder, *PACKAGES)))


@pytest.fixture(scope="session")
def jupyter_book_1(tmp_path_factory: pytest.TempPathFactory) -> Tools:
    """Jupyter Book 1."""
    return Tools.install(tmp_path_factory.mktemp("jb1"), "jupyter-book<2")
