"""CRAN as it was on two days, of packages that R itself builds, on loopback; and R where it is."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.fileserver import serving

#: Days that it has, and the version of the package "tides" that each has.
DAYS = {"2023-05-01": "1.0", "2024-05-01": "2.0"}
#: What sets `LocalBuilder.cran_url` behind its address.
DATED = "{date}"

_DESCRIPTION = """\
Package: {name}
Version: {version}
Title: The Tides of a Test
Description: Says which version of it there is.
Author: hubroam
Maintainer: hubroam <hubroam@example.org>
License: MIT
Repository: CRAN
"""


def need_r() -> None:
    """Skip a test where there is no R, or not what Debian has of it; in CI, which has it, fail."""
    code = 'stopifnot(all(c("IRkernel", "remotes") %in% rownames(installed.packages())))'
    there = shutil.which("R") and not subprocess.call(
        ["R", "--no-echo", "--vanilla", "-e", code], stderr=subprocess.DEVNULL
    )
    if there:
        return
    why = "R is not installed: apt install r-base-core r-cran-irkernel r-cran-remotes"
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


def make_package(folder: Path, name: str, version: str, depends: str = "") -> None:
    """Write a package's source.

    Args:
        folder: Where; made when it is missing.
        name: Its name, which is its one function's too: it gives the version.
        version: Its version.
        depends: Packages that it imports, as ``DESCRIPTION`` has them.
    """
    (folder / "R").mkdir(parents=True)
    more = f"Imports: {depends}\n" if depends else ""
    text = _DESCRIPTION.format(name=name, version=version) + more
    (folder / "DESCRIPTION").write_text(text)
    imports = f"import({depends})\n" if depends else ""
    (folder / "NAMESPACE").write_text(f"export({name})\n{imports}")
    (folder / "R" / "all.R").write_text(f'{name} <- function() "{name} {version}"\n')


@contextmanager
def cran(root: Path) -> Iterator[str]:
    """Serve it.

    Args:
        root: Where its files are made.

    Yields:
        Its address, to which the day is added.
    """
    for day, version in DAYS.items():
        shelf = root / "cran" / day / "src" / "contrib"
        shelf.mkdir(parents=True)
        for name, its, depends in (("tides", version, ""), ("moons", version, "tides")):
            source = root / "sources" / day / name
            make_package(source, name, its, depends)
            command = ["R", "CMD", "build", "--no-build-vignettes", "--no-manual", str(source)]
            subprocess.run(command, cwd=shelf, check=True, stdout=subprocess.DEVNULL)
        _index(shelf)
    first, last = (root / "cran" / day / "src" / "contrib" for day in DAYS)
    (last / "Archive" / "tides").mkdir(parents=True)
    shutil.copy(first / "tides_1.0.tar.gz", last / "Archive" / "tides")
    with serving(root / "cran") as url:
        yield url


def _index(shelf: Path) -> None:
    code = 'tools::write_PACKAGES(".", type = "source")'
    command = ["R", "--no-echo", "--vanilla", "-e", code]
    subprocess.run(command, cwd=shelf, check=True, stdout=subprocess.DEVNULL)
