"""Environments: built once for each recipe, shared by all sessions that need them."""

from hubroam.environments.builds import Build, Builds
from hubroam.environments.either import make_builder
from hubroam.environments.layer import add_layer, lay_over, session_variables
from hubroam.environments.local import LocalBuilder
from hubroam.environments.port import Builder, Image, Origin, Plan
from hubroam.environments.source import Source, in_folder
from hubroam.environments.store import Environment, EnvironmentStore

__all__ = [
    "Build",
    "Builder",
    "Builds",
    "Environment",
    "EnvironmentStore",
    "Image",
    "LocalBuilder",
    "Origin",
    "Plan",
    "Source",
    "add_layer",
    "in_folder",
    "lay_over",
    "make_builder",
    "session_variables",
]
