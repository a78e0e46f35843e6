"""Files on their way into a container."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import IO

# Whose files are where an image gives its user a name: the number that images for Binder have.
_UID = 1000


def pack(folder: Path, archive: IO[bytes], owner: str) -> None:
    """Write a folder's files as a tar archive, which is at its beginning afterwards.

    Args:
        folder: The folder.
        archive: Takes it.
        owner: Whose the files are to be: a number, or ``number:group``; of one that is given by
            its name, the number that images for Binder have.
    """
    user, _, group = owner.partition(":")
    uid = int(user) if user.isdecimal() else _UID
    gid = int(group) if group.isdecimal() else uid

    def owned(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid, entry.gid, entry.uname, entry.gname = uid, gid, "", ""
        return entry

    with tarfile.open(fileobj=archive, mode="w") as packed:
        for path in sorted(folder.iterdir()):
            packed.add(path, path.name, filter=owned)
    archive.seek(0)
