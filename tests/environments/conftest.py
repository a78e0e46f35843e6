"""Real builds, with one cache of uv's for all of them."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from pathlib import Path

import pytest

from hubroam.environments import Builds, EnvironmentStore, LocalBuilder
from hubroam.recipes import DirectoryFiles, read_recipe
from support import shared


@pytest.fixture(scope="session")
def uv_cache(tmp_path_factory):
    return shared.share_packages(tmp_path_factory.mktemp("cache"))


class Workshop:
    """Builds the recipes of folders."""

    def __init__(self, root: Path, cache: Path, **settings):
        self.root = root
        self.store = EnvironmentStore(root / "environments")
        self.store.cache = cache
        self.builder = LocalBuilder(**settings)
        self.builds = Builds(self.store, self.builder)

    def folder(self, files):
        folder = self.root / "books" / str(len(list(self.root.glob("books/*"))))
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return folder

    async def begin(self, folder):
        async def source(target):
            await asyncio.to_thread(shutil.copytree, folder, target)

        plan = await self.builder.plan(read_recipe(DirectoryFiles(folder)))
        return self.builds.ensure(plan, source)

    async def build(self, files):
        return await (await self.begin(self.folder(files))).result()

    @property
    def left(self):
        return list((self.store.root / "builds").iterdir())


@pytest.fixture
async def workshop(tmp_path, uv_cache):
    made = []

    def make(**settings):
        made.append(Workshop(tmp_path, uv_cache, **settings))
        return made[-1]

    yield make
    for one in made:
        with contextlib.suppress(Exception):
            await one.builds.shutdown()
