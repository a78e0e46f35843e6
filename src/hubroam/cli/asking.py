"""``hubroam discover`` and ``hubroam roam``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from hubroam.cli import NOT_WELL, hubroam
from hubroam.cli.output import json_option, print_json
from hubroam.discovery import TIME_LIMIT, Discovery, discover_async
from hubroam.errors import ConfigurationError
from hubroam.inquiry import KIND_NAMES
from hubroam.roam import write

allow_private_option = click.option(
    "--allow-private",
    is_flag=True,
    help="Ask addresses of private networks and of this machine too.",
)


@hubroam.command()
@click.argument("urls", metavar="URL...", nargs=-1, required=True)
@click.option(
    "--timeout", type=click.FloatRange(0.1), default=TIME_LIMIT, help="Seconds for each URL."
)
@allow_private_option
@json_option
def discover(urls: tuple[str, ...], timeout: float, allow_private: bool, as_json: bool) -> None:
    """Say what kind of hub is at each URL, and how to launch on it.

    A URL may be without a scheme, or one of a hub's inner pages. The exit status is 1 when there is
    no hub at one of them.
    """

    async def ask() -> list[Discovery]:
        questions = [
            discover_async(url, timeout=timeout, allow_private=allow_private) for url in urls
        ]
        return list(await asyncio.gather(*questions))

    found = asyncio.run(ask())
    if as_json:
        print_json(
            [{"asked": url, **each.to_json()} for url, each in zip(urls, found, strict=True)]
        )
    else:
        console = Console(highlight=False, soft_wrap=True)
        for url, each in zip(urls, found, strict=True):
            _show(console, url, each)
    if any(each.problem for each in found):
        sys.exit(NOT_WELL)


def _show(console: Console, url: str, found: Discovery) -> None:
    if found.problem:
        console.print(Text.assemble((url, "bold"), f": {found.problem.message}"))
        console.print(Text(f"  {found.problem.next_step}"))
        return
    named = f" “{found.name}”" if found.name else ""
    version = f" {found.version}" if found.version else ""
    console.print(Text.assemble((found.url, "bold"), f": {KIND_NAMES[found.kind]}{version}{named}"))
    for way in found.launch:
        console.print(Text(f"  {way.kind}: {found.url}{way.url_template}"))


@hubroam.command()
@click.option(
    "--output",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to write it; made when it is missing.",
)
@click.option(
    "--address",
    metavar="URL",
    default="",
    help="Where DIR will be served: writes the user script too, which must know.",
)
def roam(output: Path, address: str) -> None:
    """Write the roam page, whose links go to each reader's own hub, for any static host.

    Beside it is bookmarklet.html, with a bookmark that goes there from pages of any book.
    """
    try:
        written = write(output, address)
    except OSError as error:
        raise ConfigurationError(
            f"The folder {output} cannot be written: {error.strerror}.",
            next_step="Name another folder with --output.",
        ) from None
    print(written[0])
