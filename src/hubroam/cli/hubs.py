"""``hubroam up`` and ``hubroam demo``."""

from __future__ import annotations

from pathlib import Path

import click
from platformdirs import user_data_path

from hubroam.cli import hubroam, need_hub
from hubroam.hub.deferred import GRAMMAR, deferring

data_dir_option = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="HUBROAM_DATA_DIR",
    default=lambda: user_data_path("hubroam"),
    show_default="the user's data folder",
    help="Where repositories, environments, sessions and the hub's database are kept.",
)
_port = click.IntRange(0, 65535)


@hubroam.command()
@click.option(
    "--config",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An ordinary jupyterhub_config.py; what it sets wins over hubroam's defaults.",
)
@click.option("--ip", "host", help="The address to listen on.  [default: 127.0.0.1]")
@click.option(
    "--port", type=_port, help="The port to listen on; 0 takes a free one.  [default: 8000]"
)
@data_dir_option
@click.argument("jupyterhub_arguments", nargs=-1, type=click.UNPROCESSED)
def up(
    config: Path | None,
    host: str | None,
    port: int | None,
    data_dir: Path,
    jupyterhub_arguments: tuple[str, ...],
) -> None:
    """Start a hub on this machine: JupyterHub and Binder on one origin.

    When it is there it prints `ready: URL`; Ctrl-C stops it and all of its sessions. JupyterHub's
    own arguments may follow after two dashes: hubroam up -- --debug
    """
    with deferring(GRAMMAR):
        app = need_hub("hubroam.hub.app")
    app.run(
        data_dir.absolute(),
        host=host,
        port=port,
        config=config.absolute() if config else None,
        arguments=jupyterhub_arguments,
    )


@hubroam.command()
@click.option("--port", type=_port, default=0, help="The hub's port.  [default: a free one]")
@click.option("--book-port", type=_port, default=0, help="The book's port.  [default: a free one]")
@click.option("--no-browser", is_flag=True, help="Do not open the book in a browser.")
@data_dir_option
def demo(port: int, book_port: int, no_browser: bool, data_dir: Path) -> None:
    """Start a sample book and a hub, to see the whole way of a launch.

    The last line printed is `ready: URL`, where the book is; Ctrl-C stops everything.
    """
    runner = need_hub("hubroam.demo.runner")
    runner.run(
        (data_dir / "demo").absolute(), hub_port=port, book_port=book_port, browser=not no_browser
    )
