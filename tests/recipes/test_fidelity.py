"""Side by side with repo2docker: the same build pack, and the same steps in the same order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from repo2docker.app import Repo2Docker
from repo2docker.buildpacks import RBuildPack

from hubroam.errors import HubroamError, RecipeUnsupported
from hubroam.recipes import (
    DirectoryFiles,
    InstallConda,
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

TABLE = yaml.safe_load((Path(__file__).parent / "recipes.yaml").read_text())
PACKS = {
    "DockerBuildPack": "container",
    "JuliaProjectTomlBuildPack": "julia",
    "JuliaRequireBuildPack": "julia",
    "NixBuildPack": "nix",
    "RBuildPack": "r",
    "CondaBuildPack": "conda",
    "PipfileBuildPack": "pipfile",
    "PythonBuildPack": "python",
}
# What repo2docker's Dockerfile says of each step.
MARKS = {
    "apt": r"apt-get install --yes --no-install-recommends git",
    "environment": r"env update -p \S+ --file \"[\w./]*environment\.ya?ml\"",
    "requirements": r"install --no-cache-dir -r \"[\w./]*requirements\.txt\"",
    "pipfile": r"pipenv install --(?:skip-lock|ignore-pipfile)",
    "project": r"install --no-cache-dir \.$",
    # it is tried before the repository is there as well, and only this one always has all of it
    "install.R": r"if \[ ! -f \S+ \]; then Rscript [\w./ -]*install\.R;",
    "DESCRIPTION": r"remotes::install_local\(\)",
    "postBuild": r"^RUN \./[\w./]*postBuild",
    "start": r"^ENV R2D_ENTRYPOINT=",
}
OURS = {
    InstallConda: "environment",
    InstallRequirements: "requirements",
    InstallPipfile: "pipfile",
    InstallProject: "project",
    SyncUvLock: "uv.lock",
    RunInstallR: "install.R",
    InstallDescription: "DESCRIPTION",
    RunPostBuild: "postBuild",
}
# What asks for a builder that is not the local one, by the file that is named.
ELSEWHERE = {
    "Dockerfile": "container",
    "Project.toml": "julia",
    "JuliaProject.toml": "julia",
    "default.nix": "nix",
}


def theirs():
    """Pack and steps, as repo2docker has them for the folder it runs in; an error's name."""
    app = Repo2Docker()
    try:
        for kind in app.buildpacks:
            pack = kind(base_image=app.base_image)
            if pack.detect():
                name = PACKS[kind.__name__]
                break
        else:
            pack, name = app.default_buildpack(base_image=app.base_image), "default"
        if kind.__name__ == "JuliaRequireBuildPack":
            pack.build()  # it does nothing but to refuse
        if name in ("container", "julia", "nix"):
            return name, None  # only the pack: another builder does the steps
        pack.platform, pack.appendix = "linux/amd64", ""
        text = pack.render()
    except (RuntimeError, ValueError) as error:
        return type(error).__name__, None
    found = [
        (match.start(), step)
        for step, mark in MARKS.items()
        for match in re.finditer(mark, text, re.MULTILINE)
    ]
    return name, [step for _, step in sorted(found)]


def ours(folder):
    """The same of ours; an error's code."""
    try:
        recipe = read_recipe(DirectoryFiles(folder))
    except RecipeUnsupported as error:
        name = re.sub(r".*cannot honour (?:\S*/)?([\w.]+):.*", r"\1", error.message)
        return ELSEWHERE[name], None
    except HubroamError as error:
        return error.code, None
    steps = [OURS[type(step)] for step in recipe.steps if not isinstance(step, UseR)]
    before = ["apt"] if recipe.apt else []
    after = ["start"] if recipe.start else []
    pack = "pipfile" if "pipfile" in steps else recipe.kind
    return pack, [*before, *steps, *after]


@pytest.mark.parametrize("recipe", TABLE, ids=[each["rule"] for each in TABLE])
def test_the_same_pack_and_the_same_order(recipe, tmp_path, monkeypatch):
    for name, content in recipe["files"].items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    monkeypatch.chdir(tmp_path)
    # the one thing that it asks its mirror for
    snapshot = "https://packagemanager.posit.co/all/{0}".format
    monkeypatch.setattr(RBuildPack, "get_rspm_snapshot_url", lambda _, date: snapshot(date))
    told, got = theirs(), ours(tmp_path)
    if "differs" not in recipe:
        if told[0] in ("RuntimeError", "ValueError"):
            assert got[0] == "invalid-recipe"
        else:
            assert got == told
        return
    assert recipe["differs"]
    assert got != told, "they agree by now"
    wanted = recipe["ours"]
    assert got == ((wanted, None) if isinstance(wanted, str) else (wanted[0], wanted[1:]))


def test_the_table_is_not_small():
    rules = [each["rule"] for each in TABLE]
    assert len(rules) == len(set(rules))
    assert sum("differs" not in each for each in TABLE) >= 40
