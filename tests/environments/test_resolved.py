"""Packages that a recipe names: resolved once a day, installed from the lock."""

from __future__ import annotations

import re
import subprocess
import tomllib
from datetime import UTC, datetime, timedelta

import pytest

from hubroam import errors
from hubroam.environments.lock import one_index
from hubroam.environments.resolutions import Resolution
from hubroam.environments.resolved import seeds
from support.fileserver import serving
from support.packageindex import PackageIndex

TOLD = "Taking the versions that these packages were resolved to today"
AGAIN = "They cannot be installed any more: resolving again"


def locked(environment):
    packages = tomllib.loads(environment.lock.read_text())["packages"]
    return {each["name"]: each for each in packages}


def version(environment, package):
    code = f"import {package}; print({package}.__version__)"
    return subprocess.check_output([environment.path / "bin/python", "-c", code], text=True).strip()


@pytest.fixture
def index(tmp_path, monkeypatch):
    """An index that has all that an environment needs, and whose answers may change."""
    index = PackageIndex(tmp_path / "index")
    for name in ("ipykernel", "ipywidgets", "pip", "setuptools", "wheel", "tide"):
        index.add(name, "1.0")
    with serving(index.root, {"Cache-Control": "no-cache"}) as url:
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"{url}simple")
        yield index


async def test_the_lock_is_what_is_installed(workshop, index):
    environment = await workshop().build({"requirements.txt": "tide\n"})
    packages = locked(environment)
    assert packages.keys() >= {"tide", "ipykernel", "pip"}
    for each in packages.values():
        assert re.fullmatch("[0-9a-f]{64}", each["wheels"][0]["hashes"]["sha256"])
        assert each["index"].endswith("/simple")
    assert version(environment, "tide") == "1.0"
    assert "Resolved " in environment.log.read_text()


async def test_the_same_packages_are_not_resolved_again_on_the_same_day(workshop, index):
    """Nor downloaded: the index has nothing of them any more."""
    shop = workshop()
    first = await shop.build({"requirements.txt": "tide\n"})
    index.add("tide", "1.1")
    index.remove("tide", "1.0")
    second = await shop.build({"requirements.txt": "tide  # of the shore\n"})
    assert second.digest != first.digest
    assert TOLD in second.log.read_text()
    assert second.lock.read_text() == first.lock.read_text()
    assert version(second, "tide") == "1.0"


async def test_other_packages_are(workshop, index):
    shop = workshop()
    await shop.build({"requirements.txt": "tide\n"})
    index.add("tide", "1.1")
    second = await shop.build({"requirements.txt": "tide>1\n"})
    assert TOLD not in second.log.read_text()
    assert version(second, "tide") == "1.1"


async def test_what_cannot_be_had_any_more_is_resolved_again(workshop, index, tmp_path):
    shop = workshop()
    shop.store.cache = tmp_path / "one"
    await shop.build({"requirements.txt": "tide\n"})
    # as where uv's cache was cleaned
    (tmp_path / "one" / "uv").rename(tmp_path / "away")
    index.add("tide", "1.1")
    index.remove("tide", "1.0")
    second = await shop.build({"requirements.txt": "tide # again\n"})
    assert AGAIN in second.log.read_text()
    assert version(second, "tide") == "1.1"
    third = await shop.build({"requirements.txt": "tide # once more\n"})
    assert TOLD in third.log.read_text()
    assert version(third, "tide") == "1.1"


async def test_what_does_not_work_is_not_kept(workshop, index):
    """A kernel that does not start: who comes next gets what is newest then."""
    shop = workshop()
    index.add("ipykernel", "2.0", module="raise ImportError")
    with pytest.raises(errors.BuildError) as caught:
        await shop.build({"requirements.txt": "tide\n"})
    assert "kernel does not start" in caught.value.message
    index.add("ipykernel", "3.0")
    environment = await shop.build({"requirements.txt": "tide\n"})
    assert locked(environment)["ipykernel"]["version"] == "3.0"


async def test_postbuild_changes_the_lock(workshop, index):
    script = '#!/bin/sh\nrm -r "$NB_PYTHON_PREFIX"/lib/python*/site-packages/tide-1.0.dist-info\n'
    environment = await workshop().build({"requirements.txt": "tide\n", "postBuild": script})
    assert "tide" not in locked(environment)
    assert "ipykernel" in locked(environment)


async def test_packages_that_do_not_go_together(workshop, index):
    with pytest.raises(errors.ResolutionFailed) as caught:
        await workshop().build({"requirements.txt": "tide\ntide==7\n"})
    assert "requirements.txt, line 1; requirements.txt, line 2" in caught.value.message


async def test_two_indexes_and_what_is_more_than_names_go_another_way(workshop, index, monkeypatch):
    shop = workshop()
    hashed = locked(await shop.build({"requirements.txt": "tide\n"}))["tide"]["wheels"][0]["hashes"]
    by_hash = f"tide==1.0 --hash=sha256:{hashed['sha256']}\n"
    environment = await shop.build({"requirements.txt": by_hash})
    assert "tide" in locked(environment)
    with pytest.raises(errors.BuildError):
        await shop.build({"requirements.txt": f"tide==1.0 --hash=sha256:{'0' * 64}\n"})
    monkeypatch.setenv("UV_INDEX", "http://127.0.0.1:1/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    with pytest.raises(errors.IndexUnreachable):
        await shop.build({"requirements.txt": "tide\n# the same\n"})


def test_a_resolution_is_for_one_day_and_one_machine(tmp_path, monkeypatch):
    lock = tmp_path / "lock"
    lock.write_text("x")
    place = Resolution.of(tmp_path / "kept", ("six",), "cpython 3.11.7")
    day = datetime.now(UTC).date()
    yesterday = place.path.parent.with_name((day - timedelta(days=1)).isoformat())
    yesterday.mkdir(parents=True)
    (yesterday / place.path.name).write_text("old")
    assert not place.copy_to(tmp_path / "copy")
    place.keep(lock)
    assert not yesterday.exists()
    assert Resolution.of(tmp_path / "kept", ("six",), "cpython 3.11.7").copy_to(tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "x"
    assert Resolution.of(tmp_path / "kept", ("six",), "cpython 3.12.1").path != place.path
    assert Resolution.of(tmp_path / "kept", ("idna",), "cpython 3.11.7").path != place.path
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://example.org/simple")
    assert Resolution.of(tmp_path / "kept", ("six",), "cpython 3.11.7").path != place.path


@pytest.mark.parametrize(
    ("settings", "index"),
    [
        ({}, "https://pypi.org/simple"),
        ({"UV_INDEX_URL": "https://mirror.example/simple"}, "https://mirror.example/simple"),
        ({"UV_DEFAULT_INDEX": "https://us:secret@mirror.example/simple"}, None),
        ({"UV_DEFAULT_INDEX": "https://mirror.example/simple?key=secret"}, None),
        ({"UV_DEFAULT_INDEX": "file:///srv/wheels"}, None),
        ({"UV_INDEX": "https://other.example/simple"}, None),
        ({"UV_FIND_LINKS": "/srv/wheels"}, None),
    ],
)
def test_the_index_that_locks_name_holds_no_secret(monkeypatch, settings, index):
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert one_index() == index


def test_what_a_virtual_environment_begins_with():
    assert seeds("cpython 3.11.7") == ("pip", "setuptools", "wheel")
    assert seeds("cpython 3.12.0") == ("pip",)
    assert seeds("cpython 3.13.1") == ("pip",)
