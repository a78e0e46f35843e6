"""``hubroam link``."""

from __future__ import annotations

import sys
from dataclasses import replace
from urllib.parse import urljoin

import click

from hubroam.cli import hubroam
from hubroam.cli.asking import allow_private_option
from hubroam.cli.options import env_path_option
from hubroam.cli.output import json_option, print_json
from hubroam.cli.wanted import read_wanted
from hubroam.discovery import discover
from hubroam.errors import HubroamError, LinkError, SpecError
from hubroam.hubbases import hub_bases
from hubroam.launchlink import LaunchLink
from hubroam.links import Markup, app_path, badge, repository_url
from hubroam.profile import BINDER, BINDER_OF_OURS, GIT_PULL, LITE, SERVER, LaunchWay
from hubroam.roam import universal_link

_WAYS = {
    "hubroam": BINDER_OF_OURS,
    "binderhub": BINDER,
    "jupyterhub": GIT_PULL,
    "jupyterlite": LITE,
    "jupyter-server": SERVER,
}


@hubroam.command()
@click.argument("what", metavar="SPEC-OR-URL")
@click.option("--hub", required=True, metavar="URL", help="The hub; any of its pages will do.")
@click.option("--path", help="The file of the repository to open.")
@click.option("--urlpath", help="A URL path below the session, instead of --path.")
@click.option(
    "--interface",
    default="lab",
    show_default=True,
    help="What opens the file: lab, notebook, rstudio, or an application's path.",
)
@click.option("--content", metavar="SPEC-OR-URL", help="The content's repository, if another.")
@env_path_option
@click.option(
    "--kind",
    type=click.Choice([*_WAYS, "roam"]),
    help="What the hub is, instead of asking it; roam: a roam page, for each reader's own hub.",
)
@click.option("--markdown", "markup", flag_value="markdown", help="A badge in Markdown.")
@click.option("--html", "markup", flag_value="html", help="A badge in HTML.")
@click.option("--rst", "markup", flag_value="rst", help="A badge in reStructuredText.")
@allow_private_option
@json_option
def link(
    what: str,
    hub: str,
    path: str | None,
    urlpath: str | None,
    interface: str,
    content: str | None,
    env_path: str | None,
    kind: str | None,
    markup: Markup | None,
    allow_private: bool,
    as_json: bool,
) -> None:
    """Print the link that launches a repository on a hub, or a badge with it.

    SPEC-OR-URL is a Binder spec, a repository's URL, any launch link, whose place is kept, or a
    page of a book, which is asked for its repository.
    """
    named = read_wanted(what, allow_private=allow_private)
    wanted = named.launch
    if content:
        wanted = replace(
            wanted, content=read_wanted(content, allow_private=allow_private).launch.spec
        )
    if env_path:
        wanted = replace(wanted, env_path=env_path)
    notes = [] if path or urlpath else list(named.notes)
    base, kind, ways = _hub(hub, kind, notes)
    pulls = ways[0].kind == "git-pull"
    if path or urlpath or interface != "lab":
        wanted = _placed(wanted, path, urlpath, interface, pulls)
    if kind == "roam":
        url = universal_link(base, wanted)
    else:
        url, note = _best(base, ways, wanted)
        notes += [note] if note else []
    image = "jupyterhub" if kind == "jupyterhub" else "binderhub"
    for note in notes:
        print(note, file=sys.stderr)
    # a roam page's image is beside it, on a hub and on a static host
    beside = urljoin(url, ".") if kind == "roam" else base
    text = badge(beside, url, kind=image, markup=markup) if markup else url  # type: ignore[arg-type]
    if as_json:
        found = {"page": named.page, "found_by": named.found_by} if named.page else {}
        print_json(
            {"link": url, "hub": base, "kind": kind, "markup": text, "notes": notes, **found}
        )
    else:
        print(text.rstrip("\n"))


def _hub(hub: str, kind: str | None, notes: list[str]) -> tuple[str, str, tuple[LaunchWay, ...]]:
    """The hub's base, kind and ways, by what it says or by what the author says of it."""
    if kind:
        address = hub if "://" in hub else f"https://{hub}"
        return (
            address if kind == "roam" else hub_bases(hub)[0],
            kind,
            (_WAYS.get(kind, BINDER),),
        )
    found = discover(hub, allow_private=True)
    if not found.url and found.problem:
        raise found.problem
    if found.problem:
        notes.append(f"{found.problem.message} The link is for a BinderHub; --kind says otherwise.")
        return found.url, "binderhub", (BINDER,)
    return found.url, found.kind, found.launch


def _placed(
    wanted: LaunchLink, path: str | None, urlpath: str | None, interface: str, pulls: bool
) -> LaunchLink:
    """What is wanted, at the place in the session that the options name."""
    elsewhere = replace(wanted, urlpath=urlpath, labpath=None, filepath=None)
    if urlpath:
        return elsewhere
    if interface == "lab":
        return replace(elsewhere, labpath=path)
    repository = wanted.content or wanted.spec
    # nbgitpuller puts a repository into a folder of its name; a Binder session is in it
    inside = "" if not repository or not (pulls or wanted.content) else repository_url(repository)
    folder = inside.rstrip("/").split("/")[-1]
    return replace(elsewhere, urlpath=app_path(interface, path or "", folder=folder))


def _best(base: str, ways: tuple[LaunchWay, ...], wanted: LaunchLink) -> tuple[str, str | None]:
    """The link by the best way that serves what is wanted, and what it cannot do."""
    refused: HubroamError | None = None
    for way in ways:
        try:
            return way.link(base, wanted), way.note(wanted)
        except (LinkError, SpecError) as error:
            refused = refused or error
    raise refused or LinkError("This hub has no way to launch.", next_step="Choose another hub.")
