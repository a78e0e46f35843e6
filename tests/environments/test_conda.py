"""conda recipes: really solved and installed, from a channel of our own."""

from __future__ import annotations

import json
import subprocess

import pytest

from hubroam import errors
from hubroam.recipes.conda import subdir
from support.condachannel import FORGE

pytestmark = pytest.mark.registry


@pytest.fixture
def shop(workshop, forge):
    return workshop(conda_mirrors={FORGE: [forge]})


@pytest.fixture
def new_shop(workshop, tmp_path):
    """A workshop that has nothing in its cache."""

    def make(address):
        shop = workshop(conda_mirrors={FORGE: [address]})
        shop.store.cache = tmp_path / "cache"
        return shop

    return make


def output(environment, *command):
    program, *arguments = command
    return subprocess.check_output(
        [environment.path / "bin" / program, *arguments], text=True
    ).strip()


async def test_packages_channel_pip_and_what_activation_sets(shop):
    recipe = """\
channels: [conda-forge, nodefaults]
dependencies:
  - atlas=1
  - nosuch-on-linux  # [win]
  - pip
  - pip:
    - cowsay==6.1
variables:
  CENTURY: 20
"""
    environment = await shop.build({"binder/environment.yml": recipe})
    assert output(environment, "atlas") == "atlas 1.0"
    code = "import cowsay, ipykernel, sys; print(cowsay.__version__, sys.prefix)"
    assert output(environment, "python", "-c", code) == f"6.1 {environment.path}"
    assert environment.variables == {
        "CENTURY": "20",
        "CONDA_DEFAULT_ENV": str(environment.path),
        "CONDA_PREFIX": str(environment.path),
        "DATA_OF_ATLAS": f"{environment.path}/share/atlas",
    }
    kernel = json.loads(
        (environment.path / "share/jupyter/kernels/python3/kernel.json").read_text()
    )
    assert kernel["argv"][0] == str(environment.path / "bin/python")


async def test_the_lock_names_what_each_installer_brought(shop):
    recipe = "dependencies: [atlas, {pip: [cowsay==6.1]}]\n"
    environment = await shop.build({"environment.yml": recipe})
    explicit = environment.lock.read_text().splitlines()
    assert explicit[0] == "@EXPLICIT"
    assert any(line.startswith(f"{FORGE}/noarch/atlas-2.0-0.tar.bz2#") for line in explicit)
    python = (environment.lock.parent / "pylock.toml").read_text()
    assert 'name = "cowsay"' in python
    assert 'name = "ipykernel"' not in python  # conda's


async def test_packages_are_hard_links_to_one_cache(shop):
    one = await shop.build({"environment.yml": "dependencies: [atlas=1]\n"})
    two = await shop.build({"environment.yml": "dependencies: [globe]\n"})
    files = [each.path / "share/atlas/version" for each in (one, two)]
    assert files[0].stat().st_ino == files[1].stat().st_ino


async def test_the_log_tells_what_happens(new_shop, forge):
    environment = await new_shop(forge).build({"environment.yml": "dependencies: [atlas=2.0]\n"})
    log = environment.log.read_text()
    assert "Reading conda-forge\n" in log
    assert "Downloading atlas" in log
    assert "Linked atlas (" in log


async def test_what_cannot_be_installed_together(shop):
    with pytest.raises(errors.ResolutionFailed, match=r"environment\.yml.*atlas"):
        await shop.build({"environment.yml": "dependencies: [globe, atlas=2.0]\n"})
    assert shop.left == []


async def test_a_package_that_is_written_wrongly(shop):
    with pytest.raises(errors.RecipeError, match=r"environment\.yml cannot be used"):
        await shop.build({"environment.yml": 'dependencies: ["atlas >>2"]\n'})


async def test_a_channel_that_does_not_answer(new_shop):
    shop = new_shop("http://127.0.0.1:1/forge")
    with pytest.raises(errors.IndexUnreachable, match=r"channel \S+ of environment\.yml"):
        await shop.build({"environment.yml": "dependencies: [atlas]\n"})
    assert shop.left == []


async def test_a_lock_of_conda_lock(shop, forge):
    folder = shop.folder({"environment.yml": "dependencies: [atlas]\n"})
    first = await (await shop.begin(folder)).result()
    packages = []
    for line in first.lock.read_text().splitlines()[1:]:
        url, _, digest = line.partition("#")
        name, version, _ = url.rsplit("/", 1)[1].rsplit("-", 2)
        packages.append(
            {
                "name": name,
                "version": "1.0" if name == "atlas" else version,
                "manager": "conda",
                "platform": subdir(),
                "url": url.replace("atlas-2.0", "atlas-1.0"),
                "hash": {} if name == "atlas" else {"md5": digest},
            }
        )
    lock = {"version": 1, "metadata": {}, "package": packages}
    environment = await shop.build(
        {"environment.yml": "dependencies: [atlas]\n", "conda-lock.yml": json.dumps(lock)}
    )
    assert output(environment, "atlas") == "atlas 1.0"


async def test_a_lock_for_other_machines_is_passed_over(shop):
    lock = {"version": 1, "metadata": {}, "package": []}
    environment = await shop.build(
        {"environment.yml": "dependencies: [atlas]\n", "conda-lock.yml": json.dumps(lock)}
    )
    assert output(environment, "atlas") == "atlas 2.0"
    assert "solved anew" in environment.log.read_text()


async def test_a_pixi_workspace(shop):
    manifest = """\
[workspace]
channels = ["conda-forge"]
platforms = ["linux-64"]
[dependencies]
atlas = "1.*"
[pypi-dependencies]
cowsay = "==6.1"
[activation.env]
CENTURY = "21"
"""
    environment = await shop.build({"pixi.toml": manifest})
    assert output(environment, "atlas") == "atlas 1.0"
    assert environment.variables["CENTURY"] == "21"
    assert output(environment, "python", "-c", "import cowsay; print(cowsay.__version__)") == "6.1"
