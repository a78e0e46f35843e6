"""A conda recipe on a real hub: built, launched, its kernel run."""

from __future__ import annotations

import tomllib

import httpx
import pytest

from support.binder import launch, run_cell
from support.condachannel import FORGE
from support.hubs import up

pytestmark = [pytest.mark.hub, pytest.mark.registry]

CODE = """
import os, subprocess, sys
print(open(os.environ["DATA_OF_ATLAS"] + "/version").read())
print(subprocess.check_output("atlas", text=True).strip())
print(subprocess.check_output([sys.executable, "-m", "pip", "--version"], text=True)[:4])
"""


def test_a_session_has_the_packages_and_what_their_activation_sets(tmp_path, git_server, forge):
    repository = git_server.repo("conda/book")
    repository.commit({"environment.yml": "dependencies: [atlas=1.0]\n"})
    config = f"c.LocalBuilder.conda_mirrors = {{{FORGE!r}: [{forge!r}]}}\n"
    with up(tmp_path, config) as hub:
        ready = launch(hub, repository.spec)
        assert run_cell(ready, CODE).split() == ["1.0", "atlas", "1.0", "pip"]
        lock = httpx.get(f"{hub}environments/{ready['digest']}")
        assert lock.headers["content-type"] == "text/plain; charset=utf-8"
        assert f"{FORGE}/noarch/atlas-1.0-0.tar.bz2#" in lock.text


def test_a_session_of_pypis_packages_says_what_they_stand_for(tmp_path, git_server):
    repository = git_server.repo("conda/fast")
    repository.commit({"environment.yml": "dependencies: [python-dateutil=2.9, {pip: [cowsay]}]\n"})
    config = "c.LocalBuilder.prefer_pypi = True\n"
    wanted = {"python-dateutil=2.9": "python-dateutil==2.9.*"}
    with up(tmp_path, config) as hub:
        for cached in (False, True):
            ready = launch(hub, repository.spec)
            assert (ready["cached"], ready["substituted"]) == (cached, wanted)
        code = "import cowsay, dateutil; print(dateutil.__version__)"
        assert run_cell(ready, code).startswith("2.9.")
        lock = httpx.get(f"{hub}environments/{ready['digest']}").text
        assert tomllib.loads(lock)["tool"]["hubroam"]["substituted"] == wanted
        log = httpx.get(f"{hub}environments/{ready['digest']}/log").text
        assert "conda's python-dateutil=2.9: PyPI's python-dateutil==2.9.*\n" in log
