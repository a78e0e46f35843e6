"""Binder recipes: from a repository's files to what its environment needs."""

from hubroam.recipes.files import DirectoryFiles, Files, FolderFiles, naming
from hubroam.recipes.reading import read_recipe
from hubroam.recipes.recipe import (
    AFTERWARDS,
    BuildImage,
    InstallConda,
    InstallCounterparts,
    InstallDescription,
    InstallLocked,
    InstallPipfile,
    InstallProject,
    InstallRequirements,
    Recipe,
    RunInstallR,
    RunPostBuild,
    Step,
    SyncUvLock,
    UseR,
)
from hubroam.recipes.requirements import Named, read_lines, read_requirements, read_text

__all__ = [
    "AFTERWARDS",
    "BuildImage",
    "DirectoryFiles",
    "Files",
    "FolderFiles",
    "InstallConda",
    "InstallCounterparts",
    "InstallDescription",
    "InstallLocked",
    "InstallPipfile",
    "InstallProject",
    "InstallRequirements",
    "Named",
    "Recipe",
    "RunInstallR",
    "RunPostBuild",
    "Step",
    "SyncUvLock",
    "UseR",
    "naming",
    "read_lines",
    "read_recipe",
    "read_requirements",
    "read_text",
]
