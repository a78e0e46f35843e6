"""``hubroam env``: the environments that are kept on this machine."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from hubroam.cli import NOT_WELL, hubroam, need_hub
from hubroam.cli.hubs import data_dir_option
from hubroam.cli.output import json_option, print_error, print_json


@hubroam.group()
def env() -> None:
    """The environments that are kept on this machine."""


@env.command("list")
@json_option
@data_dir_option
def list_environments(as_json: bool, data_dir: Path) -> None:
    """List the environments, the newest first.

    The size is that of the files that no other environment shares.
    """
    store = need_hub("hubroam.environments").EnvironmentStore(data_dir.absolute() / "environments")
    kept = need_hub("hubroam.environments.kept")
    found = [
        {
            "digest": each.digest,
            "created": each.created,
            "builder": each.builder,
            "bytes": kept.size_of(each.path.parent),
            "path": str(each.path),
            "lock": str(each.lock),
            "recipe": kept.recipe_files(each.path.parent),
        }
        for each in store.find()
    ]
    if as_json:
        print_json(found)
        return
    for each in found:
        files = ", ".join(each["recipe"][:4]) or "no recipe"
        size = f"{each['bytes'] / 1e6:7.1f} MB"
        print(f"{each['digest'][:12]}  {each['created']}  {size}  {each['builder']}  {files}")


@env.command()
@click.argument("digests", nargs=-1, metavar="[DIGEST]...")
@json_option
@data_dir_option
def drift(digests: tuple[str, ...], as_json: bool, data_dir: Path) -> None:
    """Say what recipes would get today, against what their environments got.

    Each DIGEST may be shortened; none means all environments. Nothing is built. The exit status
    is 1 when a recipe would get something else, or when that could not be told.
    """
    store = need_hub("hubroam.environments").EnvironmentStore(data_dir.absolute() / "environments")
    room = need_hub("hubroam.environments.drift")
    asked = [store.one(digest) for digest in digests] if digests else store.find()
    found = asyncio.run(room.drifts(store, asked))
    if as_json:
        print_json([each.to_json() for each in found])
    for each in () if as_json else found:
        print(f"{each.environment.digest[:12]}  built {each.environment.created[:10]}", end="  ")
        if each.problem:
            print("cannot be told")
            print_error(each.problem, as_json=False)
            continue
        count = len(each.changed) + len(each.added) + len(each.removed)
        print(f"{count} packages would differ" if count else "would be the same")
        for name, was, now in each.changed:
            print(f"  {name} {was} -> {now}")
        for name, now in each.added:
            print(f"  + {name} {now}")
        for name, was in each.removed:
            print(f"  - {name} {was}")
    sys.exit(NOT_WELL if any(each.drifts or each.problem for each in found) else 0)
