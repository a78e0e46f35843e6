"""Environments: built once for each recipe, shared by all sessions that need them."""

from hubroam.environments.builds import Build, Builds
from hubroam.environments.layer import add_layer, lay_over, session_variables
from hubroam.environments.local import LocalBuilder, Plan
from hubroam.environments.source import in_folder
from hubroam.environments.store import Environment, EnvironmentStore

__all__ = [
    "Build",
    "Builds",
    "Environment",
    "EnvironmentStore",
    "LocalBuilder",
    "Plan",
    "add_layer",
    "in_folder",
    "lay_over",
    "session_variables",
]
