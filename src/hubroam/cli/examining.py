"""``hubroam doctor``."""

from __future__ import annotations

import asyncio
import os
import sys
from urllib.parse import urlsplit

import click
from rich.console import Console
from rich.text import Text

from hubroam.cli import NOT_WELL, hubroam
from hubroam.cli.asking import allow_private_option
from hubroam.cli.output import json_option, print_json
from hubroam.discovery import TIME_LIMIT
from hubroam.doctor import Examination, examine
from hubroam.errors import LinkError
from hubroam.hubbases import hub_bases

_TOKEN_VARIABLE = "JUPYTERHUB_API_TOKEN"  # noqa: S105
_GROUPS = {
    "fault": ("Faults: these need mending", "bold red"),
    "warning": ("Warnings: these cost readers time, or some of the readers", "bold yellow"),
    "info": ("Good to know", "bold green"),
}


@hubroam.command()
@click.argument("url", metavar="URL")
@click.option(
    "--token",
    help="A JupyterHub API token of a user whose server runs, to look for nbgitpuller there. "
    f"Better set in the variable {_TOKEN_VARIABLE}: others see command lines.",
)
@click.option(
    "--timeout", type=click.FloatRange(0.1), default=TIME_LIMIT, help="Seconds for each question."
)
@allow_private_option
@json_option
def doctor(url: str, token: str | None, timeout: float, allow_private: bool, as_json: bool) -> None:
    """Say what readers' browsers will meet at the hub at URL.

    URL may be without a scheme, or one of a hub's inner pages. Nothing is built and no server
    started. The exit status is 1 when something needs mending.
    """
    try:
        token = token or _token_for(hub_bases(url)[0])
        found = asyncio.run(examine(url, token=token, timeout=timeout, allow_private=allow_private))
    except LinkError as error:
        raise click.BadParameter(f"{error.message} {error.next_step}", param_hint="URL") from None
    if as_json:
        print_json(found.to_json())
    else:
        _show(found)
    if not found.ok:
        sys.exit(NOT_WELL)


def _token_for(base: str) -> str | None:
    """The token of the environment, if it is for this hub.

    In a JupyterHub's session the variable holds the session's own token, which no other hub may
    see; there ``JUPYTERHUB_API_URL`` says whose it is.
    """
    token, home = os.environ.get(_TOKEN_VARIABLE), os.environ.get("JUPYTERHUB_API_URL")
    if token and home and urlsplit(home).netloc != urlsplit(base).netloc:
        print(
            f"{_TOKEN_VARIABLE} is for {urlsplit(home).netloc} and was not used; "
            "give another by --token.",
            file=sys.stderr,
        )
        return None
    return token or None


def _show(found: Examination) -> None:
    console = Console(highlight=False, soft_wrap=True)
    verdict = "is well" if found.ok else "needs mending"
    console.print(Text.assemble((found.url, "bold"), f" {verdict}"))
    for severity, (title, style) in _GROUPS.items():
        group = [each for each in found.findings if each.severity == severity]
        if group:
            console.print(Text(f"\n{title}", style=style))
        for each in group:
            remedy = f" → {each.remedy}" if each.remedy else ""
            console.print(Text.assemble(f"  {each.message}{remedy} ", (f"[{each.code}]", "dim")))
