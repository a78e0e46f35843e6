"""The Binder client of the field, ``@jupyterhub/binderhub-client`` from npm, unmodified."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from support.binder import run_cell
from support.node import install_packages, run_node

pytestmark = [pytest.mark.hub, pytest.mark.registry]

HERE = Path(__file__).parent


@pytest.fixture(scope="module", autouse=True)
def packages():
    install_packages(HERE)


def drive(hub, spec, path):
    output = run_node("node", "drive.js", f"{hub.url}build/", spec, path, folder=HERE)
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def test_it_builds_and_launches(hub, git_server):
    repository = git_server.repo("client/book")
    recipe = "colorama==0.4.5\n# a recipe that no other test builds\n"
    repository.commit({"requirements.txt": recipe, "page.ipynb": "{}"})
    *stream, ready, opened = drive(hub, repository.spec, "/lab/tree/page.ipynb")
    assert {"fetching", "building", "built", "launching"} <= {e.get("phase") for e in stream}
    assert ready["phase"] == "ready"
    assert run_cell(ready, "import colorama; print(colorama.__version__)") == "0.4.5\n"
    page = httpx.get(opened["open"], follow_redirects=True)
    assert page.status_code == 200
    assert page.url.path.endswith("/lab/tree/page.ipynb")
    assert "JupyterLab" in page.text


def test_it_hears_why_a_launch_failed(hub):
    stream = drive(hub, "hydroshare/123", "")
    failures = [event for event in stream if event.get("phase") == "failed"]
    assert "123 is no resource of HydroShare" in failures[0]["message"]
