"""Archives that mean harm: each refused before anything is unpacked, or made harmless."""

from __future__ import annotations

import io
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from hubroam.errors import RepositoryError, RepositoryRefused
from hubroam.providers.archives.entries import Limits
from hubroam.providers.archives.layouts import Download, one_zip_unpacked, tarball

from .helpers import contents, fetch, git, zenodo

LIMITS = Limits(size=10**6, files=50)


def member(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    """A member as programs on Unix write it."""
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def zip_of(path: Path, *members: tuple[zipfile.ZipInfo | str, str | bytes]) -> bytes:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, content in members:
            archive.writestr(info, content)
    return path.read_bytes()


def link(name: str, target: str) -> tuple[zipfile.ZipInfo, str]:
    return member(name, stat.S_IFLNK | 0o777), target


def unzip(path: Path) -> dict[str, bytes]:
    """What a zip that is a record's only file gives."""
    with one_zip_unpacked([Download("book.zip", path)], LIMITS, "The record") as entries:
        return {entry.path: b"".join(entry.blocks()) for entry in entries}


def tar_of(path: Path, *members: tarfile.TarInfo | tuple[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for each in members:
            if isinstance(each, tarfile.TarInfo):
                archive.addfile(each)
            else:
                info = tarfile.TarInfo(each[0])
                info.size = len(each[1])
                archive.addfile(info, io.BytesIO(each[1]))
    return path


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def untar(path: Path) -> dict[str, bytes]:
    with tarball([Download("book.tar.gz", path)], LIMITS, "The record") as entries:
        return {entry.path: b"".join(entry.blocks()) for entry in entries}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../evil", "written outside of it"),
        ("a/../../evil", "written outside of it"),
        ("..\\evil", "written outside of it"),
        ("/etc/passwd", "written outside of it"),
        ("\\\\server\\share", "written outside of it"),
        ("C:\\Windows\\evil", "written outside of it"),
        ("a\nb", "no name of a file"),
        ("a\x1b[2Jb", "no name of a file"),
        ("./.", "no name of a file"),
        ("x" * 256, "too long"),
        ("/".join(["x" * 200] * 6), "too long"),
        ("é" * 128, "too long"),
    ],
)
def test_names_in_a_zip(tmp_path, name, words):
    path = tmp_path / "book.zip"
    zip_of(path, ("fine", ""), (member(name), "x"))
    with pytest.raises(RepositoryRefused, match=words) as caught:
        unzip(path)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 200


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a\\b", "x" * 300])
def test_names_in_a_tar(tmp_path, name):
    with pytest.raises(RepositoryRefused):
        untar(tar_of(tmp_path / "book.tar.gz", ("fine", b""), (name, b"x")))


@pytest.mark.parametrize(
    "links",
    [
        [("out", "/etc/passwd")],
        [("out", "../secret")],
        [("a/out", "../../secret")],
        [("here", "a/.."), ("out", "here/../../secret")],
        [("d/up", ".."), ("out", "d/up/../secret")],  # inside by its letters, outside by its links
        [("a", "b"), ("b", "a")],
        [("out", "x\ny")],
        [(".gitmodules", "other")],
        [("out", "")],
    ],
)
def test_links_that_lead_out(tmp_path, links):
    path = tmp_path / "book.zip"
    zip_of(path, ("d/fine", ""), *(link(*each) for each in links))
    with pytest.raises(RepositoryRefused):
        unzip(path)
    with pytest.raises(RepositoryRefused):
        untar(
            tar_of(
                tmp_path / "book.tar.gz",
                ("d/fine", b""),
                *(special(name, tarfile.SYMTYPE, target) for name, target in links),
            )
        )


def test_links_that_stay_inside_are_links(tmp_path):
    path = tmp_path / "book.zip"
    zip_of(path, ("data/a", "x"), link("b", "data/a"), link("c/d", "../data"))
    assert unzip(path) == {"data/a": b"x", "b": b"data/a", "c/d": b"../data"}


def test_a_link_out_of_the_folder_that_is_left_out(tmp_path):
    """What stays inside of the archive's own folder may lead out of ours."""
    path = tmp_path / "book.zip"
    zip_of(path, ("top/a", "x"), link("top/b", "../top/a"))
    with pytest.raises(RepositoryRefused, match="b, a link that leads out of it"):
        unzip(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["a", "a/b"])
def test_a_link_and_what_would_be_written_through_it(tmp_path, second):
    path = tmp_path / "book.zip"
    zip_of(path, ("target/x", ""), link("a", "target"), (second, "evil"))
    if second == "a":  # the later one wins: a plain file
        assert unzip(path)["a"] == b"evil"
    else:
        with pytest.raises(RepositoryRefused, match="a/b, and a is a file there too"):
            unzip(path)


def test_names_that_differ_in_case_are_two_files(tmp_path):
    path = tmp_path / "book.zip"
    zip_of(path, ("README", "one"), ("readme", "two"))
    assert unzip(path) == {"README": b"one", "readme": b"two"}


@pytest.mark.parametrize(
    "name",
    [".git/config", "sub/.git/hooks/post-checkout", ".GIT/config", "git~1/x", ".git", ".git . /x"],
)
def test_a_repository_inside_is_left_out(tmp_path, name):
    path = tmp_path / "book.zip"
    zip_of(path, ("page.md", "x"), ("b", ""), (member(name, stat.S_IFREG | 0o755), "evil"))
    assert unzip(path) == {"page.md": b"x", "b": b""}


@pytest.mark.parametrize("kind", [stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_devices_in_a_zip(tmp_path, kind):
    path = tmp_path / "book.zip"
    zip_of(path, (member("dev/null", kind | 0o666), ""))
    with pytest.raises(RepositoryRefused, match="dev/null, which is no file"):
        unzip(path)


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_devices_in_a_tar(tmp_path, kind):
    with pytest.raises(RepositoryRefused, match="dev/null, which is neither file nor folder"):
        untar(tar_of(tmp_path / "book.tar.gz", special("dev/null", kind)))


@pytest.mark.parametrize("target", ["/etc/passwd", "../secret", "b", "later"])
def test_hard_links_lead_to_files_before_them(tmp_path, target):
    hard = special("b", tarfile.LNKTYPE, target)
    with pytest.raises(RepositoryRefused, match="b, a link that leads out of it"):
        untar(tar_of(tmp_path / "book.tar.gz", hard, ("later", b"x")))
    good = special("b", tarfile.LNKTYPE, "a")
    assert untar(tar_of(tmp_path / "good.tar.gz", ("a", b"x"), good)) == {"a": b"x", "b": b"x"}


def test_a_bomb_is_refused_by_its_own_words(tmp_path):
    path = tmp_path / "book.zip"
    assert len(zip_of(path, *((f"{n}", bytes(400_000)) for n in range(3)))) < 5000
    with pytest.raises(RepositoryRefused, match="larger than this hub allows: 1 MB"):
        unzip(path)


def test_a_bomb_that_says_it_is_small(tmp_path):
    """Its directory and its header say one byte; what it unpacks to is counted."""
    path = tmp_path / "book.zip"
    content = zip_of(path, ("bomb", bytes(5_000_000)))
    path.write_bytes(content.replace((5_000_000).to_bytes(4, "little"), (1).to_bytes(4, "little")))
    with pytest.raises(RepositoryError, match="is broken"):
        unzip(path)


def test_a_zip_of_very_many_files(tmp_path):
    path = tmp_path / "book.zip"
    zip_of(path, *((f"{n}", b"") for n in range(51)))
    with pytest.raises(RepositoryRefused, match="more than the 50 files"):
        unzip(path)


def test_a_directory_that_would_fill_the_memory(tmp_path):
    path = tmp_path / "book.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(200):
            info = zipfile.ZipInfo(f"{number}")
            info.comment = b"x" * 65_000
            archive.writestr(info, b"")
    with pytest.raises(RepositoryRefused, match="more files than this hub can read"):
        unzip(path)


def test_a_bomb_in_a_tar(tmp_path):
    big = tar_of(tmp_path / "one.tar.gz", ("bomb", bytes(2_000_000)), ("b", b""))
    with pytest.raises(RepositoryRefused, match="larger than this hub allows"):
        untar(big)
    many = tar_of(tmp_path / "two.tar.gz", *((f"{n}", b"") for n in range(51)))
    with pytest.raises(RepositoryRefused, match="more than the 50 files"):
        untar(many)


def test_a_header_of_a_tar_that_would_fill_the_memory(tmp_path):
    info = tarfile.TarInfo("a")
    info.pax_headers = {"comment": "x" * 9_000_000}
    with pytest.raises(RepositoryRefused, match="more files than this hub can read"):
        untar(tar_of(tmp_path / "book.tar.gz", info))


def test_an_encrypted_zip(tmp_path):
    path = tmp_path / "book.zip"
    content = bytearray(zip_of(path, ("a", b"secret")))
    content[6] |= 1  # the flag, in the header and in the directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(RepositoryError, match="is encrypted"):
        unzip(path)


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b\x08", b"no archive at all"])
def test_a_broken_tar(tmp_path, content):
    path = tmp_path / "book.tar.gz"
    path.write_bytes(content)
    with pytest.raises(RepositoryError, match="is broken"):
        untar(path)


async def test_a_hostile_record_leaves_nothing(archives, tmp_path):
    book = zip_of(tmp_path / "book.zip", ("a", "x"), ("../../evil", "x"))
    root = tmp_path / "deep" / "down" / "mirrors"
    with pytest.raises(RepositoryRefused, match="Zenodo record 1 holds"):
        await fetch(zenodo(archives), archives.zenodo(1, {"book.zip": book}), root)
    assert not [path for path in tmp_path.rglob("*") if "evil" in path.name]
    assert [path.name for path in root.iterdir() if path.is_dir()] == []


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", ".git/config"])
async def test_names_that_a_service_gives(archives, tmp_path, name):
    spec = archives.zenodo(1, {name: b"x", "fine": b"y"})
    if name.startswith(".git"):
        assert await contents(zenodo(archives), spec, tmp_path) == {"fine": b"y"}
    else:
        with pytest.raises(RepositoryRefused, match="written outside of it"):
            await fetch(zenodo(archives), spec, tmp_path)
        assert archives.asked("/api/records/1/files/fine/content") == 0


async def test_what_is_kept_can_be_checked_out(archives, tmp_path):
    """Programs stay programs, odd names stay as they are, and git finds nothing to complain of."""
    book = zip_of(
        tmp_path / "book.zip",
        (member("start", stat.S_IFREG | 0o755), "#!/bin/sh\n"),
        ('a "quoted" näme', "x"),
        (".gitmodules", '[submodule "x"]\n\tpath = x\n\turl = https://127.0.0.1:1/x\n'),
        (".gitattributes", "*.md filter=evil\n"),
        ("page.md", "x"),
        ("-rf", "x"),
        link("same", "page.md"),
        ("README", "one"),
        ("readme", "two"),
    )
    spec = archives.zenodo(1, {"book.zip": book})
    mirror, resolved = await fetch(zenodo(archives), spec, tmp_path / "mirrors")
    seat = tmp_path / "seat"
    await mirror.checkout(resolved.commit, seat, origin=resolved.clone_url)
    assert (seat / "start").stat().st_mode & 0o111
    assert not (seat / "page.md").stat().st_mode & 0o111
    assert (seat / 'a "quoted" näme').read_text() == "x"
    assert (seat / "same").readlink() == Path("page.md")
    assert (seat / "README").read_text() + (seat / "readme").read_text() == "onetwo"
    assert git(seat, "status", "--porcelain") == ""
    assert git(mirror.path, "fsck", "--strict") == ""
