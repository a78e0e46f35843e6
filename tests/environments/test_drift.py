"""What a recipe would get today, against what its environment got."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest

from hubroam.environments.conda import CondaSettings
from hubroam.environments.drift import drift_of
from support.condachannel import FORGE, CondaChannel
from support.fileserver import serving
from support.packageindex import PackageIndex

pytestmark = pytest.mark.registry


@pytest.fixture
def index(tmp_path, monkeypatch):
    index = PackageIndex(tmp_path / "index")
    index.add("tide", "1.0", "shore")
    index.add("shore", "1.0")
    index.add("rock", "1.0")
    with serving(index.root) as url:
        monkeypatch.setenv("UV_EXTRA_INDEX_URL", f"{url}simple")
        yield index


def hubroam(folder, *arguments):
    command = [sys.executable, "-m", "hubroam", "env", *arguments]
    done = subprocess.run(
        [*command, "--data-dir", str(folder)], capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stdout, done.stderr


async def test_what_would_change_come_and_go(workshop, index, tmp_path):
    shop = workshop()
    files = {
        "requirements.txt": "tide\nrock\n",
        "postBuild": "#!/bin/sh\npython -m pip install --quiet --no-deps cowsay==6.1\n",
    }
    environment = await shop.build(files)
    before = sorted(shop.left)
    status, text, _ = hubroam(tmp_path, "drift", environment.digest[:10])
    assert (status, text.split("  ")[-1]) == (0, "would be the same\n")

    index.add("tide", "2.0", "sand")
    index.add("sand", "1.5")
    status, text, _ = hubroam(tmp_path, "drift")
    assert status == 1
    assert text.splitlines()[1:] == ["  tide 1.0 -> 2.0", "  + sand 1.5", "  - shore 1.0"]
    status, text, _ = hubroam(tmp_path, "drift", "--json")
    (report,) = json.loads(text)
    assert status == 1
    assert report == {
        "digest": environment.digest,
        "created": environment.created,
        "drifts": True,
        "changed": [{"package": "tide", "was": "1.0", "would_be": "2.0"}],
        "added": [{"package": "sand", "would_be": "1.5"}],
        "removed": [{"package": "shore", "was": "1.0"}],
        "problem": None,
    }
    assert sorted(shop.left) == before  # nothing is built

    for version in ("1.0", "2.0"):
        index.remove("tide", version)
    status, text, error = hubroam(tmp_path, "drift")
    assert status == 1
    assert "cannot be told" in text
    assert "cannot be installed together" in error
    status, text, _ = hubroam(tmp_path, "drift", "ffff", "--json")
    assert (status, json.loads(text)["code"]) == (1, "environment-not-found")


async def test_what_is_pinned_does_not_drift(workshop, index):
    shop = workshop()
    project = '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.11"\n'
    files = {
        "pyproject.toml": project,
        "uv.lock": 'version = 1\nrequires-python = ">=3.11"\n\n[[package]]\nname = "p"\n'
        'version = "1"\nsource = { virtual = "." }\n',
    }
    environment = await shop.build(files)
    drift = await drift_of(shop.store, environment, CondaSettings({}, ""))
    assert drift.problem is None
    assert not drift.drifts


async def test_conda(workshop, forge, tmp_path):
    channel = CondaChannel(tmp_path / "channel")
    channel.root.mkdir()
    channel.add("moon", "1.0", {"share/moon": b"1"}, noarch="generic")
    await asyncio.to_thread(channel.index)
    with channel.serve() as url:
        shop = workshop(conda_mirrors={FORGE: [forge]})
        recipe = f"channels: ['{url}', conda-forge]\ndependencies: [moon, {{pip: [cowsay]}}]\n"
        environment = await shop.build({"environment.yml": recipe})
        settings = CondaSettings({FORGE: [forge]}, "")
        drift = await drift_of(shop.store, environment, settings)
        assert (drift.problem, drift.drifts) == (None, False), drift
        channel.add("moon", "1.1", {"share/moon": b"2"}, noarch="generic")
        await asyncio.to_thread(channel.index)
        drift = await drift_of(shop.store, environment, settings)
        assert drift.changed == [("moon", "1.0", "1.1")]
        assert (drift.added, drift.removed) == ([], [])


async def test_the_list(workshop, tmp_path):
    shop = workshop()
    environment = await shop.build({"requirements.txt": "six\n", "prose.md": ""})
    status, text, _ = hubroam(tmp_path, "list")
    assert (status, text.split()[0]) == (0, environment.digest[:12])
    status, text, _ = hubroam(tmp_path, "list", "--json")
    (listed,) = json.loads(text)
    assert listed["recipe"] == ["requirements.txt"]
    assert listed["bytes"] > 1000
