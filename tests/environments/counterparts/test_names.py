"""Lists of names: the one that a package brings, and an operator's."""

from __future__ import annotations

import hashlib
import json
import os

import pytest

from hubroam.environments.counterparts.names import NotSure, load_names
from support.fileserver import serving

# A few lines of each list, as they are there.
BOT = {
    "tables": {
        "pypi_name": "tables",
        "import_name": "pytables",
        "conda_name": "pytables",
        "mapping_source": "static",
    },
    "opencv-python": {"pypi_name": "opencv-python", "conda_name": "opencv"},
    "opencv-python-headless": {"pypi_name": "opencv-python-headless", "conda_name": "opencv"},
    "33162c0a7b28a4d8c83da07bc2b12cee58c120b4a9e8bba31c41c8d35a16": {
        "pypi_name": "33162c0a7b28a4d8c83da07bc2b12cee58c120b4a9e8bba31c41c8d35a16",
        "conda_name": "vcversioner",
    },
}
PIXI = {
    "_openmp_mutex": None,
    "graphviz": None,
    "pytables": ["tables"],
    "ruamel.yaml": ["ruamel-yaml"],
    "pyqt": ["pyqt5", "pyqt5-sip"],
    "numpy": "numpy",
}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "hubroam"


@pytest.fixture
def file(tmp_path):
    def write(document):
        path = tmp_path / "files" / "names.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    return write


async def test_the_list_that_is_shipped():
    names = await load_names("")
    assert len(names) > 10_000
    assert names["matplotlib-base"] == ("matplotlib",)
    assert names["pytables"] == ("tables",)
    assert len(names["opencv"]) == 2
    assert not names.keys() & {"gdal", "r-base", "compilers", "nodejs", "cudatoolkit"}
    assert all(len(each) < 60 for projects in names.values() for each in projects)


async def test_the_bots_list(file):
    names = await load_names(str(file(BOT)))
    assert names["pytables"] == ("tables",)
    assert names["opencv"] == ("opencv-python", "opencv-python-headless")
    assert names["vcversioner"] == ()


async def test_pixis_list(file):
    names = await load_names(str(file(PIXI)))
    assert names["graphviz"] == ()
    assert names["ruamel.yaml"] == ("ruamel-yaml",)
    assert names["pyqt"] == ("pyqt5", "pyqt5-sip")
    assert names["numpy"] == ("numpy",)


@pytest.mark.parametrize(
    "document", ["[]", "{}", "{", '{"numpy": 3}', '{"numpy": ["a b"]}', '{"x": {"pypi_name": "x"}}']
)
async def test_what_is_no_list(file, document):
    with pytest.raises(NotSure, match=r"names\.json\) cannot be read"):
        await load_names(str(file(document)))


async def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(NotSure, match=r"cannot be read"):
        await load_names(str(tmp_path / "nothing.json"))


async def test_a_file_that_changes(file):
    path = file(PIXI)
    await load_names(str(path))
    file({"numpy": "numpy2"})
    os.utime(path, ns=(1, 1))
    assert (await load_names(str(path)))["numpy"] == ("numpy2",)


async def test_an_address_is_asked_once_a_day_and_its_copy_is_used(file, cache):
    path = file(PIXI)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with serving(path.parent) as url:
        address = f"{url}names.json#sha256={digest}"
        assert (await load_names(address))["pytables"] == ("tables",)
        path.unlink()
        assert (await load_names(address))["pytables"] == ("tables",)
    (kept,) = cache.iterdir()
    os.utime(kept, (1, 1))
    assert (await load_names(address))["pytables"] == ("tables",)  # nothing answers there


async def test_an_address_whose_list_is_another(file, cache):
    path = file(PIXI)
    with serving(path.parent) as url:
        with pytest.raises(NotSure, match="its checksum is another"):
            await load_names(f"{url}names.json#sha256={'0' * 64}")
        with pytest.raises(NotSure, match="404"):
            await load_names(f"{url}nothing.json#sha256={'0' * 64}")
        with pytest.raises(NotSure, match="neither an https address nor"):
            await load_names(f"{url}names.json")
    assert not cache.exists()
