"""A conda channel of our own: packages made of this machine's Python and of wheels, really indexed.

No public channel can be reached here. What stands in for one is served over HTTP and holds
packages in conda's own format, so that the solver and the installer do all of their work.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path
from platform import python_version

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from uv import find_uv_bin

from hubroam.recipes.conda import subdir

#: Where conda-forge is: what the channel stands in for.
FORGE = "https://conda.anaconda.org/conda-forge"

_LIBRARY = f"lib/python{sys.version_info.major}.{sys.version_info.minor}"
_PACKAGES = f"{_LIBRARY}/site-packages"
# What of Python's own library no test needs.
_LEFT_OUT = {"test", "tests", "idlelib", "turtledemo", "lib2to3", "site-packages", "__pycache__"}


class CondaChannel:
    """A channel in a folder.

    Args:
        root: Its folder; made when it is missing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(
        self,
        name: str,
        version: str,
        files: Mapping[str, bytes | Path],
        *,
        depends: Iterable[str] = (),
        noarch: str | None = None,
        build: str = "0",
    ) -> Path:
        """Add a package.

        Args:
            name: The package's name.
            version: Its version.
            files: What it holds, by path below the prefix: bytes, or a file or link to copy.
            depends: What it needs, as conda writes it.
            noarch: ``python`` or ``generic`` for one that serves every platform.
            build: The build string.
        """
        platform = "noarch" if noarch else subdir()
        index = {
            "name": name,
            "version": version,
            "build": build,
            "build_number": 0,
            "depends": list(depends),
            "subdir": platform,
            **({"noarch": noarch} if noarch else {}),
        }
        folder = self.root / platform
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}-{version}-{build}.tar.bz2"
        paths = [_entry(where, content) for where, content in sorted(files.items())]
        with tarfile.open(path, "w:bz2", compresslevel=1) as archive:
            _put(archive, "info/index.json", json.dumps(index).encode())
            listing = {"paths": paths, "paths_version": 1}
            _put(archive, "info/paths.json", json.dumps(listing).encode())
            _put(archive, "info/files", "\n".join(sorted(files)).encode())
            for where, content in files.items():
                if isinstance(content, bytes):
                    _put(archive, where, content, executable=where.startswith("bin/"))
                else:
                    archive.add(content, where, recursive=False)
        return path

    def add_python(self) -> None:
        """Add this machine's Python."""
        base = Path(sys.base_prefix)
        name = f"python{sys.version_info.major}.{sys.version_info.minor}"
        files: dict[str, bytes | Path] = {f"bin/{name}": (base / "bin" / name).resolve()}
        for folder, folders, names in os.walk(base / _LIBRARY):
            folders[:] = [each for each in folders if each not in _LEFT_OUT]
            folders[:] = [each for each in folders if not each.startswith("config-")]
            for each in names:
                path = Path(folder, each)
                files[path.relative_to(base).as_posix()] = path.resolve()
        for path in (base / "lib").glob("libpython*.so*"):
            files[f"lib/{path.name}"] = path.resolve()
        for alias in ("python", "python3"):
            link = self.root / alias
            link.unlink(missing_ok=True)
            link.symlink_to(name)
            files[f"bin/{alias}"] = link
        self.add("python", python_version(), files)

    def add_wheels(self, wheels: Iterable[str], folder: Path) -> None:
        """Add packages of the Python index with all that they need.

        Args:
            wheels: Requirements.
            folder: Where they are unpacked; must not exist.
        """
        command = [find_uv_bin(), "pip", "install", "--quiet", "--no-config", "--target"]
        subprocess.run([*command, str(folder), "--python", sys.executable, *wheels], check=True)
        for info in folder.glob("*.dist-info"):
            self._add_wheel(PathDistribution(info), folder)

    def _add_wheel(self, wheel: Distribution, folder: Path) -> None:
        files: dict[str, bytes | Path] = {}
        for file in wheel.files or []:
            path = Path(str(file.locate())).resolve()
            if "__pycache__" in path.parts or not path.is_file():
                continue
            place = path.relative_to(folder.resolve()).as_posix()
            beside = place.split("/")[0] in ("bin", "share", "etc")
            if place.startswith("bin/"):
                continue  # its first line names this machine's Python
            files[place if beside else f"{_PACKAGES}/{place}"] = path
        needs = [Requirement(text) for text in wheel.requires or []]
        here = [n for n in needs if not n.marker or n.marker.evaluate({"extra": ""})]
        depends = [f"python {sys.version_info.major}.{sys.version_info.minor}.*"]
        depends += [_as_conda(need) for need in here]
        self.add(canonicalize_name(wheel.name), wheel.version, files, depends=depends)

    def index(self) -> None:
        """Write what solvers read; call it after packages were added."""
        from rattler.index import index_fs

        (self.root / "noarch").mkdir(parents=True, exist_ok=True)
        asyncio.run(index_fs(self.root, force=True))

    @contextmanager
    def serve(self):
        """Serve it on a free port of this machine; gives its address."""
        handler = partial(_Quiet, directory=str(self.root))
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()
            thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def send_head(self):
        """As ever, and never 304: this server's would lack what caches need (RFC 9110, 15.4.5)."""
        del self.headers["If-Modified-Since"]
        return super().send_head()

    def end_headers(self):
        """With leave to keep nothing unasked: who may guess does so by a file's age."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's)
        """Say nothing."""


def _as_conda(need: Requirement) -> str:
    version = ",".join(
        str(each).removesuffix(".*") if "==" not in str(each) else str(each).removeprefix("==")
        for each in need.specifier
    )
    return f"{canonicalize_name(need.name)} {version}".strip()


def _put(archive: tarfile.TarFile, name: str, content: bytes, *, executable: bool = False) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.mode = 0o755 if executable else 0o644
    archive.addfile(info, io.BytesIO(content))


def _entry(where: str, content: bytes | Path) -> dict[str, object]:
    if isinstance(content, Path) and content.is_symlink():
        return {"_path": where, "path_type": "softlink", "sha256": hashlib.sha256().hexdigest()}
    data = content if isinstance(content, bytes) else content.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return {"_path": where, "path_type": "hardlink", "sha256": digest, "size_in_bytes": len(data)}
