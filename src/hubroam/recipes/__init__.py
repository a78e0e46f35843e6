"""Binder recipes: from a repository's files to what its environment needs."""

from hubroam.recipes.files import DirectoryFiles, Files, FolderFiles, naming
from hubroam.recipes.reading import read_recipe
from hubroam.recipes.recipe import (
    BuildImage,
    InstallConda,
    InstallCounterparts,
    InstallLocked,
    InstallPipfile,
    InstallProject,
    InstallRequirements,
    Recipe,
    RunPostBuild,
    Step,
    SyncUvLock,
)
from hubroam.recipes.requirements import Named, read_lines, read_requirements, read_text

__all__ = [
    "BuildImage",
    "DirectoryFiles",
    "Files",
    "FolderFiles",
    "InstallConda",
    "InstallCounterparts",
    "InstallLocked",
    "InstallPipfile",
    "InstallProject",
    "InstallRequirements",
    "Named",
    "Recipe",
    "RunPostBuild",
    "Step",
    "SyncUvLock",
    "naming",
    "read_lines",
    "read_recipe",
    "read_requirements",
    "read_text",
]
