"""zip and tar archives of strangers, read entry by entry."""

from __future__ import annotations

import gzip
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from hubroam.errors import RepositoryError, RepositoryRefused
from hubroam.providers.archives.entries import FILE, LINK, PROGRAM, Entry, Limits, shown

_BLOCK = 2**18
# Bytes that are read at once: the directory of a zip, a header of a tar.  With some 60 bytes for
# each file that is more than a hundred thousand of them; what is larger would fill the memory.
_LONGEST_READ = 8 * 2**20
_LONGEST_TARGET = 4096
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,  # a kind of compression that zipfile does not know
    RuntimeError,  # it wants a password
    UnicodeError,
    ValueError,
)


@contextmanager
def broken(what: str) -> Iterator[None]:
    """Give a broken archive its error.

    Raises:
        RepositoryError: It is broken, encrypted, or packed in a way that is not known.
    """
    try:
        yield
    except _BROKEN as error:
        secret = isinstance(error, RuntimeError) and "password" in str(error)
        raise RepositoryError(
            f"{what} {'is encrypted' if secret else 'is broken, and cannot be unpacked'}.",
            next_step="Try again later, or tell its author to pack it anew.",
        ) from None


@contextmanager
def zip_entries(path: Path, limits: Limits, what: str) -> Iterator[list[Entry]]:
    """The files and links of a zip archive, while it is open.

    Raises:
        RepositoryRefused: It holds too much, or what is neither file nor folder nor link.
        RepositoryError: It is broken.
    """
    with ExitStack() as opened:
        with broken(what):
            file = opened.enter_context(path.open("rb"))
            archive = opened.enter_context(zipfile.ZipFile(_Careful(file, what)))
            limits.check_files(len(archive.infolist()), what)
            found = (_zip_entry(archive, member, what) for member in archive.infolist())
            entries = [entry for entry in found if entry is not None]
        yield entries


def _zip_entry(archive: zipfile.ZipFile, member: zipfile.ZipInfo, what: str) -> Entry | None:
    """A member, None for a folder."""
    # programs on Windows write backslashes, against the format; every unpacker reads them so
    name = member.filename.replace("\\", "/")
    if name.endswith("/"):
        return None
    unix = member.external_attr >> 16 if member.create_system == 3 else 0

    def blocks() -> Iterator[bytes]:
        with broken(what), archive.open(member) as stream:
            while block := stream.read(_BLOCK):
                yield block

    if stat.S_ISLNK(unix):
        if member.file_size > _LONGEST_TARGET:
            raise _odd(what, name, "a link that leads nowhere")
        target = b"".join(blocks()).decode(errors="surrogateescape")
        return Entry(name, member.file_size, blocks, LINK, target)
    if stat.S_IFMT(unix) not in (0, stat.S_IFREG):
        raise _odd(what, name, "which is no file")
    return Entry(name, member.file_size, blocks, PROGRAM if unix & 0o111 else FILE)


@contextmanager
def tar_entries(path: Path, limits: Limits, what: str) -> Iterator[list[Entry]]:
    """The files and links of a gzipped tar archive, while it is open.

    Raises:
        RepositoryRefused: It holds too much, or what is neither file nor folder nor link.
        RepositoryError: It is broken.
    """
    with ExitStack() as opened:
        with broken(what):
            plain = opened.enter_context(gzip.open(path, "rb"))
            # ``r:`` reads an archive's headers one by one and jumps over contents
            careful = _Careful(plain, what)
            archive = opened.enter_context(tarfile.open(fileobj=careful, mode="r:"))
            entries = list(_tar_members(archive, limits, what))
        yield entries


def _tar_members(archive: tarfile.TarFile, limits: Limits, what: str) -> Iterator[Entry]:
    files: dict[str, tarfile.TarInfo] = {}
    size = 0
    for number, member in enumerate(archive, 1):
        size += member.size  # counted before the next one is asked for, which unpacks this one
        limits.check_files(number, what)
        limits.check_size(size, what)
        if member.issym():
            target = member.linkname.encode(errors="surrogateescape")
            blocks = partial(iter, [target])
            yield Entry(member.name, len(target), blocks, LINK, member.linkname)
            continue
        if member.isdir():
            continue
        if member.isfile():
            files[member.name] = member
        elif not member.islnk():
            raise _odd(what, member.name, "which is neither file nor folder")
        elif member.linkname not in files:  # of a hard link, which names a file before it
            raise _odd(what, member.name, "a link that leads out of it")
        source = member if member.isfile() else files[member.linkname]
        yield Entry(
            member.name,
            source.size,
            _tar_blocks(archive, source, what),
            PROGRAM if source.mode & 0o111 else FILE,
        )


def _tar_blocks(
    archive: tarfile.TarFile, member: tarfile.TarInfo, what: str
) -> Callable[[], Iterator[bytes]]:
    def blocks() -> Iterator[bytes]:
        with broken(what):
            stream = archive.extractfile(member)
            while stream and (block := stream.read(_BLOCK)):
                yield block

    return blocks


def file_entry(path: Path, name: str) -> Entry:
    """A file that is kept as it is."""

    def blocks() -> Iterator[bytes]:
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                yield block

    return Entry(name, path.stat().st_size, blocks)


def is_zip(path: Path) -> bool:
    """Whether a file is a zip archive, by its content."""
    return zipfile.is_zipfile(path)


class _Careful(io.BufferedIOBase):
    """A file that refuses to be read in pieces that would fill the memory.

    zipfile reads the whole directory of an archive at once, and tarfile a whole header.
    """

    def __init__(self, file: io.BufferedIOBase | io.BufferedReader | gzip.GzipFile, what: str):
        super().__init__()
        self._file = file
        self._what = what

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _LONGEST_READ:
            raise RepositoryRefused(
                f"{self._what} names more files than this hub can read.",
                next_step="Launch a smaller record.",
            )
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


def _odd(what: str, name: str, why: str) -> RepositoryRefused:
    return RepositoryRefused(
        f"{what} holds {shown(name)}, {why}.",
        next_step="Tell its author to pack it anew, without this entry.",
    )
