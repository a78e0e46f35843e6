"""Write what each command says of itself (``--help``) into ``docs/reference/command-line.md``.

Each command has a section, whose first block of text is replaced; the rest is written by people.
``tests/test_docs_reference.py`` fails where this would change the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from hubroam.cli import hubroam

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "command-line.md"
_WIDTH = 88
_SECTION = re.compile(r"^## `(?P<name>[^`]+)`\n\n```text\n.*?^```$", re.MULTILINE | re.DOTALL)


def commands(
    command: click.Command = hubroam, parent: click.Context | None = None
) -> Iterator[tuple[str, str]]:
    """Every command, from the program itself to the commands of its groups: name and help."""
    name = command.name if parent is None else f"{parent.command_path} {command.name}"
    assert name  # noqa: S101 (each command has one)
    context = click.Context(
        command,
        parent,
        info_name=name.rsplit(" ", 1)[-1],
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
        **command.context_settings,
    )
    yield name, command.get_help(context)
    if isinstance(command, click.Group):
        for other in command.list_commands(context):
            yield from commands(command.get_command(context, other), context)


def renewed(text: str) -> str:
    """The page with the help of every command as it is now; new commands come at its end."""
    helps = dict(commands())

    def section(name: str) -> str:
        return f"## `{name}`\n\n```text\n{helps[name]}\n```"

    there = [found["name"] for found in _SECTION.finditer(text)]
    text = _SECTION.sub(lambda found: section(found["name"]), text)
    return text + "".join(f"\n{section(name)}\n" for name in helps if name not in there)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text()))
