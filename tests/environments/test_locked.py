"""Locks: what a build leaves is enough to build the same again."""

from __future__ import annotations

import shutil
import tomllib

import pytest

from hubroam import errors
from hubroam.building import BuildOptions, build_folder, rebuild
from hubroam.environments import EnvironmentStore
from hubroam.environments.locked import lock_recipe
from hubroam.recipes import DirectoryFiles, read_recipe
from support.condachannel import FORGE
from support.fileserver import serving
from support.packageindex import PackageIndex

pytestmark = pytest.mark.registry


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A package index beside the usual one."""
    index = PackageIndex(tmp_path / "index")
    index.add("tide", "1.0", "shore")
    index.add("shore", "1.0")
    with serving(index.root) as url:
        monkeypatch.setenv("UV_EXTRA_INDEX_URL", f"{url}simple")
        yield index


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "book"
    files = {
        "binder/requirements.txt": "tide\n./own\n",
        "binder/postBuild": "#!/bin/sh\ncp data.txt kept.txt\n",
        "own/pyproject.toml": '[project]\nname = "own"\nversion = "1"\ndependencies = ["shore"]\n'
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[tool.setuptools]\npy-modules = ["own"]\n',
        "own/own.py": "",
        "data.txt": "data",
        "prose.md": "prose",
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return folder


def quiet(*_):
    pass


def packages(built):
    document = tomllib.loads((built.environment.path.parent / "pylock.toml").read_text())
    return {
        each["name"]: (each["version"], str(each.get("wheels"))) for each in document["packages"]
    }


async def test_every_build_leaves_lock_log_recipe_and_tools(folder, tmp_path, index):
    built = await build_folder(folder, tmp_path / "data", quiet)
    kept = built.environment.path.parent
    files = {each.relative_to(kept).as_posix() for each in (kept / "recipe").rglob("*.*")}
    assert files == {
        "recipe/binder/requirements.txt",
        "recipe/own/pyproject.toml",
        "recipe/own/own.py",
        "recipe/data.txt",
    }
    assert (kept / "recipe" / "binder" / "postBuild").is_file()
    store = EnvironmentStore(tmp_path / "data" / "environments")
    facts = store.facts(built.environment.digest)
    assert facts.tools.keys() >= {"uv", "py-rattler", "builder"}
    assert facts.interpreter.startswith("cpython 3.")
    assert {"tide", "shore", "own", "ipykernel"} <= set(facts.resolved)
    assert "tide==1.0" in built.environment.log.read_text()


async def test_an_environment_is_built_again_from_what_it_keeps(folder, tmp_path, index):
    built = await build_folder(folder, tmp_path / "data", quiet)
    index.add("tide", "2.0")
    index.add("shore", "2.0")
    shutil.rmtree(folder)
    again = await rebuild(built.environment.digest[:12], tmp_path / "data", quiet)
    assert again.environment.digest != built.environment.digest
    assert packages(again) == packages(built)
    assert packages(again)["tide"][0] == "1.0"
    assert (again.environment.overlay / "kept.txt").read_text() == "data"
    assert (await rebuild(built.environment.digest, tmp_path / "data", quiet)).cached


async def test_a_lock_beside_the_recipe(folder, tmp_path, index):
    built = await build_folder(folder, tmp_path / "data", quiet)
    index.add("tide", "2.0")
    shutil.copy(built.environment.lock, folder / "binder")
    again = await build_folder(folder, tmp_path / "elsewhere", quiet, BuildOptions(locked=True))
    assert packages(again) == packages(built)
    # a lock that nobody asks for changes the recipe's folder, and nothing else
    unlocked = await build_folder(folder, tmp_path / "elsewhere", quiet)
    assert packages(unlocked)["tide"][0] == "2.0"


async def test_what_is_gone_is_named(folder, tmp_path, index):
    built = await build_folder(folder, tmp_path / "data", quiet)
    shutil.copy(built.environment.lock, folder / "binder")
    index.remove("shore", "1.0")
    with pytest.raises(errors.LockUnavailable) as caught:
        await build_folder(folder, tmp_path / "elsewhere", quiet, BuildOptions(locked=True))
    assert caught.value.message.startswith("shore==1.0 of the lock cannot be had any more: http://")
    assert "--locked" in caught.value.next_step


async def test_what_is_another_file_by_now_is_named(folder, tmp_path, index):
    built = await build_folder(folder, tmp_path / "data", quiet)
    shutil.copy(built.environment.lock, folder / "binder")
    wheel = index.add("shore", "1.0", "tide")
    assert wheel.exists()
    with pytest.raises(
        errors.LockUnavailable, match=r"shore==1\.0 is not the file that the lock has"
    ):
        await build_folder(folder, tmp_path / "elsewhere", quiet, BuildOptions(locked=True))


async def test_no_lock_and_no_environment(folder, tmp_path):
    with pytest.raises(errors.RecipeError, match=r"binder/pylock\.toml is missing"):
        await build_folder(folder, tmp_path / "data", quiet, BuildOptions(locked=True))
    (folder / "binder/pylock.toml").write_text('lock-version = "2.0"\n')
    with pytest.raises(errors.RecipeError, match="lock-version is not 1"):
        await build_folder(folder, tmp_path / "data", quiet, BuildOptions(locked=True))
    (folder / "binder/pylock.toml").write_text("lock-version =\n")
    with pytest.raises(errors.RecipeError, match="is not TOML"):
        await build_folder(folder, tmp_path / "data", quiet, BuildOptions(locked=True))
    with pytest.raises(errors.EnvironmentNotFound):
        await rebuild("0123456789", tmp_path / "data", quiet)
    assert DirectoryFiles(folder).names()


async def test_conda_by_its_explicit_list(workshop, forge, tmp_path):
    shop = workshop(conda_mirrors={FORGE: [forge]})
    recipe = "dependencies: [atlas=1.0, {pip: [cowsay==6.1]}]\n"
    built = await shop.build({"environment.yml": recipe})
    kept = built.path.parent
    folder = shop.folder({"environment.yml": "dependencies: [atlas, {pip: [cowsay]}]\n"})
    for name in ("explicit.txt", "pylock.toml"):
        shutil.copy(kept / name, folder)
    files = DirectoryFiles(folder)
    locked = lock_recipe(read_recipe(files), files, "")

    async def source(target):
        shutil.copytree(folder, target)

    again = await shop.builds.ensure(await shop.builder.plan(locked), source).result()
    assert (again.path.parent / "explicit.txt").read_text() == (kept / "explicit.txt").read_text()
    assert (again.path.parent / "pylock.toml").read_text() == (kept / "pylock.toml").read_text()
    assert again.variables["DATA_OF_ATLAS"] == f"{again.path}/share/atlas"
    text = (kept / "explicit.txt").read_text().replace("atlas-1.0", "atlas-0.9")
    (folder / "explicit.txt").write_text(text)
    files = DirectoryFiles(folder)
    gone = await shop.builder.plan(lock_recipe(read_recipe(files), files, ""))
    with pytest.raises(errors.BuildError) as caught:
        await shop.builds.ensure(gone, source).result()
    assert caught.value.code == "lock-unavailable", shop.store.log_path(gone.digest).read_text()
    assert "atlas-0.9" in caught.value.message
