"""The reference says what the code has: names of attributes, events, settings, commands."""

import dataclasses
import json
import re
import shlex
from pathlib import Path

import click
import pytest
from benchmarks.__main__ import NAMES
from click.testing import CliRunner
from scripts.command_line import PAGE, commands, renewed

from hubroam.book.launch import LaunchSettings, PageLaunch
from hubroam.checking import PageReport, Report
from hubroam.checking.report import Finding, Needs, PageError
from hubroam.cli import hubroam
from hubroam.errors import HubroamError
from hubroam.inquiry import Discovery
from hubroam.profile import BINDER
from hubroam.spec import BinderSpec
from support.reference import json_example, rows, section, sources, words

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sources(".md")]
COMMAND_LINE = "command-line.md"


def web(*names):
    return "".join((ROOT / "web" / name).read_text() for name in names)


LAUNCH = web("hub-launch-element.js", "hub-dialog.js")
LIVE = web("hub-live-element.js", "live-cells.js")


def attributes_of(source):
    observed = re.search(r"observedAttributes = \[(.*?)\]", source, re.DOTALL)
    own = re.findall(r'\bthis\.getAttribute\("([\w-]+)"\)', source)
    return {*own, *(re.findall(r'"([\w-]+)"', observed[1]) if observed else [])}


def test_the_attributes_of_hub_launch():
    assert rows(section("hub-launch.md", "Attributes")).keys() == attributes_of(LAUNCH)


def test_the_attributes_of_hub_live():
    assert rows(section("hub-live.md", "Attributes")).keys() == attributes_of(LIVE)


def test_the_events_of_hub_launch():
    told = re.findall(r'#tell\("(\w+)", \{ ([^}]*) \}', LAUNCH)
    assert len(told) > 3
    documented = rows(section("hub-launch.md", "Events"))
    assert documented.keys() == {name for name, _ in told}
    for name, detail in told:
        fields = re.findall(r"(\w+)(?::|,|$)", re.sub(r": [\w.]+", ":", detail))
        assert set(fields) <= set(words(documented[name])), name


def test_the_events_of_hub_live():
    told = re.findall(r'new CustomEvent\("(\w+)", \{.*?detail: \{ (\w+):', LIVE)
    documented = rows(section("hub-live.md", "Events"))
    assert {name: words(detail)[0] for name, detail in documented.items()} == dict(told)
    for name in re.findall(r"this\.dataset\.(\w+) =", LIVE):
        assert f"`data-{name}`" in section("hub-live.md", "Events")


@pytest.mark.parametrize(
    ("page", "source"), [("hub-launch.md", LAUNCH), ("hub-live.md", LIVE)], ids=["launch", "live"]
)
def test_the_parts(page, source):
    documented = set(words(re.search(r"^Parts(.*?)\.", section(page, "Looks"), re.M)[1]))
    classes = re.findall(r'class: "([\w -]+)"', source)
    buttons = re.findall(r'\bbutton\("([\w -]+)"', source)
    there = {word for names in [*classes, *buttons] for word in names.split()}
    assert documented <= there
    # a button is named by the last of its classes
    assert {names.split()[-1] for names in buttons} - {"hub-live-run"} <= documented


def test_the_launch_settings():
    text = (ROOT / "docs/reference/launch-settings.md").read_text()
    fields = {field.name for field in dataclasses.fields(LaunchSettings)} - {"launch"}
    assert rows(text.partition("\n## ")[0]).keys() == fields


def test_what_a_page_says_to_other_programs():
    book, environment = BinderSpec("gh", "ada/book", "main"), BinderSpec("gh", "ada/env", "main")
    launch = PageLaunch(book, path="a.ipynb", urlpath="lab", environment=environment, env_path="x")
    names = set(re.findall(r'name="([\w-]+)"', launch.meta))
    documented = section("launch-settings.md", "What a page says to other programs")
    assert rows(documented).keys() == names


def test_the_benchmarks():
    text = (ROOT / "docs/performance.md").read_text()
    assert set(re.findall(r"`python -m benchmarks ([a-z]+)`", text)) == set(NAMES)


def test_the_help_of_every_command():
    text = PAGE.read_text()
    assert renewed(text) == text, "Run: .venv/bin/python scripts/command_line.py"


@pytest.mark.parametrize("name", ["check", "doctor"])
def test_the_options_of_commands_with_a_page(name):
    text = (ROOT / f"docs/reference/{name}.md").read_text()
    documented = {option.split()[0] for option in rows(text) if option.startswith("--")}
    options = [option for param in hubroam.get_command(None, name).params for option in param.opts]
    assert documented == {option for option in options if option.startswith("--")}


def shown_commands():
    """Every command that a page shows in a block of its own, with what follows."""
    for page in PAGES:
        for block in re.findall(r"^```(?:sh|yaml)?\n(.*?)^```", page.read_text(), re.M | re.S):
            for line in block.splitlines():
                found = re.match(r"[\s$-]*(?:run: )?(hubroam [^\[]*)$", line)
                if found:
                    yield pytest.param(found[1], id=f"{page.name}: {found[1]}")


@pytest.mark.parametrize("line", list(shown_commands()))
def test_commands_that_are_shown_can_be_given(line):
    program, *arguments = shlex.split(line, comments=True)
    command, context = (
        hubroam,
        click.Context(hubroam, info_name=program, **hubroam.context_settings),
    )
    while isinstance(command, click.Group):
        name = arguments.pop(0)
        command = command.get_command(context, name)
        context = click.Context(command, context, info_name=name)
    command.make_parser(context).parse_args(arguments)


def test_the_json_document_of_every_command():
    for name, text in commands():
        if "--json" in text and name != "hubroam check":
            assert json_example(COMMAND_LINE, f"`{name}`")


def shape(value):
    """The names in a document, without what they are."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else None


def test_the_document_of_a_failure():
    block = re.search(r"^```json\n(.*?)^```", PAGE.read_text(), re.M | re.S)
    assert shape(json.loads(block[1])) == shape(HubroamError("x", next_step="y").to_json())


def test_the_document_of_discover():
    found = Discovery("https://hub.example.org/", "binderhub", launch=(BINDER,))
    real = [{"asked": "hub.example.org", **found.to_json()}]
    assert shape(json_example(COMMAND_LINE, "`hubroam discover`")) == shape(real)


def test_the_document_of_link():
    asked = ["link", "gh/ada/book/main", "--hub", "hub.example.org", "--kind", "binderhub"]
    done = CliRunner().invoke(hubroam, [*asked, "--path", "waves.ipynb", "--json"])
    assert json_example(COMMAND_LINE, "`hubroam link`") == json.loads(done.stdout)


def test_the_document_of_check():
    error = PageError("x", cell=1, source="x", traceback="x")
    report = Report()
    report.pages = [PageReport("a.ipynb", error=error)]
    report.findings = [Finding("not-pinned", "warning", "x", "y", "a", 1)]
    report.needs = Needs("x", True, 1.0, 1, 1)
    assert shape(json_example("check.md", "The document")) == shape(report.to_json())
