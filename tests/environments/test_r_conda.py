"""R recipes whose R is conda's: solved, installed, and run from where conda has put it."""

from __future__ import annotations

import json

import pytest

from hubroam import errors
from hubroam.recipes import DirectoryFiles, read_recipe
from support.condachannel import FORGE
from support.cran import DATED, add_r, cran, in_session, need_r

pytestmark = pytest.mark.registry


@pytest.fixture(scope="module")
def r_version(forge_channel):
    need_r()
    forge_channel.add("bridge-to-r", "1.0", {"share/bridge": b""}, depends=["r-base"])
    return add_r(forge_channel)


@pytest.fixture(scope="module")
def cran_url(tmp_path_factory):
    need_r()
    with cran(tmp_path_factory.mktemp("cran")) as url:
        yield url


@pytest.fixture
def shop(workshop, forge, r_version, cran_url):
    # a machine without R
    return workshop(conda_mirrors={FORGE: [forge]}, cran_url=f"{cran_url}{DATED}", r="")


async def test_r_that_the_machine_has_not(shop, r_version, tmp_path):
    files = {
        "runtime.txt": f"r-{r_version}-2023-05-01",
        "requirements.txt": "cowsay==6.1\n",
        "install.R": 'install.packages("moons")\n',
    }
    environment = await shop.build(files)
    code = 'cat(R.home(), "|", moons::moons(), "|", dirname(find.package("IRkernel")))'
    home, moons, kernel = in_session(environment, tmp_path, code).split(" | ")
    assert home == f"{environment.path}/lib/R"
    assert moons == "moons 1.0"
    assert kernel == f"{environment.path}/lib/R/library"
    assert f"/r-base-{r_version}-0.tar.bz2#" in environment.lock.read_text()
    lock = json.loads((environment.lock.parent / "renv.lock").read_text())
    assert lock["R"]["Version"] == r_version
    assert lock["Packages"]["moons"]["Version"] == "1.0"
    kernelspec = environment.path / "share/jupyter/kernels/ir/kernel.json"
    assert kernelspec.stat().st_nlink == 1  # the cache, and so other environments, have their own
    spec = json.loads(kernelspec.read_text())
    assert spec["argv"][0] == f"{environment.path}/bin/R"


async def test_install_r_beside_an_environment_that_brings_r(shop, cran_url, tmp_path):
    shop.builder.cran_url = f"{cran_url}2024-05-01"  # no day is named, whichever it is today
    recipe = "dependencies: [atlas=1.0, r-base]\n"
    environment = await shop.build(
        {"environment.yml": recipe, "install.R": 'install.packages("tides")\n'}
    )
    assert in_session(environment, tmp_path, "cat(tides::tides())") == "tides 2.0"


async def test_what_a_reader_installs_stays_in_the_session(shop, cran_url, tmp_path):
    environment = await shop.build({"environment.yml": "dependencies: [r-base]\n"})
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    repository = f'"{cran_url}2023-05-01"'
    in_session(environment, one, f'install.packages("tides", repos = {repository})')
    there = 'cat(requireNamespace("tides", quietly = TRUE))'
    assert in_session(environment, one, there) == "TRUE"
    assert in_session(environment, two, there) == "FALSE"


async def test_who_waits_is_told_where_r_comes_from(shop):
    said = []
    recipe = read_recipe(DirectoryFiles(shop.folder({"runtime.txt": "r-2023-05-01"})))
    await shop.builder.plan(recipe, said.append)
    assert said == ["R comes from conda: this machine has another version, or none"]


async def test_a_version_that_conda_has_not(shop):
    with pytest.raises(errors.ResolutionFailed, match=r"runtime\.txt.*r-base"):
        await shop.build({"runtime.txt": "r-3.1-2023-05-01"})
    assert shop.left == []


async def test_r_that_only_another_package_needs(shop, tmp_path):
    environment = await shop.build({"environment.yml": "dependencies: [bridge-to-r]\n"})
    assert "R has no kernel here" in environment.log.read_text()
    assert in_session(environment, tmp_path, "cat(6 * 7)") == "42"
    assert not (environment.path / "share/jupyter/kernels/ir").exists()
