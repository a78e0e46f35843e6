"""``hubroam launch`` and ``hubroam build``."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from hubroam.cli import hubroam, need_hub
from hubroam.cli.hubs import data_dir_option
from hubroam.cli.options import How, env_path_option, how_option
from hubroam.cli.output import Progress, json_option, print_json
from hubroam.errors import HubroamError, PathNotFound
from hubroam.events import LaunchEvent
from hubroam.launchlink import LaunchLink
from hubroam.links import content_path, session_path, session_url
from hubroam.spec import BinderSpec

_DIGEST = re.compile(r"[0-9a-f]{6,64}")
# What a path begins with, and no spec and no URL.
_PATHS = ("/", "./", "../", "~")


@hubroam.command()
@click.argument("spec", metavar="SPEC-OR-URL")
@click.option("--hub", help="The hub to launch on; any BinderHub will do.")
@click.option("--path", help="The file of the repository to open.")
@click.option("--content", metavar="SPEC-OR-URL", help="The content's repository, if another.")
@env_path_option
@json_option
@data_dir_option
def launch(
    spec: str,
    hub: str | None,
    path: str | None,
    content: str | None,
    env_path: str | None,
    as_json: bool,
    data_dir: Path,
) -> None:
    """Build a repository's environment and start a session, from the terminal.

    SPEC-OR-URL is a Binder spec (gh/user/repo/ref), a repository's URL, a launch link, or a page of
    a book. Without --hub the session starts on the hub that runs on this machine; when none runs,
    one is started, and runs until Ctrl-C.
    """
    from hubroam.cli.wanted import read_launch  # takes what speaks HTTP along, for a while

    named = read_launch(spec, env_path)
    for note in named.notes:
        print(note, file=sys.stderr)
    wanted = named.launch
    if content:
        wanted = replace(wanted, content=read_launch(content).spec)
    if path:
        wanted = replace(wanted, labpath=path, filepath=None, urlpath=None)
    open_path = _open_path(wanted)
    with ExitStack() as stack:
        own = None
        if hub is None:
            own = need_hub("hubroam.hub.process").hub_of(data_dir.absolute())
            with Progress() as progress:
                progress.show("hub", f"Its log and all that it keeps are in {data_dir}")
                hub = stack.enter_context(own)
        ready = asyncio.run(_launch(hub, named.spec, open_path, wanted.env_path or ""))
        url = session_url(ready["url"], token=ready["token"] or None, urlpath=open_path)
        if as_json:
            print_json({**ready, "url": url})
        else:
            print(url, flush=True)
        if own is not None:
            own.wait()


def _open_path(wanted: LaunchLink) -> str:
    """What is opened in the session: a file in JupyterLab, or another place, content pulled."""
    query = LaunchLink.query_of(wanted.url)
    if labpath := query.get("labpath"):
        return session_path(urlpath=f"lab/tree/{quote(labpath)}")
    return session_path(query.get("urlpath"), filepath=query.get("filepath")) or "lab"


async def _launch(hub: str, spec: BinderSpec, open_path: str, env_path: str) -> dict[str, Any]:
    """Follow a launch; returns the ``--json`` document, its URL without path and token."""
    from hubroam.client import launch as follow  # as above

    began = time.monotonic()
    commit: str | None = None
    with Progress() as progress:
        async for event in follow(hub, spec, open_path=open_path, env_path=env_path):
            if event.phase == "failed":
                raise _failure(event)
            progress.show(event.phase, event.message)
            commit = event.fields.get("commit", commit)
            if event.phase == "ready":
                if env_path and event.fields.get("env_path") != env_path:
                    print(
                        f"This hub knows of no recipes in folders: the session has the recipe at "
                        f"the repository's root, not the one in {env_path}.",
                        file=sys.stderr,
                    )
                total = round(time.monotonic() - began, 3)
                return {
                    "url": event.fields["url"],
                    "token": event.fields.get("token", ""),
                    "digest": event.fields.get("digest"),
                    "commit": commit,
                    "seconds": event.fields.get("seconds", {"total": total}),
                }
    raise AssertionError("a launch ends with ready or failed")


class _HubSaid(HubroamError):
    """An error that a hub sent: its code is the hub's."""


def _failure(event: LaunchEvent) -> HubroamError:
    error = _HubSaid(
        event.message.strip(),
        next_step=str(event.fields.get("next_step", "Open the launch link in a browser.")),
    )
    error.code = str(event.fields.get("code", "launch-failed"))  # type: ignore[misc]
    return error


@hubroam.command()
@click.argument("what", metavar="PATH-OR-SPEC")
@env_path_option
@click.option(
    "--locked",
    is_flag=True,
    help="Install what a lock has, with its versions and hashes: pylock.toml, explicit.txt of "
    "conda's and renv.lock of R's, beside the recipe; or the lock of the environment whose digest "
    "PATH-OR-SPEC is.",
)
@how_option
@json_option
@data_dir_option
def build(
    what: str,
    env_path: str | None,
    locked: bool,
    as_json: bool,
    data_dir: Path,
    how: How,
) -> None:
    """Build a recipe's environment; print its path, or its image's name, and its digest.

    PATH-OR-SPEC is a folder with a Binder recipe, a Binder spec, a repository's URL, or a page of a
    book. What this machine cannot build itself is built by containers, where Docker or Podman runs.
    """
    builds = need_hub("hubroam.building")
    folder = Path(what)
    with Progress() as progress:
        if what.startswith(_PATHS) and not folder.is_dir():
            raise PathNotFound(
                f"{what} is not a folder.",
                next_step="Name a folder with a Binder recipe, a Binder spec such as "
                "gh/user/repo/HEAD, or a repository's URL.",
            )
        if locked and _DIGEST.fullmatch(what) and not folder.exists():
            options = how.options(locked=True)
            job = builds.rebuild(what, data_dir.absolute(), progress.show, options)
        elif folder.is_dir():
            options = how.options(env_path=content_path(env_path or ""), locked=locked)
            job = builds.build_folder(folder.resolve(), data_dir.absolute(), progress.show, options)
        else:
            from hubroam.cli.wanted import read_launch  # as above

            named = read_launch(what, env_path)
            options = how.options(env_path=named.launch.env_path or "", locked=locked)
            job = builds.build_spec(named.spec, data_dir.absolute(), progress.show, options)
        result = asyncio.run(job).to_json()
    if as_json:
        print_json(result)
    else:
        print(f"{result['image'] or result['path']}\n{result['digest']}")
