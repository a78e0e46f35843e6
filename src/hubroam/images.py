"""The size of an image, read from its first bytes."""

from __future__ import annotations

import re
import struct

_PNG = b"\x89PNG\r\n\x1a\n"
_ICO = b"\x00\x00\x01\x00"
_SVG = re.compile(rb"<svg\b[^>]*>", re.IGNORECASE)


def image_size(content: bytes) -> tuple[int, int] | None:
    """Width and height.

    Args:
        content: The beginning of a PNG, ICO or SVG file.

    Returns:
        Pixels; None when it is no such image, or an SVG that names no size in pixels. Of the
        images in an ICO file, the largest.
    """
    if content.startswith(_PNG) and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return int(width), int(height)
    if content.startswith(_ICO) and len(content) >= 22:
        count = min(int.from_bytes(content[4:6], "little"), (len(content) - 6) // 16)
        sizes = [(content[6 + 16 * n] or 256, content[7 + 16 * n] or 256) for n in range(count)]
        return max(sizes, default=None)
    if found := _SVG.search(content):
        width, height = (_pixels(found[0], name) for name in (b"width", b"height"))
        return (width, height) if width and height else None
    return None


def _pixels(tag: bytes, name: bytes) -> int:
    found = re.search(rb"\s" + name + rb"\s*=\s*[\"'](\d{1,5})(?:\.0*)?(?:px)?[\"']", tag)
    return int(found[1]) if found else 0
