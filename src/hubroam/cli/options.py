"""Options that several commands have: the folder of a recipe, and how recipes are built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hubroam.cli import need_hub

if TYPE_CHECKING:
    from hubroam.building import BuildOptions

env_path_option = click.option(
    "--env-path",
    metavar="FOLDER",
    help="The folder of the repository that its recipe is in, if it is not the root's.",
)

_BUILDERS = ("local", "container", "auto")
_HOW = (
    click.option(
        "--builder",
        type=click.Choice(_BUILDERS),
        help="Who builds: this machine, a container engine (Docker or Podman), or the latter what "
        "the first cannot.  [default: what --config says, else auto]",
    ),
    click.option(
        "--config",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A hub's jupyterhub_config.py: its settings of builders, engine and repositories "
        "count here too.",
    ),
    click.option(
        "--prefer-pypi",
        is_flag=True,
        help="Build an environment.yml whose every package is known on PyPI from there, in "
        "seconds, and any other by conda.",
    ),
    click.option(
        "--pypi-mapping",
        metavar="FILE-OR-URL",
        help="The list of PyPI's names for conda's packages (LocalBuilder.pypi_mapping).",
    ),
    click.option(
        "--cran-url",
        metavar="URL",
        help="Where CRAN is, as it was on {date} (LocalBuilder.cran_url).",
    ),
)


@dataclass(frozen=True)
class How:
    """How recipes are built, as the command line says it."""

    builder: str | None
    config: Path | None
    prefer_pypi: bool
    pypi_mapping: str | None
    cran_url: str | None

    def options(self, *, env_path: str = "", locked: bool = False) -> BuildOptions:
        """The same for `hubroam.building`.

        Args:
            env_path: The recipe's folder; empty for the repository's root.
            locked: Whether a lock is installed; only the local builder can.

        Raises:
            ConfigurationError: The file cannot be used.
            MissingExtra: ``hubroam[hub]`` is not installed.
            click.UsageError: Containers are to install a lock.
        """
        building = need_hub("hubroam.building")
        if locked and self.builder == "container":
            raise click.UsageError("A lock is installed by this machine, not by containers.")
        from traitlets.config import Config  # of that extra

        config = building.read_config(self.config.absolute()) if self.config else Config()
        local = config.LocalBuilder
        if self.prefer_pypi:
            local.prefer_pypi = True
        if self.pypi_mapping:
            local.pypi_mapping = self.pypi_mapping
        if self.cran_url:
            local.cran_url = self.cran_url
        builder = self.builder or config.BinderService.get("builder", "auto")
        options: BuildOptions = building.BuildOptions(env_path, locked, builder, config)
        return options


def how_option(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command have `How` as its argument ``how``."""

    @wraps(command)
    def with_how(**values: Any) -> None:
        how = How(**{field.name: values.pop(field.name) for field in fields(How)})
        command(**values, how=how)

    found: Callable[..., None] = with_how
    for option in reversed(_HOW):
        found = option(found)
    return found
