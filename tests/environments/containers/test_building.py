"""Images outside of a hub: `hubroam build` on a real daemon."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from support.dockerd import Docker, dockerd, dockerfile


@pytest.fixture(scope="module")
def engine() -> Iterator[Docker]:
    with dockerd() as running:
        yield running


@pytest.fixture
def build(engine, tmp_path):
    """Runs the command with a hub's configuration; returns what it says and its document."""
    config = tmp_path / "jupyterhub_config.py"
    # a hub's own file, with what a build has no use for
    config.write_text(f"{engine.config}c.JupyterHub.bind_url = 'http://127.0.0.1:8000'\n")

    def run(*arguments, config=config):
        command = [sys.executable, "-m", "hubroam", "build", "--json", "--config", config]
        command += ["--data-dir", tmp_path / "data"]
        done = subprocess.run(
            list(map(str, [*command, *arguments])), capture_output=True, text=True
        )
        return done.stderr, json.loads(done.stdout)

    return run


@pytest.fixture
def book(engine, tmp_path):
    folder = tmp_path / "Waves"
    folder.mkdir()
    (folder / "Dockerfile").write_text(dockerfile(engine.base))
    (folder / "prose.md").write_text("folder")
    return folder


def test_a_folder_whose_recipe_needs_a_container(build, engine, book, tmp_path):
    said, built = build(book)
    assert "Needs a container (Dockerfile: it describes a container)" in said
    assert (built["builder"], built["cached"], built["path"]) == ("container", False, None)
    assert built["image"].startswith("hubroam/waves-")
    with closing(engine.client()) as client:
        command = ["grep", "-qx", "folder", "prose.md"]
        client.containers.run(built["image"], command, remove=True)  # or it raises
    assert build(book)[1]["cached"]
    _, refused = build(built["digest"][:12], "--locked")
    assert refused["code"] == "invalid-recipe"
    assert "is an image" in refused["message"]
    _, refused = build(book, "--builder", "local")
    assert refused["code"] == "recipe-unsupported"
    assert "c.ContainerEngine" not in refused["next_step"]


def test_a_folder_of_a_repository_as_the_hub_names_it(build, engine, git_server):
    repository = git_server.repo("ada/courses-in-containers")
    commit = repository.commit({"week 1/Dockerfile": dockerfile(engine.base), "prose.md": "one"})
    _, built = build(f"{repository.spec}?envpath=week 1".replace(" ", "%20"))
    assert built["image"].endswith(f":{commit}")
    assert "week-201-" in built["image"]  # of the folder, so that each has an image of its own
    repository.commit({"prose.md": "two"})
    _, again = build(repository.spec, "--env-path", "week 1")
    assert (again["cached"], again["digest"]) == (True, built["digest"])


def test_what_the_machine_can_build_asks_no_engine(build, tmp_path):
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "requirements.txt").write_text("six==1.17.0\n")
    _, built = build(tmp_path / "plain")
    assert (built["builder"], built["image"]) == ("local", None)
    _, built = build(tmp_path / "plain", "--builder", "container")
    assert built["code"] == "build-failed"  # repo2docker's own base image cannot be had here
    assert "buildpack-deps" in built["message"]


def test_without_an_engine_the_refusal_says_how_to_have_one(build, book, tmp_path):
    nobody = tmp_path / "nobody.py"
    nobody.write_text(f"c.ContainerEngine.url = 'unix://{tmp_path}/nobody.sock'\n")
    _, refused = build(book, config=nobody)
    assert refused["code"] == "recipe-unsupported"
    assert refused["message"].startswith("This hub cannot honour Dockerfile")
    assert "Start Docker or Podman" in refused["next_step"]
    _, refused = build(book, "--builder", "container", config=nobody)
    assert refused["code"] == "engine-unreachable"
    nobody.write_text("c.LocalBuilder.build_timeout = 'soon'\n")
    assert build(book, config=nobody)[1]["code"] == "invalid-configuration"
    nobody.write_text("import nosuchmodule\n")
    assert build(book, config=nobody)[1]["code"] == "invalid-configuration"
