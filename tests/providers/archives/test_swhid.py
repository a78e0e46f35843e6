"""Software Heritage: folders and revisions by their ids."""

from __future__ import annotations

import io
import tarfile

import pytest

from hubroam.errors import RepositoryNotFound

from .helpers import contents, fetch, git, heritage

REVISION = "309cf2674ee7a0749978cf8265ab91a60aea0f7d"


def packed(folder: str, extra: str = "") -> bytes:
    """As the vault packs a folder: in one that the id names."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, content in (("index.md", b"# Waves\n"), ("binder/requirements.txt", b"six\n")):
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        if extra:
            archive.addfile(tarfile.TarInfo(f"{folder}/{extra}"))
    return stream.getvalue()


@pytest.fixture
def folder(book):
    """The id of those files, as git itself computes it."""
    commit = book.commit({"binder/requirements.txt": "six\n"})
    return f"swh:1:dir:{book.git('rev-parse', f'{commit}^{{tree}}')}"


async def test_a_folder(archives, tmp_path, folder):
    archives.folder(folder, packed(folder))
    lines: list[str] = []
    mirror, resolved = await fetch(heritage(archives), f"swhid/{folder}", tmp_path / "m", lines)
    tree = git(mirror.path, "rev-parse", f"{resolved.commit}^{{tree}}")
    assert f"swh:1:dir:{tree}" == folder
    assert resolved.ref_url == f"https://archive.softwareheritage.org/{folder}"
    assert not any("without some" in line or "being packed" in line for line in lines)
    assert archives.requests[0].method == "POST"


async def test_a_revision_is_its_folder(archives, tmp_path, folder):
    archives.folder(folder, packed(folder), revision=REVISION, waits=3)
    lines: list[str] = []
    spec = f"swhid/swh:1:rev:{REVISION}"
    _, resolved = await fetch(heritage(archives), spec, tmp_path / "m", lines)
    assert resolved.ref == folder.rpartition(":")[2]
    packing = f"Software Heritage swh:1:rev:{REVISION} is being packed"
    assert lines.count(packing) == 3
    assert str(resolved.pinned) == spec.replace(":", "%3A")


async def test_what_is_not_all_there_is_told(archives, tmp_path, folder):
    archives.folder(folder, packed(folder, extra="more"))
    lines: list[str] = []
    await fetch(heritage(archives), f"swhid/{folder}", tmp_path / "m", lines)
    assert lines[-1].endswith("came without some of its parts, such as submodules")


async def test_an_id_that_is_not_there(archives, tmp_path, folder):
    with pytest.raises(RepositoryNotFound, match="does not exist"):
        await contents(heritage(archives), f"swhid/swh:1:rev:{REVISION}", tmp_path / "m")


async def test_a_folder_that_cannot_be_packed(archives, tmp_path, folder):
    archives.put(f"/api/1/vault/flat/{folder}/", {"status": "failed", "swhid": folder})
    with pytest.raises(RepositoryNotFound, match="cannot be packed by Software Heritage"):
        await contents(heritage(archives), f"swhid/{folder}", tmp_path / "m")
