"""A book for Sphinx, and the real Sphinx that builds it, from the package registry."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

ROOT = Path(__file__).parent.parent.parent
THEMES = ("sphinx_book_theme", "pydata_sphinx_theme", "furo", "alabaster", "sphinx_rtd_theme")
PACKAGES = (
    "furo",
    "myst-nb",
    "pydata-sphinx-theme",
    "sphinx",
    "sphinx-book-theme",
    "sphinx-gallery",
    "sphinx-rtd-theme",
)

TEXT_NOTEBOOK = """---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {name: python3, display_name: Python 3}
language_info: {name: python, pygments_lexer: ipython3}
LAUNCH---
# TITLE

Words.

```{code-cell}
6 * 7
```
"""


def text_notebook(title: str, launch: str = "") -> str:
    """A page in MyST that is a notebook.

    Args:
        title: Its heading.
        launch: Lines for its frontmatter.
    """
    return TEXT_NOTEBOOK.replace("TITLE", title).replace("LAUNCH", launch)


def notebook(title: str, code: str) -> str:
    """A notebook with a heading and one cell."""
    cells = [
        {"cell_type": "markdown", "id": "a", "metadata": {}, "source": f"# {title}\n\nWords."},
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "source": code,
            "outputs": [],
            "execution_count": None,
        },
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    metadata = {"kernelspec": kernel}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5})


def conf(extensions: str = "myst_nb", **settings: object) -> str:
    """A ``conf.py`` with our extension and others, one blank between them."""
    names = [*extensions.split(), "hubroam.book.sphinx"]
    values = {"extensions": names, "project": "Waves", "nb_execution_mode": "off", **settings}
    return "".join(f"{name} = {value!r}\n" for name, value in values.items())


@dataclass(frozen=True)
class Tools:
    """Programs of a virtual environment that hubroam is installed into."""

    folder: Path

    @classmethod
    def install(cls, folder: Path, *packages: str) -> Tools:
        """Make the environment."""
        python = folder / "bin" / "python"
        for command in (
            ["venv", "--quiet", "--python", "3.11", str(folder)],
            ["pip", "install", "--quiet", "--python", str(python), "-e", str(ROOT), *packages],
        ):
            subprocess.run([find_uv_bin(), *command], check=True, capture_output=True)
        return cls(folder)

    def run(self, *command: str | Path, cwd: Path | None = None) -> str:
        """Run a program that must succeed; gives what it says of problems, and all it said."""
        # compiled once, as on an author's machine, and not into the checkout
        compiled = {"PYTHONPYCACHEPREFIX": str(self.folder / "compiled")}
        environment = {**os.environ, **compiled, "NO_COLOR": "1", "PYTHONWARNINGS": "ignore"}
        program = self.folder / "bin" / str(command[0])
        done = subprocess.run(
            [str(program), *map(str, command[1:])],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def sphinx(self, source: Path, output: Path, *options: str) -> str:
        """Build a book; gives its warnings."""
        return self.run("sphinx-build", "-q", *options, source, output)


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files below a folder; gives the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder
