"""An R recipe on a real hub: built, launched, its kernel run."""

from __future__ import annotations

import httpx
import pytest

from support.binder import launch, run_cell
from support.cran import DATED, cran, need_r
from support.hubs import up

pytestmark = [pytest.mark.hub, pytest.mark.registry]

CODE = """
cat(tides::tides(), "\\n")
install.packages("moons")
cat(moons::moons(), basename(dirname(.libPaths()[1])), getwd() == Sys.getenv("HOME"), "\\n")
"""


def test_a_session_has_r_and_the_days_packages(tmp_path, git_server):
    need_r()
    repository = git_server.repo("r/book")
    repository.commit(
        {
            "binder/runtime.txt": "r-2023-05-01\n",
            "binder/install.R": 'install.packages("tides")\n',
            "tides.ipynb": "{}",
        }
    )
    with (
        cran(tmp_path / "r") as address,
        up(tmp_path, f'c.LocalBuilder.cran_url = "{address}{DATED}"\n') as hub,
    ):
        ready = launch(hub, repository.spec)
        headers = {"Authorization": f"token {ready['token']}"}
        specs = httpx.get(f"{ready['url']}api/kernelspecs", headers=headers, timeout=60).json()
        r = specs["kernelspecs"]["ir"]["spec"]
        assert (r["display_name"], r["language"]) == ("R", "R")
        assert str(tmp_path / "data/environments") in r["argv"][0]
        said = run_cell(ready, CODE, kernel_name="ir")
        assert "tides 1.0" in said
        assert "moons 1.0 layer TRUE" in said
        at = f"{hub}environments/{ready['digest']}"
        lock = httpx.get(f"{at}/renv.lock")
        assert lock.headers["content-type"] == "application/json; charset=utf-8"
        assert lock.json()["Packages"]["tides"]["Version"] == "1.0"
        assert "moons" not in lock.json()["Packages"]
        assert 'name = "ipykernel"' in httpx.get(f"{at}/pylock.toml").text
        assert httpx.get(f"{at}/explicit.txt").status_code == 404
