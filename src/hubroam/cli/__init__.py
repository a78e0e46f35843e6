"""The command line. Its names and its ``--json`` documents are fixed: programs call them."""

from __future__ import annotations

import errno
import importlib
import signal
import sys
from types import ModuleType

import click

from hubroam import __version__
from hubroam.cli.output import print_error
from hubroam.errors import ConfigurationError, DiskFull, HubroamError, MissingExtra

# Exit status, as documented: the thing asked about is not well; wrong use; ended by Ctrl-C.
NOT_WELL, _WRONG_USE, _INTERRUPTED = 1, 2, 130


# Which module adds which command.
_MODULES = {
    "book": "books",
    "build": "building",
    "check": "checking",
    "demo": "hubs",
    "discover": "asking",
    "doctor": "examining",
    "env": "environments",
    "launch": "building",
    "link": "linking",
    "roam": "asking",
    "up": "hubs",
}


class _Commands(click.Group):
    """Imports a command's module when it is asked for: all of them take longer than a command."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_MODULES)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in _MODULES:
            importlib.import_module(f"hubroam.cli.{_MODULES[name]}")
        return super().get_command(ctx, name)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hubroam")
def hubroam() -> None:
    """Read any book, compute on your own hub."""


def need_hub(module: str) -> ModuleType:
    """Import a module that needs the packages of ``hubroam[hub]``.

    Raises:
        MissingExtra: They are not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("hubroam"):
            raise
        raise MissingExtra(
            f"This command runs a hub and needs the package {error.name}.",
            next_step="Install it with: pip install 'hubroam[hub]'",
        ) from None


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit.

    Args:
        arguments: Without the program's name; None takes them from the shell.
    """
    words = sys.argv[1:] if arguments is None else arguments
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup's choice is kept
            signal.signal(number, _interrupt)
    try:
        hubroam.main(args=words, prog_name="hubroam", standalone_mode=False)
    except HubroamError as error:
        print_error(error, as_json="--json" in words)
        sys.exit(NOT_WELL)
    except OSError as error:
        print_error(_trouble(error), as_json="--json" in words)
        sys.exit(NOT_WELL)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except (click.exceptions.Abort, KeyboardInterrupt):
        print("Stopped.", file=sys.stderr)
        sys.exit(_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(_WRONG_USE)


def _interrupt(*_: object) -> None:
    """A terminal that is closed, or a supervisor that stops us, ends everything as Ctrl-C does."""
    signal.raise_signal(signal.SIGINT)


def _trouble(error: OSError) -> HubroamError:
    """What the machine said, where no room below knew more of it: of the folder that we keep."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(
            "The disk of the data folder is full.",
            next_step="Make room, or name a folder on another disk with --data-dir.",
        )
    return ConfigurationError(
        f"{error.filename or 'A file'} cannot be used: {error.strerror or error}.",
        next_step="Mend that, or name another data folder with --data-dir.",
    )
