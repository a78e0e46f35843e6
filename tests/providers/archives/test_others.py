"""Figshare, Dataverse, HydroShare, CKAN."""

from __future__ import annotations

import pytest

from hubroam.errors import RepositoryError, RepositoryNotFound, RepositoryRefused
from hubroam.providers.archives import (
    CKANProvider,
    DataverseProvider,
    FigshareProvider,
    HydroShareProvider,
)
from hubroam.spec import BinderSpec
from support.archives import RESOURCE, Archives, zipped
from support.webserver import Answer

from .helpers import ckan, ckan_spec, contents, dataverse, fetch, figshare, hydroshare

FIGSHARE = "figshare/10.6084/m9.figshare.9784088"
DATAVERSE = "dataverse/10.7910/DVN/TJCLKP"


async def test_an_article_of_figshare(archives, tmp_path):
    archives.figshare(9784088, 2, {"book.zip": zipped({"top/page.md": "hi"})})
    mirror, resolved = await fetch(figshare(archives), f"{FIGSHARE}.v2", tmp_path)
    assert list((await mirror.files(resolved.commit)).names()) == ["page.md"]
    assert str(resolved.pinned) == f"{FIGSHARE}.v2"
    assert resolved.version == "Figshare article 9784088, version 2"
    assert resolved.notes == ()


@pytest.mark.parametrize(
    "page",
    [
        "https://figshare.com/articles/Waves/9784088",
        "https://figshare.com/articles/software/Waves/9784088/",
        "https://kilthub.cmu.edu/articles/dataset/Waves_2020/9784088?file=1",
    ],
)
async def test_a_doi_of_figshares_without_a_version_is_the_first(archives, tmp_path, page):
    archives.figshare(9784088, 1, {"a": b"x"})
    archives.doi("10.6084/m9.figshare.9784088", page)
    resolved = await figshare(archives).resolve(BinderSpec.parse(FIGSHARE))
    assert str(resolved.pinned) == f"{FIGSHARE}.v1"
    assert resolved.notes == ("The DOI names no version; using version 1.",)


async def test_files_of_figshares_that_are_elsewhere_are_left_out(archives, tmp_path):
    files = {"one.zip": zipped({"a": "b"}), "two.zip": zipped({"a": "b"})}
    archives.figshare(9784088, 1, files)
    assert await contents(figshare(archives), f"{FIGSHARE}.v1", tmp_path) == files


async def test_a_zip_of_figshares_that_does_not_say_so_is_kept(archives, tmp_path):
    files = {"model.keras": zipped({"a": "b"})}
    archives.figshare(9784088, 1, files)
    assert await contents(figshare(archives), f"{FIGSHARE}.v1", tmp_path) == files


async def test_an_embargo_at_figshare(archives, tmp_path):
    archives.figshare(9784088, 1, {}, is_embargoed=True, embargo_date="2031-02-03")
    with pytest.raises(RepositoryRefused, match="until 2031-02-03"):
        await fetch(figshare(archives), f"{FIGSHARE}.v1", tmp_path)


async def test_a_checksum_of_figshares(archives, tmp_path):
    archives.figshare(9784088, 1, {"a": b"x"})
    archives.put("/figshare/files/9784088/0", b"y")
    with pytest.raises(RepositoryError, match="its md5 checksum differs"):
        await fetch(figshare(archives), f"{FIGSHARE}.v1", tmp_path)


async def test_a_dataset_of_dataverse(archives, tmp_path):
    page = f"{archives.base}/dataset.xhtml?persistentId=doi:10.7910/DVN/TJCLKP"
    archives.doi("10.7910/DVN/TJCLKP", page)
    archives.dataset(
        [
            archives.data_file(1, b"# Waves\n", "index.md"),
            archives.data_file(2, b"six\n", "requirements.txt", "binder"),
            archives.data_file(  # a table is brought as it was uploaded
                3,
                b"a,b\n1,2\n",
                "table.tab",
                "data",
                contentType="text/tab-separated-values",
                filesize=99,
                originalFileName="table.csv",
                originalFileSize=8,
                checksum={"type": "MD5", "value": "0" * 32},
            ),
            archives.data_file(
                4,
                b"x",
                "x.zip",
                checksum={"type": "SHA-1", "value": "11f6ad8ec52a2984abaafd7c3b516503785c2072"},
            ),
        ]
    )
    mirror, resolved = await fetch(dataverse(archives), DATAVERSE, tmp_path)
    files = await mirror.files(resolved.commit)
    assert list(files.names()) == [
        "binder/requirements.txt",
        "data/table.csv",
        "index.md",
        "x.zip",
    ]
    assert files.read("data/table.csv") == b"a,b\n1,2\n"
    assert resolved.ref == "3323450.v1.2"
    assert resolved.version == "Dataverse dataset 10.7910/DVN/TJCLKP, version 1.2"
    assert str(resolved.pinned) == DATAVERSE


@pytest.mark.parametrize("page", ["file.xhtml", "citation"])
async def test_the_doi_of_a_file_means_its_dataset(archives, tmp_path, page):
    file = "doi:10.7910/DVN/TJCLKP/3YRRYJ"
    archives.doi("10.7910/DVN/TJCLKP/3YRRYJ", f"{archives.base}/{page}?persistentId={file}")
    archives.put(
        f"/api/files/:persistentId/?persistentId={file}&returnDatasetVersion=true",
        {"data": {"datasetVersion": {"datasetPersistentId": "doi:10.7910/DVN/TJCLKP"}}},
    )
    archives.dataset([archives.data_file(1, b"x", "a")])
    assert await contents(dataverse(archives), f"{DATAVERSE}/3YRRYJ", tmp_path) == {"a": b"x"}


async def test_an_installation_cannot_pass_for_another(archives, tmp_path):
    """Its own DOI, and an answer that claims another's: neither the DOI nor the mirror is taken."""
    page = f"{archives.base}/dataset.xhtml?persistentId=doi:10.7910/DVN/TJCLKP"
    archives.doi("10.7910/DVN/TJCLKP", page)
    archives.dataset([archives.data_file(1, b"good", "a")])
    with Archives() as evil:
        evil.dataset([evil.data_file(1, b"evil", "a")])
        archives.doi("10.6666/EVIL", page.replace(archives.base, evil.base))
        provider = DataverseProvider(doi_url=archives.base, hosts=[archives.base, evil.base])
        got = await contents(provider, "dataverse/10.6666/EVIL", tmp_path)
        assert got == {"a": b"evil"}
        spec = BinderSpec.parse("dataverse/10.6666/EVIL")
        assert (await provider.resolve(spec)).pinned == spec
        assert await contents(provider, DATAVERSE, tmp_path) == {"a": b"good"}


async def test_a_restricted_file_of_a_dataset(archives, tmp_path):
    archives.doi(
        "10.7910/DVN/TJCLKP", f"{archives.base}/citation?persistentId=doi:10.7910/DVN/TJCLKP"
    )
    archives.dataset([{**archives.data_file(1, b"x", "people.csv"), "restricted": True}])
    with pytest.raises(RepositoryRefused, match=r"people\.csv of Dataverse .* is restricted"):
        await fetch(dataverse(archives), DATAVERSE, tmp_path)


async def test_a_dataset_that_is_not_there(archives, tmp_path):
    page = f"{archives.base}/dataset.xhtml?persistentId=doi:10.7910/DVN/TJCLKP"
    archives.doi("10.7910/DVN/TJCLKP", page)
    with pytest.raises(RepositoryNotFound, match=r"Dataverse dataset .*TJCLKP does not"):
        await fetch(dataverse(archives), DATAVERSE, tmp_path)


async def test_any_public_dataverse_but_no_private_one(archives, tmp_path):
    """Without named hosts every one is asked, by https only: a DOI is a stranger's."""
    page = f"{archives.base}/dataset.xhtml?persistentId=doi:10.7910/DVN/TJCLKP"
    archives.doi("10.7910/DVN/TJCLKP", page)
    provider = DataverseProvider(doi_url=archives.base)
    assert provider.host("http://dataverse.example.org") == "https://dataverse.example.org"
    archives.requests.clear()
    with pytest.raises(RepositoryError):
        await fetch(provider, DATAVERSE, tmp_path)
    assert [request.path for request in archives.requests] == ["/10.7910/DVN/TJCLKP"]


@pytest.mark.parametrize(
    "spec",
    [RESOURCE, f"https%3A%2F%2Fwww.hydroshare.org%2Fresource%2F{RESOURCE}%2F"],
)
async def test_a_resource_of_hydroshare(archives, tmp_path, spec):
    files = {"index.md": b"# Waves\n", "data/a.csv": b"1\n"}
    archives.resource(files, "2019-09-25T16:09:17.006152Z")
    mirror, resolved = await fetch(hydroshare(archives), f"hydroshare/{spec}", tmp_path)
    got = await mirror.files(resolved.commit)
    assert {name: got.read(name) for name in got.names()} == files
    assert resolved.ref == f"{RESOURCE}.v1569427757"  # as BinderHub and repo2docker say it
    assert str(resolved.pinned) == f"hydroshare/{RESOURCE}"


async def test_a_changed_resource_is_another_version(archives, tmp_path):
    for text, moment in (("old", "2020-01-01T00:00:00.1Z"), ("new", "2020-01-02T00:00:00.1Z")):
        archives.resource({"a": text.encode()}, moment)
        got = await contents(hydroshare(archives), f"hydroshare/{RESOURCE}", tmp_path)
        assert got == {"a": text.encode()}


async def test_a_resource_that_is_being_packed_is_waited_for(archives, tmp_path):
    archives.resource({"a": b"x"}, "2020-01-01T00:00:00Z")
    path = f"/hsapi/resource/{RESOURCE}/"
    bag = archives.answers[path]
    waiting = {"bag_status": "Not ready", "task_id": "1"}
    archives.put(path, waiting, Content_Type="application/json")

    class Ready(list[str]):
        def append(self, line: str) -> None:
            super().append(line)
            archives.answers[path] = bag

    lines = Ready()
    await fetch(hydroshare(archives), f"hydroshare/{RESOURCE}", tmp_path, lines)
    assert lines[0] == f"HydroShare resource {RESOURCE} is being packed"
    assert lines[-2].endswith("done.")


async def test_a_private_resource(archives, tmp_path):
    archives.put(f"/hsapi/resource/{RESOURCE}/scimeta/elements/", b"{}", 403)
    with pytest.raises(RepositoryRefused, match="is restricted"):
        await fetch(hydroshare(archives), f"hydroshare/{RESOURCE}", tmp_path)


async def test_what_is_no_resource(archives, tmp_path):
    with pytest.raises(RepositoryNotFound, match="no resource of HydroShare"):
        await fetch(hydroshare(archives), "hydroshare/123", tmp_path)


async def test_a_dataset_of_ckan(archives, tmp_path):
    facts = {
        "metadata_modified": "2024-02-27T14:15:54.573058",
        "resources": [
            {"id": "r1", "url": archives.put("/up/index.md", b"# Waves\n"), "size": None},
            {
                "id": "r2",
                "url": archives.put("/up/a.csv?v=1", b"1\n"),
                "url_type": "upload",
                "size": 2,
            },
            {"id": "r3", "url": ""},
            {"id": "r4", "url": archives.put("/else/a.csv", b"2\n"), "size": 99},
            {"id": "r5", "url": archives.put("/page/", b"3\n")},
        ],
    }
    url = archives.ckan("waves", facts)
    mirror, resolved = await fetch(
        ckan(
            archives,
        ),
        ckan_spec(url),
        tmp_path,
    )
    got = await mirror.files(resolved.commit)
    assert {name: got.read(name) for name in got.names()} == {
        "index.md": b"# Waves\n",
        "a.csv": b"1\n",
        "r4/a.csv": b"2\n",
        "r5": b"3\n",
    }
    assert resolved.ref == "waves.v1709043354"
    assert str(resolved.pinned) == ckan_spec(url)


@pytest.mark.parametrize("tail", ["/history/act-1", "?activity_id=act-1"])
async def test_a_moment_of_a_datasets_history(archives, tmp_path, tail):
    resource = {"id": "r1", "url": archives.put("/up/a", b"old")}
    facts = {"metadata_modified": "2020-01-01T00:00:00.0", "resources": [resource]}
    url = archives.ckan("waves", facts, activity="act-1")
    assert await contents(ckan(archives), ckan_spec(url + tail), tmp_path) == {"a": b"old"}


async def test_a_ckan_that_the_operator_did_not_name(archives, tmp_path):
    with pytest.raises(RepositoryRefused, match=r"does not launch datasets of demo\.ckan\.org"):
        await fetch(ckan(archives), ckan_spec("https://demo.ckan.org/dataset/x"), tmp_path)


@pytest.mark.parametrize("url", ["https://demo.ckan.org/group/x", "https://demo.ckan.org/dataset/"])
async def test_what_is_no_dataset(archives, tmp_path, url):
    with pytest.raises(RepositoryNotFound, match="not the address of a dataset"):
        await fetch(ckan(archives), ckan_spec(url), tmp_path)


async def test_a_ckan_in_a_private_network_is_not_asked(archives, tmp_path):
    url = archives.ckan("waves", {})
    with pytest.raises(RepositoryRefused):
        await fetch(CKANProvider(), ckan_spec(url), tmp_path)
    assert archives.requests == []


async def test_a_resource_in_a_private_network_is_not_asked_for(archives, tmp_path):
    inside = {"id": "r1", "url": "https://127.0.0.1:1/secret"}
    plain = {"id": "r1", "url": "http://127.0.0.1:1/secret"}
    for resource, words in ((inside, "private network"), (plain, "without https")):
        facts = {"metadata_modified": "2020-01-01T00:00:00.0", "resources": [resource]}
        url = archives.ckan("waves", facts)
        with pytest.raises(RepositoryRefused, match=f"secret of CKAN dataset waves .*{words}"):
            await fetch(ckan(archives), ckan_spec(url), tmp_path)


async def test_a_redirect_into_a_private_network_is_not_followed(archives, tmp_path):
    away = Answer(302, {"Location": "https://169.254.169.254/latest/meta-data"})
    archives.answers["/up/a"] = away
    resource = {"id": "r1", "url": f"{archives.base}/up/a"}
    facts = {"metadata_modified": "2020-01-01T00:00:00.0", "resources": [resource]}
    with pytest.raises(RepositoryRefused, match="private network"):
        await fetch(ckan(archives), ckan_spec(archives.ckan("waves", facts)), tmp_path)


def test_defaults_are_the_services():
    assert FigshareProvider().places() == ["https://doi.org", "https://api.figshare.com/v2"]
    assert HydroShareProvider().places() == ["https://www.hydroshare.org"]
    assert DataverseProvider().places() == ["https://doi.org"]
    assert CKANProvider().places() == []
