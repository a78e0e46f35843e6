"""environment.yml by way of PyPI: real builds, and what falls to a real conda channel."""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
import sys
import tomllib
from dataclasses import replace

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from hubroam.building import rebuild
from hubroam.environments.conda import CondaSettings
from hubroam.environments.counterparts import NotSure, resolve
from hubroam.environments.drift import drift_of
from hubroam.environments.kept import lay_out
from hubroam.environments.locked import lock_recipe
from hubroam.environments.uv import Uv
from hubroam.recipes import (
    DirectoryFiles,
    InstallConda,
    InstallCounterparts,
    InstallProject,
    read_recipe,
)
from support.condachannel import FORGE
from support.fileserver import serving
from support.packageindex import PackageIndex

pytestmark = pytest.mark.registry

# As pixi's list has them; atlas and globe are of the test's own channel.
NAMES = {
    "numpy": ["numpy"],
    "pandas": ["pandas"],
    "pip": ["pip"],
    "pytables": ["tables"],
    "python-graphviz": ["graphviz"],
    "traitlets": ["traitlets"],
    "atlas": ["atlas"],
    "globe": ["hubroam-no-such-project"],
    "python": None,
}
RECIPE = """\
channels: [conda-forge, nodefaults]
dependencies:
  - python>=3.11
  - numpy=2
  - pandas
  - pip
  - pip:
    - cowsay==6.1
    - -r more.txt
variables:
  CENTURY: 20
"""
BOOK = {"binder/environment.yml": RECIPE, "binder/more.txt": "six>=1.16\n"}


@pytest.fixture
def names(tmp_path):
    path = tmp_path / "names.json"
    path.write_text(json.dumps(NAMES))
    return str(path)


@pytest.fixture
def shop(workshop, names):
    return workshop(
        prefer_pypi=True, pypi_mapping=names, conda_mirrors={FORGE: ["http://127.0.0.1:1"]}
    )


@pytest.fixture
def shop_with_conda(workshop, names, forge):
    return workshop(prefer_pypi=True, pypi_mapping=names, conda_mirrors={FORGE: [forge]})


async def run_kernel(environment, code):
    specs = KernelSpecManager(kernel_dirs=[str(environment.path / "share/jupyter/kernels")])
    manager = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        said = []
        reply = await client.execute_interactive(
            code,
            timeout=60,
            output_hook=lambda m: said.append(m["content"].get("text", "")),
        )
        assert reply["content"]["status"] == "ok", said
        return "".join(said)
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


async def test_a_recipe_that_is_known_on_pypi(shop):
    environment = await shop.build(BOOK)
    code = "import numpy, pandas, cowsay, six, sys; print(numpy.__version__, sys.prefix)"
    said = await run_kernel(environment, code)
    assert said.split()[0].startswith("2.")
    assert str(environment.path) in said

    wanted = {"numpy=2": "numpy==2.*", "pandas": "pandas", "pip": "pip"}
    assert environment.substituted == wanted
    assert environment.variables == {"CENTURY": "20"}
    assert environment.lock.name == "pylock.toml"
    lock = tomllib.loads(environment.lock.read_text())
    assert lock["tool"]["hubroam"]["substituted"] == wanted
    assert {"numpy", "pandas", "cowsay", "six"} <= {each["name"] for each in lock["packages"]}
    log = environment.log.read_text()
    assert "environment.yml: its packages are known on PyPI, so uv installs them" in log
    assert "conda's numpy=2: PyPI's numpy==2.*" in log


async def test_it_is_never_taken_for_condas(shop, workshop):
    recipe = read_recipe(DirectoryFiles(shop.folder(BOOK)))
    preferred = await shop.builder.plan(recipe)
    plain = await workshop().builder.plan(recipe)
    assert preferred.digest != plain.digest
    assert plain.target.startswith("conda ")


async def test_it_is_built_again_from_its_lock_and_does_not_drift(shop):
    environment = await shop.build(BOOK)
    again = await rebuild(environment.digest, shop.root, lambda *_: None)
    assert again.environment.digest != environment.digest
    assert again.environment.variables == {"CENTURY": "20"}
    assert again.environment.lock.name == "pylock.toml"
    drift = await drift_of(shop.store, environment, CondaSettings({}, ""))
    assert (drift.problem, drift.drifts) == (None, False)
    lock = environment.lock.read_text()
    was = next(
        each["version"] for each in tomllib.loads(lock)["packages"] if each["name"] == "pandas"
    )
    environment.lock.write_text(lock.replace(f'version = "{was}"', 'version = "1.0"', 1))
    drift = await drift_of(shop.store, environment, CondaSettings({}, ""))
    assert drift.changed == [("pandas", "1.0", was)]


@pytest.mark.parametrize(
    ("recipe", "reason"),
    [
        ("dependencies: [gdal-free, atlas=1]\n", "gdal-free has no known counterpart on PyPI"),
        (
            "channels: [conda-forge]\ndependencies: ['atlas=1=0']\n",
            "atlas=1=0 names a build, and PyPI has none",
        ),
        ("dependencies: [atlas=1, 'python=2.7']\n", "this machine has no Python 2.7"),
    ],
)
async def test_a_reason_is_found_before_any_work(shop_with_conda, workshop, recipe, reason):
    folder = shop_with_conda.folder({"environment.yml": recipe})
    read = read_recipe(DirectoryFiles(folder))
    plan = await shop_with_conda.builder.plan(read)
    assert plan.note == f"environment.yml: {reason}, so conda builds it"
    # an environment of conda's, and the same as without the setting
    assert plan.digest == (await workshop().builder.plan(read)).digest


async def test_what_follows_condas_packages_may_need_them(shop):
    folder = shop.folder({"environment.yml": "dependencies: [pandas]\n"})
    recipe = read_recipe(DirectoryFiles(folder))
    more = replace(recipe, steps=(*recipe.steps, InstallProject(".")))
    plan = await shop.builder.plan(more)
    assert plan.recipe.steps == more.steps
    assert "the recipe installs more than its packages" in plan.note


async def test_what_is_not_known_is_built_by_conda_and_why_is_in_the_log(shop_with_conda):
    recipe = "dependencies: [atlas=1, conda-forge::globe]\n"
    environment = await shop_with_conda.build({"environment.yml": recipe})
    assert subprocess.check_output([environment.path / "bin/atlas"], text=True) == "atlas 1.0\n"
    assert environment.substituted == {}
    assert environment.lock.name == "explicit.txt"
    log = environment.log.read_text()
    assert "environment.yml: conda-forge::globe names its channel, so conda builds it\n" in log


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {"environment.yml": "dependencies: [globe]\n"},
            "wheels of PyPI alone do not do (The recipe's packages cannot be installed together: "
            "Because hubroam-no-such-project was not found in the package registry",
        ),
        (
            {
                "environment.yml": "dependencies: [atlas=1, {pip: [-r more.txt]}]\n",
                "more.txt": "--prefer-binary\n",
            },
            "pip's line --prefer-binary sets more",
        ),
        (
            {
                "environment.yml": "dependencies: [atlas=1]\n",
                "postBuild": "#!/bin/sh\necho $CONDA_PREFIX\n",
            },
            "postBuild speaks of CONDA_",
        ),
        (
            # of pydot's wheel, graphviz's programs are missing
            {"environment.yml": "dependencies: [traitlets, {pip: [pydot==3.0.4]}]\n"},
            "pydot, which is needed, is not enough from PyPI: conda brings Graphviz",
        ),
    ],
)
async def test_what_turns_out_in_the_build_falls_to_conda(shop_with_conda, tmp_path, files, reason):
    environment = await shop_with_conda.build(files)
    log = environment.log.read_text()
    assert f"environment.yml: {reason}" in log
    assert "so conda builds it" in log
    assert environment.substituted == {}
    assert environment.lock.name == "explicit.txt"
    # and so is what is built again from it
    lay_out(environment.path.parent, tmp_path / "again")
    kept = DirectoryFiles(tmp_path / "again")
    assert lock_recipe(read_recipe(kept), kept, "").kind == "conda"


async def test_an_old_wheel_is_not_the_newest_version(tmp_path, monkeypatch):
    index = PackageIndex(tmp_path / "index")
    index.add("tide", "1.0", "shore")
    index.add("shore", "1.0")
    source = tmp_path / "source"
    for folder in (source, tmp_path / "build/home"):
        folder.mkdir(parents=True)

    async def found(*packages):
        cache = tmp_path / "caches" / secrets.token_hex(4)  # uv asks an index once in ten minutes
        step = InstallCounterparts(InstallConda("environment.yml", (), ()), packages)
        uv = Uv(cache=cache, build=tmp_path / "build", timeout=60)
        python = sys.executable
        return await resolve(step, source=source, scripts=[], base=(), python=python, uv=uv)

    with serving(index.root) as url:
        monkeypatch.setenv("UV_INDEX_URL", f"{url}simple")
        assert await found(("tide", "tide")) == ["shore==1.0", "tide==1.0"]
        index.add_source("tide", "2.0")
        with pytest.raises(NotSure, match=r"^tide 2\.0 has no wheel for this machine$"):
            await found(("tide", "tide"))
        assert await found(("tide=1", "tide==1.*")) == ["shore==1.0", "tide==1.0"]
        with pytest.raises(NotSure, match="wheels of PyPI alone do not do"):
            await found(("tide=2", "tide==2.*"))
    assert list(source.iterdir()) == []


async def test_from_the_command_line(tmp_path):
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / "environment.yml").write_text("dependencies: [six, python-dateutil]\n")
    command = [sys.executable, "-m", "hubroam", "build", str(folder), "--prefer-pypi", "--json"]
    process = await asyncio.create_subprocess_exec(
        *command,
        "--data-dir",
        str(tmp_path / "data"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    output, said = await process.communicate()
    assert process.returncode == 0, said
    assert json.loads(output)["substituted"] == {
        "six": "six",
        "python-dateutil": "python-dateutil",
    }
