"""What repo2docker would build, of the recipes whose own base image no test can have.

Those for R and Julia are not among them: it asks servers of theirs which versions there are.
"""

from __future__ import annotations

import pytest

from hubroam.environments.containers.builder import ContainerBuilder
from hubroam.environments.containers.repo2docker import application

RECIPES = [
    ({"apt.txt": "graphviz\n", "requirements.txt": "cowsay==6.1\n"}, "graphviz"),
    ({"default.nix": "{}"}, "nix"),
    ({"binder/environment.yml": "dependencies: [python=3.12]\n"}, "environment.yml"),
    ({"binder/postBuild": "#!/bin/sh\ntrue\n"}, "./binder/postBuild"),
]


@pytest.mark.parametrize(("files", "words"), RECIPES, ids=lambda value: str(value)[:30])
def test_a_recipe_becomes_a_dockerfile(tmp_path, capsys, files, words):
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    base = "registry.example.org/buildpack-deps:24.04"
    builder = ContainerBuilder(
        repo2docker={"Repo2Docker": {"base_image": base}}, build_args={"MIRROR": "yes"}
    )
    app = application(
        {
            "source": str(tmp_path),
            "image": "book:1",
            "command": "docker",
            "build_args": builder.build_args,
            "memory": builder.build_memory,
            "repo2docker": builder.repo2docker,
            "labels": {"org.hubroam.environment": "0123"},
        }
    )
    app.dry_run = True
    app.initialize()
    app.build()
    dockerfile = capsys.readouterr().out.lstrip()
    assert dockerfile.startswith(f"FROM {base}")
    assert words in dockerfile
    assert 'org.hubroam.environment="0123"' in dockerfile
    assert app.extra_build_args == {"MIRROR": "yes"}
    assert (app.user_name, app.user_id) == ("jovyan", 1000)
