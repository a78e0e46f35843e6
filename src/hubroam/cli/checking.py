"""``hubroam check``."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from hubroam.cli import NOT_WELL, hubroam, need_hub
from hubroam.cli.hubs import data_dir_option
from hubroam.cli.options import How, env_path_option, how_option
from hubroam.cli.output import Progress, json_option, print_json
from hubroam.links import content_path

if TYPE_CHECKING:
    from hubroam.checking import Finding, PageReport, Report

_MB = 1024**2
_COLOURS = {"fault": "bold red", "warning": "yellow", "info": "blue"}


@hubroam.command()
@click.argument("book", metavar="BOOK")
@json_option
@click.option(
    "--junit",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the result into a file, as JUnit's XML.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    help="Pages that run at once.  [default: one for each core]",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=600.0,
    show_default=True,
    help="Seconds for each page.",
)
@click.option(
    "--memory",
    type=click.IntRange(1),
    default=2048,
    show_default=True,
    help="Megabytes for each page.",
)
@click.option(
    "--only", metavar="GLOB", multiple=True, help="Run these pages only; may be given again."
)
@env_path_option
@how_option
@data_dir_option
def check(
    book: str,
    as_json: bool,
    junit: Path | None,
    jobs: int | None,
    timeout: float,
    memory: int,
    only: tuple[str, ...],
    env_path: str | None,
    data_dir: Path,
    how: How,
) -> None:
    """Build a book's recipe and run each of its pages, as readers would.

    BOOK is a folder, a Binder spec, a repository's URL, a launch link, or a page of a book. Nothing
    in the folder is changed. The exit status is 1 when a page fails, or something else would keep
    readers from the book.
    """
    checking = need_hub("hubroam.checking")
    limits = checking.Limits(seconds=timeout, memory=memory * _MB)
    folder = content_path(env_path or "")
    what = book
    if not Path(book).is_dir():
        from hubroam.cli.wanted import read_launch  # speaks HTTP: not for a folder

        named = read_launch(book, env_path)
        what, folder = str(named.spec), named.launch.env_path or ""
    wishes = checking.Wishes(
        jobs=jobs, limits=limits, only=only, build=how.options(env_path=folder)
    )
    with Progress() as progress:
        job = checking.check(what, data_dir.absolute(), progress.show, wishes)
        report: Report = asyncio.run(_ending_on_sigterm(job))
    if junit:
        junit.write_bytes(checking.to_junit(report, Path(book).resolve().name or book))
    if as_json:
        print_json(report.to_json())
    else:
        _show(Console(highlight=False, soft_wrap=True), report)
    if not report.ok:
        sys.exit(NOT_WELL)


async def _ending_on_sigterm(job: Any) -> Any:
    """Await a job, which ends in order on SIGTERM too: so services stop what they run."""
    task = asyncio.current_task()
    assert task  # noqa: S101 (asyncio.run made it)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        return await job
    except asyncio.CancelledError:
        raise click.Abort from None


def _show(console: Console, report: Report) -> None:
    width = max((len(page.path) for page in report.pages), default=0)
    for page in report.pages:
        _show_page(console, page, width)
    if report.findings:
        console.print()
    for finding in report.findings:
        _show_finding(console, finding)
    console.print()
    if report.needs:
        needs = report.needs
        built = f"built in {needs.build_seconds:.0f} s" + (" before" if needs.cached else "")
        console.print(
            Text(
                f"A hub needs {needs.memory / _MB:.0f} MB of memory for the largest page, and "
                f"{needs.environment_bytes / _MB:.0f} MB of disk for the environment, {built}."
            )
        )
    failed = sum(not page.ok for page in report.pages)
    ran = sum(page.ok and page.skipped is None for page in report.pages)
    told = [
        f"{ran} {'page runs' if ran == 1 else 'pages run'}",
        *([f"{failed} {'fails' if failed == 1 else 'fail'}"] if failed else []),
        f"{report.seconds:.1f} s",
    ]
    style = "bold green" if report.ok else "bold red"
    console.print(Text(f"{'Well' if report.ok else 'Not well'}: {', '.join(told)}.", style=style))


def _show_page(console: Console, page: PageReport, width: int) -> None:
    name = f"{page.path:<{width}}"
    if page.skipped is not None:
        console.print(Text.assemble(("skipped  ", "dim"), name, (f"  {page.skipped}", "dim")))
        return
    cost = f"  {page.seconds:6.1f} s  {page.memory / _MB:5.0f} MB" if page.memory else ""
    result = ("runs     ", "green") if page.ok else ("fails    ", "bold red")
    console.print(Text.assemble(result, name, (cost, "dim")))
    if page.error is None:
        return
    error = page.error
    place = f"cell {error.cell}: " if error.cell is not None else ""
    line = f" (line {error.line})" if error.line is not None else ""
    console.print(Text(f"           {place}{error.message}{line}", style="red"))
    if error.source:
        console.print(Text(f"           > {error.source}"))
    console.print(Text(f"           {error.next_step}"))


def _show_finding(console: Console, finding: Finding) -> None:
    severity = (f"{finding.severity:<9}", _COLOURS[finding.severity])
    console.print(Text.assemble(severity, finding.message))
    console.print(Text(f"           {finding.remedy}", style="dim"))
