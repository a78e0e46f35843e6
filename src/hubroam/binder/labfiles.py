"""JupyterLab's own files, at one address for all sessions.

Each session serves them too, at an address of its own: a browser would load all of them, and
compile them, anew for each session. Their names have digests of what is in them.
"""

from __future__ import annotations

import gzip
import mimetypes
import os
import shutil
from pathlib import Path

from tornado.web import StaticFileHandler

# Seconds: the name changes with the content.
_LIFETIME = 365 * 24 * 3600
# What compresses well; pictures and fonts are compressed already.
_COMPRESSED = (".js", ".css", ".json", ".svg")
_LEVEL = 6
# Bytes: in less than one packet of a network there is nothing to save.
_LEAST = 1400


def compress(source: Path, target: Path) -> None:
    """Make compressed copies of files, of which those that are there already stay.

    Args:
        source: The files; their names tell their content.
        target: Where the copies are, with ``.gz`` behind their names; others are removed.

    Raises:
        OSError: They cannot be written.
    """
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted = {
        f"{path.name}.gz": path
        for path in source.iterdir()
        if path.suffix in _COMPRESSED and path.stat().st_size >= _LEAST
    }
    for path in target.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, path in wanted.items():
        if not (target / name).exists():
            aside = target / f"{name}.{os.getpid()}"
            with path.open("rb") as original, gzip.open(aside, "wb", _LEVEL) as copy:
                shutil.copyfileobj(original, copy)
            aside.rename(target / name)


class LabFileHandler(StaticFileHandler):
    """JupyterLab's files; browsers keep them, and get them compressed."""

    def initialize(
        self,
        path: str,
        default_filename: str | None = None,
        allowed_symlink_directory: str | list[str] | None = None,
        compressed: str = "",
    ) -> None:
        """Take the two folders: the files, and their compressed copies."""
        super().initialize(path, default_filename, allowed_symlink_directory)
        self._compressed = Path(compressed)
        self._sent_compressed = False

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """Choose the file, or its compressed copy when the browser takes it."""
        found = super().validate_absolute_path(root, absolute_path)
        copy = self._compressed / f"{Path(found or '').name}.gz"
        accepted = self.request.headers.get("Accept-Encoding", "")
        # of a part of a file there is no compressed copy
        if "gzip" in accepted and "Range" not in self.request.headers and copy.is_file():
            self._sent_compressed = True
            return str(copy)
        return found

    def get_content_size(self) -> int:
        """Bytes of what is sent."""
        return Path(str(self.absolute_path)).stat().st_size

    def get_content_type(self) -> str:
        """The type of what is in the file, not of its compression."""
        kind, _ = mimetypes.guess_type(str(self.absolute_path).removesuffix(".gz"))
        return kind or "application/octet-stream"

    def set_extra_headers(self, path: str) -> None:
        """How long to keep it, and how it is sent."""
        self.set_header("Cache-Control", f"public, max-age={_LIFETIME}, immutable")
        self.set_header("Vary", "Accept-Encoding")
        self.set_header("X-Content-Type-Options", "nosniff")
        if self._sent_compressed:
            self.set_header("Content-Encoding", "gzip")
