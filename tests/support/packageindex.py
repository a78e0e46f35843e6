"""A package index of one's own: wheels made here, in a folder that a web server shows."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path


class PackageIndex:
    """Wheels of pure Python and their simple index (PEP 503).

    Args:
        root: The folder; its ``simple/`` is the index.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, name: str, version: str, *needs: str, module: str = "") -> Path:
        """Publish a version of a package, whose module says its version; returns the wheel."""
        wheel = self.root / "wheels" / f"{name}-{version}-py3-none-any.whl"
        wheel.parent.mkdir(parents=True, exist_ok=True)
        info = f"{name}-{version}.dist-info"
        files = {
            f"{name}.py": f"__version__ = {version!r}\n{module}\n",
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
            + "".join(f"Requires-Dist: {each}\n" for each in needs),
            f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\n"
            "Root-Is-Purelib: true\nTag: py3-none-any\n",
        }
        files[f"{info}/RECORD"] = "".join(f"{each},,\n" for each in [*files, f"{info}/RECORD"])
        with zipfile.ZipFile(wheel, "w") as archive:
            for path, content in files.items():
                archive.writestr(path, content)
        self._show(name)
        return wheel

    def add_source(self, name: str, version: str) -> Path:
        """Publish a version of a package that has no wheel; returns its archive."""
        archive = self.root / "wheels" / f"{name}-{version}.tar.gz"
        archive.parent.mkdir(parents=True, exist_ok=True)
        files = {
            "PKG-INFO": f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n",
            "pyproject.toml": f'[project]\nname = "{name}"\nversion = "{version}"\n',
            f"{name}.py": f"__version__ = {version!r}\n",
        }
        with tarfile.open(archive, "w:gz") as tar:
            for path, content in files.items():
                info = tarfile.TarInfo(f"{name}-{version}/{path}")
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content.encode()))
        self._show(name)
        return archive

    def remove(self, name: str, version: str) -> None:
        """Take a version away, as an index does whose author deleted it."""
        (self.root / "wheels" / f"{name}-{version}-py3-none-any.whl").unlink()
        self._show(name)

    def _show(self, name: str) -> None:
        page = self.root / "simple" / name / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        links = ""
        for wheel in sorted((self.root / "wheels").glob(f"{name}-*")):
            digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
            links += f'<a href="/wheels/{wheel.name}#sha256={digest}">{wheel.name}</a>\n'
        page.write_text(links)
