"""``hubroam book``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from hubroam.book.adding import Plan, plan
from hubroam.cli import hubroam
from hubroam.cli.output import json_option, print_json
from hubroam.errors import BookError


@hubroam.group()
def book() -> None:
    """What authors do with a book."""


@book.command()
@click.argument("folder", metavar="BOOK", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Change the files without asking.")
@click.option("--undo", is_flag=True, help="Take out what this command had put in.")
@click.option(
    "--settings",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="For a built site: its launch settings, instead of hubroam.yml in it.",
)
@json_option
def add(folder: Path, yes: bool, undo: bool, settings: Path | None, as_json: bool) -> None:
    """Put the launch control into a book.

    BOOK is the folder of a book made with MyST, Jupyter Book, Sphinx or Quarto, or of a built site.
    The difference is shown, and the files are changed when you agree.
    """
    found = plan(folder, undo=undo, settings=settings)
    _show(found)
    if found.changes and not yes:
        if not sys.stdin.isatty():
            raise BookError(
                "There is nobody to ask whether the files may be changed.",
                next_step="Look at the difference, then say --yes.",
            )
        click.confirm("Change them?", abort=True, err=True)
    try:
        for change in found.changes:
            change.write()
    except OSError as error:
        raise BookError(
            f"{error.filename} cannot be changed: {error.strerror}.",
            next_step="Mend that and say it again: what is done already is left as it is.",
        ) from None
    if as_json:
        files = [str(change.path) for change in found.changes]
        print_json({"kind": found.kind, "changed": files, "notes": list(found.notes)})
    elif not found.changes:
        click.echo("Nothing is to be changed.")


def _show(found: Plan) -> None:
    """Show what would change, on standard error: standard output is for results."""
    for change in found.changes:
        click.echo(change.difference(), nl=False, err=True)
    for note in found.notes:
        click.echo(note, err=True)
