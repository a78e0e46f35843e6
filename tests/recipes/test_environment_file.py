"""environment.yml and pixi.toml, read."""

from __future__ import annotations

import pytest

from hubroam.errors import RecipeError
from hubroam.recipes import DirectoryFiles, InstallConda, read_recipe
from hubroam.recipes.conda import subdir


@pytest.fixture
def read(tmp_path):
    def read(files):
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return read_recipe(DirectoryFiles(tmp_path))

    return read


def step_of(recipe):
    return next(step for step in recipe.steps if isinstance(step, InstallConda))


def test_an_environment_file(read):
    text = """\
name: book
channels: [conda-forge, defaults, nodefaults, https://conda.example.org/ours/]
dependencies:
  - python=3.12
  - numpy  >=2
  - conda-forge::r-base=4.4
  - pip
  - pip:
    - cowsay==6.1
    - -r extra.txt
prefix: /home/ada/envs/book
"""
    recipe = read({"binder/environment.yml": text, "binder/extra.txt": "six\n"})
    step = step_of(recipe)
    assert recipe.kind == "conda"
    assert step.channels == ("conda-forge", "defaults", "https://conda.example.org/ours")
    assert step.packages == ("python=3.12", "numpy >=2", "conda-forge::r-base=4.4", "pip")
    assert step.pip == ("cowsay==6.1", "-r extra.txt")
    assert {"binder", "binder/environment.yml", "binder/extra.txt"} <= dict(recipe.inputs).keys()


def test_it_wins_over_what_python_has_and_loses_to_what_repo2docker_looks_for_first(read):
    files = {"environment.yml": "dependencies: [a]\n", "requirements.txt": "six\n", "Pipfile": ""}
    assert [type(step) for step in read(files).steps] == [InstallConda]


def test_selectors_of_this_platform_and_of_others(read):
    system = subdir().split("-")[0]
    other = {"linux": "osx"}.get(system, "linux")
    lines = [
        f"  - mine  # [{system}]",
        f"  - theirs  # [{other}]",
        "  - never  # [win]",
        f"  - either  # [{other} or {system}]",
        f"  - all  # [{system} and not win]",
        "  - commented  # a word on it",
    ]
    text = "dependencies:\n" + "\n".join(lines) + "\n"
    assert step_of(read({"environment.yml": text})).packages == (
        "mine",
        "either",
        "all",
        "commented",
    )


def test_a_file_beside_the_pip_section_is_named_from_its_folder(read):
    text = "dependencies: [{pip: [./pack]}]\n"
    recipe = read({"binder/environment.yml": text, "binder/pack/setup.py": ""})
    assert "binder/pack" in dict(recipe.inputs)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a\n", "holds no environment"),
        ("dependencies:\n  - a: b: c\n", "environment.yml, line 2 is not YAML"),
        ("dependencies: a\n", "dependencies is not a list"),
        ("dependencies: [{conda: [a]}]\n", "is not a package"),
        ("dependencies: [3.10]\n", "3.1 is not a package"),
        ("dependencies: [{pip: a}]\n", "pip is not a list"),
        ("dependencies: [{pip: [../outside]}]\n", "leaves the repository"),
        ("channels: x\n", "channels is not a list"),
        ("channels: [file:///etc]\n", "is no channel that a hub reads"),
        ("channels: [/etc]\n", "is no channel that a hub reads"),
        ("channels: [../x]\n", "is no channel that a hub reads"),
        ("channels: ['https://u:p@conda.example.org/x']\n", "password or a token"),
        ("channels: ['https://conda.example.org/t/secret/x']\n", "password or a token"),
        ("variables: [a]\n", "variables is not a list of names"),
        ("variables: {'A B': c}\n", "variables is not a list of names"),
    ],
)
def test_what_cannot_be_read(read, text, says):
    with pytest.raises(RecipeError, match=says.replace(".", r"\.")) as caught:
        read({"environment.yml": text})
    assert caught.value.next_step
    assert "secret" not in caught.value.message


def test_a_lock_beside_it_counts(read):
    files = {"environment.yml": "dependencies: [a]\n", "conda-lock.yml": "package: []\n"}
    recipe = read(files)
    assert step_of(recipe).lock == "conda-lock.yml"
    assert "conda-lock.yml" in dict(recipe.inputs)


def test_a_pixi_workspace(read):
    manifest = f"""\
[workspace]
channels = ["conda-forge", {{channel = "https://conda.example.org/ours", priority = 1}}]
[dependencies]
python = "3.12.*"
numpy = "*"
gdal = {{version = ">=3.9", build = "py*", channel = "conda-forge"}}
[target.{subdir()}.dependencies]
mine = "1"
[target.win-64.dependencies]
theirs = "1"
[pypi-dependencies]
cowsay = "==6.1"
rich = {{version = ">=13", extras = ["jupyter"]}}
tool = {{git = "https://git.example.org/tool", rev = "abc"}}
ours = {{path = "ours", editable = true}}
[activation.env]
CENTURY = "21"
"""
    step = step_of(read({"pixi.toml": manifest, "pixi.lock": "", "ours/setup.py": ""}))
    assert step.channels == ("conda-forge", "https://conda.example.org/ours")
    assert step.packages == ("python 3.12.*", "numpy", "conda-forge::gdal >=3.9 py*", "mine 1")
    assert step.pip == (
        "cowsay==6.1",
        "rich[jupyter]>=13",
        "tool @ git+https://git.example.org/tool@abc",
        "-e ./ours",
    )
    assert (step.lock, step.variables) == ("pixi.lock", (("CENTURY", "21"),))


def test_what_repo2docker_reads_wins_over_pixi(read):
    recipe = read({"pixi.toml": "[dependencies]\na = '*'\n", "requirements.txt": "six\n"})
    assert recipe.kind == "python"
