"""A session's own layer over a shared environment.

Many sessions share one environment.  A reader who runs ``%pip install`` must
change their own session and nobody else's, so each session gets a virtual
environment of its own that holds nothing but a path to the shared one's
packages: what is installed goes into the layer and comes first on its path.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from hubroam.environments.r import LIBRARY

# ``pip`` as a command must act on the layer: the shared one has its own path in its first line.
_PIP = """#!/bin/sh
exec "{python}" -m pip "$@"
"""

# Appended by Python's `site` after the layer's own packages; addsitedir also
# reads the shared environment's .pth files (namespace packages, editable installs).
_PATH_FILE = "import site; site.addsitedir({packages!r})\n"


def add_layer(prefix: Path, target: Path) -> Path:
    """Make a layer over an environment.

    Args:
        prefix: The environment's prefix, a virtual environment or conda's.
        target: The layer's prefix; must not exist.

    Returns:
        The layer's interpreter.  A Jupyter server that has ``target/share/jupyter`` first in
        ``JUPYTER_PATH`` starts Python kernels with it.
    """
    shared_packages = next((prefix / "lib").glob("python3*/site-packages"))
    packages = target / shared_packages.relative_to(prefix)
    packages.mkdir(parents=True)
    (target / "bin").mkdir()
    settings = prefix / "pyvenv.cfg"
    text = settings.read_text() if settings.exists() else f"home = {prefix / 'bin'}\n"  # conda's
    (target / "pyvenv.cfg").write_text(text)
    python = target / "bin" / "python"
    python.symlink_to((prefix / "bin" / "python").resolve())
    for alias in ("python3", packages.parent.name):
        (target / "bin" / alias).symlink_to("python")
    for name in ("pip", "pip3"):
        script = target / "bin" / name
        script.write_text(_PIP.format(python=python))
        script.chmod(0o755)
    (packages / "_hubroam_layer.pth").write_text(
        _PATH_FILE.format(packages=str(shared_packages)), encoding="utf-8"
    )
    _point_kernels(prefix, target, python)
    if (prefix / LIBRARY).is_dir():
        (target / LIBRARY).mkdir()  # what a reader installs in R
    return python


def _point_kernels(prefix: Path, target: Path, python: Path) -> None:
    """Copy the kernelspecs that run the environment's Python, with the layer's in its place."""
    shared_python = {str(path) for path in (prefix / "bin").glob("python*")}
    for spec in (prefix / "share/jupyter/kernels").glob("*/kernel.json"):
        kernel = json.loads(spec.read_text(encoding="utf-8"))
        argv = kernel.get("argv") or [""]
        if argv[0] not in shared_python:
            continue
        kernel["argv"] = [str(python), *argv[1:]]
        folder = target / spec.parent.relative_to(prefix)
        shutil.copytree(spec.parent, folder)
        (folder / "kernel.json").write_text(json.dumps(kernel, indent=1), encoding="utf-8")


def session_variables(prefix: Path, layer: Path, content: Path, *, path: str) -> dict[str, str]:
    """What a session's programs are told of the place where they work.

    Args:
        prefix: The environment's prefix.
        layer: The layer over it.
        content: The session's checkout, which is its home as with repo2docker.
        path: ``PATH`` without the session.
    """
    has_r = (prefix / LIBRARY).is_dir()
    return {
        **({"R_LIBS_USER": str(layer / LIBRARY)} if has_r else {}),
        "HOME": str(content),
        "REPO_DIR": str(content),  # repo2docker's name for it
        "VIRTUAL_ENV": str(layer),
        "PATH": os.pathsep.join([str(layer / "bin"), str(prefix / "bin"), path]),
        "JUPYTER_PATH": os.pathsep.join(
            [str(layer / "share/jupyter"), str(prefix / "share/jupyter")]
        ),
    }


def lay_over(overlay: Path, content: Path) -> None:
    """Copy what ``postBuild`` left into a checkout, except where it has a file of that name."""
    for source in sorted(overlay.rglob("*")):
        target = content / source.relative_to(overlay)
        if source.is_dir() and not source.is_symlink():
            if not target.exists():
                target.mkdir(parents=True)
        elif not target.exists() and not target.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
