"""How recipes are built, as the command line and a hub's configuration say it."""

from __future__ import annotations

import click
import pytest

from hubroam.cli.options import How
from hubroam.environments import LocalBuilder
from hubroam.errors import ConfigurationError


def how(**values) -> How:
    plain = dict.fromkeys(("builder", "config", "pypi_mapping", "cran_url"))
    return How(**{**plain, "prefer_pypi": False, **values})


def test_what_is_said_wins_over_the_hubs_configuration(tmp_path):
    file = tmp_path / "jupyterhub_config.py"
    file.write_text(
        "c = get_config()\n"
        "c.BinderService.builder = 'local'\n"
        "c.LocalBuilder.cran_url = 'https://theirs.example/{date}'\n"
        "c.LocalBuilder.pypi_mapping = '/srv/names.json'\n"
    )
    options = how(config=file).options(env_path="week1")
    assert (options.builder, options.env_path, options.locked) == ("local", "week1", False)
    builder = LocalBuilder(config=options.config)
    assert builder.cran_url == "https://theirs.example/{date}"
    assert (builder.pypi_mapping, builder.prefer_pypi) == ("/srv/names.json", False)
    said = how(
        config=file,
        builder="auto",
        prefer_pypi=True,
        pypi_mapping="own.json",
        cran_url="https://own.example",
    )
    options = said.options()
    builder = LocalBuilder(config=options.config)
    assert options.builder == "auto"
    assert (builder.cran_url, builder.pypi_mapping) == ("https://own.example", "own.json")
    assert builder.prefer_pypi


def test_without_a_configuration_containers_build_the_rest():
    assert how().options().builder == "auto"


def test_containers_install_no_lock():
    with pytest.raises(click.UsageError):
        how(builder="container").options(locked=True)


def test_a_configuration_that_fails_is_named(tmp_path):
    file = tmp_path / "broken.py"
    file.write_text("c.LocalBuilder.cran_url = (\n")
    with pytest.raises(ConfigurationError, match=r"broken\.py"):
        how(config=file).options()
