"""Zenodo: DOIs to records, records to commits."""

from __future__ import annotations

import pytest
from traitlets import TraitError

from hubroam.errors import (
    ConfigurationError,
    RepositoryError,
    RepositoryNotFound,
    RepositoryRefused,
    RepositoryUnreachable,
)
from hubroam.providers.archives import ZenodoProvider
from hubroam.recipes import read_recipe
from hubroam.spec import BinderSpec
from support.archives import zipped
from support.webserver import HANG, Answer, WebServer

from .helpers import contents, fetch, git, zenodo

BOOK = {"ada-book-1f2e3d4/index.md": "# Waves\n", "ada-book-1f2e3d4/requirements.txt": "six\n"}


async def test_a_record_is_a_commit(archives, tmp_path):
    """As GitHub's releases come to Zenodo: one zip, one folder at its top."""
    spec = archives.zenodo(3242074, {"ada/book-v1.0.zip": zipped(BOOK)})
    mirror, resolved = await fetch(zenodo(archives), spec, tmp_path)
    files = await mirror.files(resolved.commit)
    assert list(files.names()) == ["index.md", "requirements.txt"]
    assert files.read("index.md") == b"# Waves\n"
    assert read_recipe(files).steps
    assert resolved.ref_url == f"{archives.base}/10.5281/zenodo.3242074"
    assert resolved.repo_url == resolved.ref_url
    assert resolved.version == "Zenodo record 3242074"
    assert str(resolved.pinned) == spec
    await mirror.checkout(resolved.commit, tmp_path / "seat", origin=resolved.clone_url)
    assert (tmp_path / "seat" / "index.md").read_text() == "# Waves\n"
    assert git(tmp_path / "seat", "status", "--porcelain") == ""


async def test_the_same_record_is_the_same_commit(archives, tmp_path):
    spec = archives.zenodo(3242074, {"b.zip": zipped(BOOK)})
    one, two = [(await fetch(zenodo(archives), spec, tmp_path / name))[1] for name in "ab"]
    assert one.commit == two.commit


async def test_a_record_is_downloaded_once(archives, tmp_path):
    spec = archives.zenodo(3242074, {"b.zip": zipped(BOOK)})
    for _ in range(2):
        await fetch(zenodo(archives), spec, tmp_path)
    assert archives.asked("/api/records/3242074/files") == 1
    assert archives.asked("/api/records/3242074/files/b.zip/content") == 1
    assert [path.suffix for path in tmp_path.iterdir() if path.is_dir()] == [".git"]


async def test_the_doi_of_all_versions_is_the_newest(archives, tmp_path):
    spec = archives.zenodo(3242074, {"b.zip": zipped(BOOK)})
    archives.doi("10.5281/zenodo.3242073", f"{archives.base}/doi/10.5281/zenodo.3242073")
    archives.put("/doi/10.5281/zenodo.3242073", status=302, Location="/records/3242074#x")
    resolved = await zenodo(archives).resolve(BinderSpec.parse("zenodo/10.5281/zenodo.3242073"))
    assert str(resolved.pinned) == spec
    assert resolved.ref == "3242074"
    assert archives.asked("/records/3242074") == 0  # the page itself is for people


async def test_a_new_version_is_another_commit(archives, tmp_path):
    old = archives.zenodo(1, {"a.txt": b"old"})
    new = archives.zenodo(2, {"a.txt": b"new"})
    assert await contents(zenodo(archives), old, tmp_path) == {"a.txt": b"old"}
    assert await contents(zenodo(archives), new, tmp_path) == {"a.txt": b"new"}


async def test_several_files_are_kept_as_they_are(archives, tmp_path):
    files = {"data/one.zip": zipped({"a": "b"}), "page.ipynb": b"{}"}
    assert await contents(zenodo(archives), archives.zenodo(1, files), tmp_path) == files


async def test_one_file_that_is_no_zip_is_kept(archives, tmp_path):
    spec = archives.zenodo(1, {"page.ipynb": b"{}"})
    assert await contents(zenodo(archives), spec, tmp_path) == {"page.ipynb": b"{}"}


@pytest.mark.parametrize(
    ("members", "names"),
    [
        ({"top/a": "", "top/b/c": ""}, {"a", "b/c"}),
        ({"top/a": "", "other": ""}, {"top/a", "other"}),
        ({"only": ""}, {"only"}),
        ({"top/next/a": ""}, {"next/a"}),
    ],
)
async def test_one_folder_at_the_top_of_a_zip_is_left_out(archives, tmp_path, members, names):
    spec = archives.zenodo(1, {"any-name": zipped(members)})
    assert (await contents(zenodo(archives), spec, tmp_path)).keys() == names


async def test_progress_is_in_bytes(archives, tmp_path):
    lines: list[str] = []
    await fetch(zenodo(archives), archives.zenodo(1, {"a": b"x" * 123_456}), tmp_path, lines)
    assert "Receiving a: 123 kB, done." in lines


async def test_other_archives_of_its_kind(archives, tmp_path):
    """InvenioRDM's own answers have the DOI among the record's ids, and ids of letters."""
    archives.doi("10.22002/abcde-12345", f"{archives.base}/records/abcde-12345")
    doi = {"identifier": "10.22002/abcde-12345", "provider": "datacite"}
    archives.put("/api/records/abcde-12345", {"id": "abcde-12345", "pids": {"doi": doi}})
    content = archives.put("/content", b"x")
    entry = {"key": "a", "size": 1, "checksum": None, "links": {"content": content}}
    archives.put("/api/records/abcde-12345/files", {"entries": [entry]})
    spec = "zenodo/10.22002/abcde-12345"
    assert await contents(zenodo(archives), spec, tmp_path) == {"a": b"x"}


@pytest.mark.parametrize("right", ["restricted", "closed"])
async def test_a_restricted_record(archives, tmp_path, right):
    spec = archives.zenodo(1, {"a": b"x"}, access_right=right)
    with pytest.raises(RepositoryRefused, match="record 1 is restricted: its files are not for"):
        await fetch(zenodo(archives), spec, tmp_path)


async def test_an_embargo_says_until_when(archives, tmp_path):
    spec = archives.zenodo(1, {"a": b"x"}, access_right="embargoed", embargo_date="2031-02-03")
    with pytest.raises(RepositoryRefused, match="is restricted until 2031-02-03"):
        await fetch(zenodo(archives), spec, tmp_path)


async def test_a_doi_that_does_not_exist(archives, tmp_path):
    with pytest.raises(RepositoryNotFound, match=r"DOI 10\.5281/zenodo\.9 does not exist"):
        await fetch(zenodo(archives), "zenodo/10.5281/zenodo.9", tmp_path)


async def test_a_record_that_was_taken_away(archives, tmp_path):
    spec = archives.zenodo(1, {"a": b"x"})
    archives.put("/api/records/1", {"status": 410, "message": "The record has been deleted."}, 410)
    with pytest.raises(RepositoryNotFound, match="Zenodo record 1 does not exist"):
        await fetch(zenodo(archives), spec, tmp_path)


@pytest.mark.parametrize(
    ("scheme", "words"), [("http", "place without https"), ("https", "private network")]
)
async def test_a_doi_of_another_host(archives, tmp_path, scheme, words):
    """It is not even asked, whatever its pages look like."""
    with WebServer(lambda request: Answer(200)) as other:
        archives.doi("10.5281/zenodo.1", f"{scheme}{other.url.removeprefix('http')}records/1")
        with pytest.raises(RepositoryRefused, match=words):
            await fetch(zenodo(archives), "zenodo/10.5281/zenodo.1", tmp_path)
        assert other.requests == []


async def test_a_doi_that_leads_to_a_page_that_is_no_record(archives, tmp_path):
    archives.doi("10.5281/zenodo.1", f"{archives.base}/communities/x")
    archives.put("/communities/x", b"<html>")
    with pytest.raises(
        RepositoryNotFound, match=r"leads to 127\.0\.0\.1, which is no record of Zenodo"
    ):
        await fetch(zenodo(archives), "zenodo/10.5281/zenodo.1", tmp_path)


async def test_a_record_without_files(archives, tmp_path):
    with pytest.raises(RepositoryNotFound, match="holds no files"):
        await fetch(zenodo(archives), archives.zenodo(1, {}), tmp_path)


@pytest.mark.parametrize(
    ("status", "words"), [(429, "too many requests"), (500, r"error \(500\)"), (503, r"\(503\)")]
)
async def test_a_service_that_is_down(archives, tmp_path, status, words):
    spec = archives.zenodo(1, {"a": b"x"})
    archives.put("/api/records/1", b"busy", status)
    with pytest.raises(RepositoryUnreachable, match=words):
        await fetch(zenodo(archives), spec, tmp_path)


async def test_a_service_that_does_not_answer(archives, tmp_path, closed_url):
    provider = ZenodoProvider(doi_url=closed_url, hosts=[closed_url])
    with pytest.raises(RepositoryUnreachable, match="its host does not answer"):
        await fetch(provider, "zenodo/10.5281/zenodo.1", tmp_path)


async def test_a_service_that_hangs(archives, tmp_path):
    archives.answers["/10.5281/zenodo.1"] = HANG
    provider = zenodo(archives, resolve_timeout=0.2)
    with pytest.raises(RepositoryUnreachable, match="does not answer in time"):
        await fetch(provider, "zenodo/10.5281/zenodo.1", tmp_path)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"entries": 3}', b"[" * 100_000, b"{}"])
async def test_an_answer_that_is_not_understood(archives, tmp_path, body):
    spec = archives.zenodo(1, {"a": b"x"})
    archives.put("/api/records/1/files", body)
    with pytest.raises(RepositoryError, match="in a way that is not understood"):
        await fetch(zenodo(archives), spec, tmp_path)


@pytest.mark.parametrize("checksum", [f"md5:{'0' * 32}", f"sha256:{'0' * 64}"])
async def test_a_checksum_that_does_not_match(archives, tmp_path, checksum):
    spec = archives.zenodo(1, {"a": b"x"}, checksums={"a": checksum})
    with pytest.raises(RepositoryError, match=r"a of Zenodo record 1 is not what .* checksum"):
        await fetch(zenodo(archives), spec, tmp_path)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []  # nothing is left of it


async def test_a_file_that_is_shorter_than_it_should_be(archives, tmp_path):
    spec = archives.zenodo(1, {"a": b"long content"})
    archives.put("/api/records/1/files/a/content", b"long")
    with pytest.raises(RepositoryError, match="its size differs"):
        await fetch(zenodo(archives), spec, tmp_path)


async def test_a_broken_zip(archives, tmp_path):
    """The directory at its end is there, so it is a zip; its content is not what that says."""
    good = zipped({"page.md": "a page, of some length " * 40})
    spec = archives.zenodo(1, {"b.zip": good[:40] + b"\0" * 20 + good[60:]})
    with pytest.raises(RepositoryError, match="is broken, and cannot be unpacked"):
        await fetch(zenodo(archives), spec, tmp_path)


async def test_a_record_that_is_too_large_is_not_downloaded(archives, tmp_path):
    spec = archives.zenodo(1, {"a": b"x" * 600, "b": b"y" * 600})
    with pytest.raises(RepositoryRefused, match="larger than this hub allows: 1 kB"):
        await fetch(zenodo(archives, size_limit=1000), spec, tmp_path)
    assert archives.asked("/api/records/1/files/a/content") == 0


async def test_a_file_that_is_larger_than_it_says_is_cut_off(archives, tmp_path):
    """Two files of 600 bytes, where the record says one each."""
    spec = archives.zenodo(1, {"a": b"x", "b": b"y"}, checksums={"a": "", "b": ""})
    entries = archives.answers["/api/records/1/files"].body["entries"]
    for entry in entries:
        name = entry["key"]
        archives.put(f"/api/records/1/files/{name}/content", b"x" * 600)
    entries[0]["size"] = 600
    with pytest.raises(RepositoryRefused, match="larger than this hub allows: 1 kB"):
        await fetch(zenodo(archives, size_limit=1000), spec, tmp_path)


async def test_a_record_of_too_many_files(archives, tmp_path):
    spec = archives.zenodo(1, {"a": b"x", "b": b"y"})
    with pytest.raises(RepositoryRefused, match="more than the 1 files"):
        await fetch(zenodo(archives, file_limit=1), spec, tmp_path)


async def test_a_download_that_takes_too_long(archives, tmp_path):
    spec = archives.zenodo(1, {"a": b"x"})
    archives.answers["/api/records/1/files/a/content"] = HANG
    with pytest.raises(RepositoryUnreachable, match=r"longer than 0\.3 seconds"):
        await fetch(zenodo(archives, fetch_timeout=0.3), spec, tmp_path)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] == []


def test_zenodo_is_somewhere():
    with pytest.raises(TraitError):
        ZenodoProvider(hosts=[])


@pytest.mark.parametrize("host", ["ftp://x.org", "https://user:pw@x.org", "x.org"])
def test_hosts_are_plain_addresses(host):
    with pytest.raises(ConfigurationError, match=r"ZenodoProvider\.hosts"):
        ZenodoProvider(hosts=[host])
    with pytest.raises(ConfigurationError, match=r"ZenodoProvider\.doi_url"):
        ZenodoProvider(doi_url=host)
