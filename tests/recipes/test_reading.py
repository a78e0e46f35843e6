"""repo2docker's rules, and what the local builder refuses."""

from __future__ import annotations

import json

import pytest

from hubroam.errors import RecipeError, RecipeUnsupported
from hubroam.recipes import (
    DirectoryFiles,
    InstallDescription,
    InstallPipfile,
    InstallProject,
    InstallRequirements,
    RunInstallR,
    RunPostBuild,
    SyncUvLock,
    UseR,
    read_recipe,
)

PROJECT = '[project]\nname = "p"\nversion = "1"\n'
BUILD = '[build-system]\nrequires = ["setuptools"]\n'
UNDATED = [UseR("runtime.txt", "4.2"), InstallDescription("DESCRIPTION")]
PLACE = {"platform": "linux", "interpreter": "cpython 3.12.1", "builder": "local-1"}


@pytest.fixture
def read(tmp_path):
    def read(files):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_recipe(DirectoryFiles(tmp_path))

    return read


@pytest.mark.parametrize(
    ("files", "steps"),
    [
        ({}, []),
        ({"requirements.txt": "six"}, [InstallRequirements("requirements.txt")]),
        (
            {"binder/requirements.txt": "six", "requirements.txt": "no", "setup.py": ""},
            [InstallRequirements("binder/requirements.txt")],
        ),
        ({".binder/requirements.txt": "six"}, [InstallRequirements(".binder/requirements.txt")]),
        ({"binder/other": "", "requirements.txt": "six"}, []),
        (
            {"requirements.txt": "six", "setup.py": ""},
            [InstallRequirements("requirements.txt"), InstallProject(".")],
        ),
        ({"pyproject.toml": PROJECT + BUILD}, [InstallProject(".")]),
        ({"pyproject.toml": PROJECT}, []),
        ({"pyproject.toml": BUILD}, []),
        ({"pyproject.toml": PROJECT, "uv.lock": ""}, [SyncUvLock(".")]),
        (
            {"binder/pyproject.toml": PROJECT, "binder/uv.lock": ""},
            [SyncUvLock("binder")],
        ),
        (
            {"pyproject.toml": PROJECT + BUILD, "uv.lock": "", "requirements.txt": "six"},
            [InstallRequirements("requirements.txt"), InstallProject(".")],
        ),
        ({"Pipfile": "", "requirements.txt": "no"}, [InstallPipfile(".", locked=False)]),
        ({"Pipfile": "", "Pipfile.lock": "{}"}, [InstallPipfile(".", locked=True)]),
        (
            {"postBuild": "", "requirements.txt": "six", "install.R": ""},
            [InstallRequirements("requirements.txt"), RunPostBuild("postBuild")],
        ),
        (
            {"runtime.txt": "r-4.2-2023-05-01\n", "install.R": "", "requirements.txt": "six"},
            [
                UseR("runtime.txt", "4.2", "2023-05-01"),
                InstallRequirements("requirements.txt"),
                RunInstallR("install.R"),
            ],
        ),
        ({"binder/runtime.txt": "r-2023-05-01"}, [UseR("binder/runtime.txt", None, "2023-05-01")]),
        (
            {"DESCRIPTION": "", "install.R": "", "postBuild": ""},
            [
                UseR("DESCRIPTION"),
                RunInstallR("install.R"),
                InstallDescription("DESCRIPTION"),
                RunPostBuild("postBuild"),
            ],
        ),
        ({"DESCRIPTION": "", "runtime.txt": "r-4.2"}, UNDATED),
    ],
)
def test_what_is_done(read, files, steps):
    assert list(read(files).steps) == steps


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"Dockerfile": "", "requirements.txt": "six"}, "Dockerfile"),
        ({"binder/Dockerfile": ""}, "binder/Dockerfile"),
        ({"Project.toml": ""}, "Project.toml"),
        ({"JuliaProject.toml": ""}, "JuliaProject.toml"),
        ({"default.nix": ""}, "default.nix"),
    ],
)
def test_what_needs_another_builder_is_named(read, files, named):
    with pytest.raises(RecipeUnsupported) as caught:
        read(files)
    assert f"cannot honour {named}: " in caught.value.message
    assert "containers" in caught.value.next_step


@pytest.mark.parametrize("files", [{"binder/x": "", "Dockerfile": ""}, {"binder/DESCRIPTION": ""}])
def test_files_that_do_not_count(read, files):
    assert read(files).kind == "default"


@pytest.mark.parametrize(
    ("files", "python", "source"),
    [
        ({"runtime.txt": "python-3.12\n"}, "3.12", "runtime.txt"),
        ({"binder/runtime.txt": "python-3.11.7"}, "3.11.7", "binder/runtime.txt"),
        ({"Pipfile": '[requires]\npython_version = "3.11"'}, "3.11", "Pipfile"),
        (
            {"Pipfile.lock": json.dumps({"_meta": {"requires": {"python_version": "3.10"}}})},
            "3.10",
            "Pipfile.lock",
        ),
        (
            {"pyproject.toml": PROJECT + 'requires-python = ">=3.11"\n', "uv.lock": ""},
            ">=3.11",
            "pyproject.toml",
        ),
        ({"requirements.txt": "six"}, None, None),
    ],
)
def test_the_python_that_is_asked_for(read, files, python, source):
    recipe = read(files)
    assert (recipe.python, recipe.python_source) == (python, source)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"binder/a": "", ".binder/a": ""}, "both binder/ and .binder/"),
        ({"runtime.txt": "snake-3"}, "runtime.txt asks for snake-3"),
        ({"requirements.txt": b"caf\xe9"}, "requirements.txt is not UTF-8 text (byte 3)"),
        ({"pyproject.toml": "[project"}, "pyproject.toml is not TOML"),
        ({"Pipfile.lock": "x"}, "Pipfile.lock is not a lock file"),
        ({"apt.txt": "git\n--force-yes\n"}, "apt.txt, line 2"),
    ],
)
def test_recipes_that_cannot_be_read(read, files, words):
    with pytest.raises(RecipeError) as caught:
        read(files)
    assert words in caught.value.message
    assert caught.value.next_step


def test_apt_packages(read):
    recipe = read({"apt.txt": "# tools\ngit curl\n\nlibgl1 # for vtk\n"})
    assert recipe.apt == ("git", "curl", "libgl1")
    assert recipe.apt_source == "apt.txt"


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"chapter.md": "more"}, True),
        ({"binder/start": "#!/bin/sh\n"}, True),
        ({"requirements.txt": "ignored"}, True),
        ({"binder/requirements.txt": "six==1.15\n"}, False),
        ({"binder/helper.sh": "echo\n"}, False),
        ({"extra.txt": "more\n"}, False),
        ({"data/used.csv": "2\n"}, False),
        ({"data/unused.csv": "2\n"}, False),  # postBuild names its folder
        ({"src/other.py": "pass\n"}, True),
    ],
)
def test_what_decides_an_environment(read, changed, same):
    files = {
        "binder/requirements.txt": "six\n-r ../extra.txt\n",
        "binder/postBuild": "#!/bin/sh\ncp data/*.csv .\n",
        "extra.txt": "idna\n",
        "data/used.csv": "1\n",
        "src/code.py": "",
        "chapter.md": "some",
    }
    before = read(files).digest(**PLACE)
    assert (read(changed).digest(**PLACE) == before) is same


def test_a_package_depends_on_all_of_its_files(read):
    before = read({"setup.py": "", "pkg/__init__.py": ""}).digest(**PLACE)
    assert read({"pkg/data.json": "{}"}).digest(**PLACE) != before


@pytest.mark.parametrize("other", ["platform", "interpreter", "builder"])
def test_the_machine_decides_too(read, other):
    recipe = read({"requirements.txt": "six"})
    assert recipe.digest(**PLACE) != recipe.digest(**{**PLACE, other: "another"})
    assert len(recipe.digest(**PLACE)) == 64
