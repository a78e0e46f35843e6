"""CRAN as it was on two days, of packages that R itself builds, on loopback; and R for conda.

No public CRAN and no channel of conda's can be reached here.  What stands in for the first is made
by R's own tools, and conda's R is this machine's, packed so that it runs from any folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hubroam.environments import Environment, add_layer, session_variables
from support.condachannel import CondaChannel
from support.fileserver import serving

#: Days that it has, and the version of the package "tides" that each has.
DAYS = {"2023-05-01": "1.0", "2024-05-01": "2.0"}
#: What sets `LocalBuilder.cran_url` behind its address.
DATED = "{date}"

# Where Debian has R, and the packages beside R's own.
_HOME = Path("/usr/lib/R")
_LIBRARIES = _HOME / "site-library"

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

    Its last day has R's kernel too, as Posit's mirror sends packages to Linux: installed already.

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
        if day == max(DAYS):
            _pack(_LIBRARIES / "IRkernel", shelf)
        _index(shelf)
    first, last = (root / "cran" / day / "src" / "contrib" for day in DAYS)
    (last / "Archive" / "tides").mkdir(parents=True)
    shutil.copy(first / "tides_1.0.tar.gz", last / "Archive" / "tides")
    with serving(root / "cran") as url:
        yield url


def _pack(package: Path, shelf: Path) -> None:
    text = (package / "DESCRIPTION").read_text()
    version = next(line for line in text.splitlines() if line.startswith("Version: "))[9:]
    with tarfile.open(shelf / f"{package.name}_{version}.tar.gz", "w:gz") as archive:
        archive.add(package, package.name)


def _index(shelf: Path) -> None:
    code = 'tools::write_PACKAGES(".", type = "source")'
    command = ["R", "--no-echo", "--vanilla", "-e", code]
    subprocess.run(command, cwd=shelf, check=True, stdout=subprocess.DEVNULL)


def in_session(environment: Environment, folder: Path, code: str) -> str:
    """What R prints in a session of an environment.

    Args:
        environment: The environment.
        folder: The session's, in which its layer is made when it is missing.
        code: What R runs.
    """
    layer = folder / "layer"
    if not layer.exists():
        add_layer(environment.path, layer)
    path = os.environ["PATH"]
    variables = {
        "PATH": path,
        **environment.variables,
        **session_variables(environment.path, layer, folder, path=path),
    }
    command = ["R", "--no-echo", "--no-save", "-e", code]
    return subprocess.check_output(command, env=variables, cwd=folder, text=True).strip()


# What Debian's script says of its place, and how it finds it by itself.
_FIXED = "R_HOME_DIR=/usr/lib/R\n"
_FOUND = 'R_HOME_DIR="$(dirname "$(dirname "$(readlink -f "$0")")")"{below}\n'
_MACHINE = """#!/bin/sh
R_LIBS_SITE="${{R_LIBS_SITE:-{library}}}"
export R_LIBS_SITE
exec {home}/bin/R "$@"
"""
_SCRIPT = """#!/bin/sh
RHOME="$(dirname "$(dirname "$(readlink -f "$0")")")/lib/R"
export RHOME
exec "$RHOME/bin/Rscript" "$@"
"""


def add_r(channel: CondaChannel) -> str:
    """Add this machine's R, its kernel and remotes to a channel of conda's.

    Returns:
        R's version.
    """
    version = subprocess.check_output(
        ["R", "--no-echo", "--vanilla", "-e", "cat(as.character(getRversion()))"], text=True
    )
    script = (_HOME / "bin" / "R").read_text()
    assert _FIXED in script
    files: dict[str, bytes | Path] = {
        f"lib/R/{where}": path
        for where, path in _files(_HOME)
        if not where.startswith(("site-library/", "library/translations/", "library/tcltk/"))
    }
    files["bin/R"] = script.replace(_FIXED, _FOUND.format(below="/lib/R")).encode()
    files["bin/Rscript"] = _SCRIPT.encode()
    own = channel.root / "R"  # bytes are made executable in bin/ only
    own.write_text(script.replace(_FIXED, _FOUND.format(below="")))
    own.chmod(0o755)
    files["lib/R/bin/R"] = own
    channel.add("r-base", version, files)
    for name, libraries in (("r-remotes", ["remotes"]), ("r-irkernel", _beside("remotes"))):
        packed: dict[str, bytes | Path] = {
            f"lib/R/library/{library}/{where}": path
            for library in libraries
            for where, path in _files(_LIBRARIES / library)
        }
        spec = _LIBRARIES / "IRkernel" / "kernelspec" / "kernel.json"
        if "IRkernel" in libraries:
            packed["share/jupyter/kernels/ir/kernel.json"] = spec
        channel.add(name, "1.0", packed, depends=["r-base"])
    channel.index()
    return version


def machine_without(name: str, folder: Path) -> Path:
    """This machine's R as it is where a package of Debian's is not installed.

    Args:
        name: The package.
        folder: Where this is made; it is empty.

    Returns:
        The program.
    """
    (folder / "library").mkdir()
    for each in _beside(name):
        (folder / "library" / each).symlink_to(_LIBRARIES / each)
    program = folder / "R"
    program.write_text(_MACHINE.format(library=folder / "library", home=_HOME))
    program.chmod(0o755)
    return program


def _beside(name: str) -> list[str]:
    return sorted(each.name for each in _LIBRARIES.iterdir() if each.name != name)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file below a folder of Debian's, whose links are followed."""
    for where, _, names in os.walk(folder, followlinks=True):
        for name in names:
            path = Path(where, name)
            if path.is_file():
                yield path.relative_to(folder).as_posix(), path.resolve()
