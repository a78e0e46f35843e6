"""The Quarto filter, run by pandoc.

Quarto itself is downloaded from GitHub, which these tests do not reach. Its command line runs the
same pandoc with the same filter; what it adds to pandoc's Lua (`quarto.doc`, `quarto.log`,
`quarto.project`) is put there by the filter below, as https://quarto.org/docs/extensions/lua-api.html
documents it.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pypandoc
import pytest

from hubroam.book.launch import THEBE, LaunchSettings
from hubroam.book.quarto import files
from hubroam.resources import control_modules
from support.vectors import vectors

QUARTO = """
quarto = {
  doc = {
    input_file = %(input)s,
    is_format = function(name) return name == "html:js" and FORMAT:match("html") ~= nil end,
    add_html_dependency = function(dependency)
      for _, each in ipairs(dependency.scripts) do
        io.stderr:write("needs " .. each.path .. " " .. each.attribs.type .. "\\n")
      end
      for _, each in ipairs(dependency.resources) do
        io.stderr:write("brings " .. each.path .. "\\n")
      end
    end,
  },
  log = { warning = function(message) io.stderr:write("WARNING " .. message .. "\\n") end },
  project = { directory = %(root)s },
}
dofile(%(filter)s)
"""
CELL = "# Waves\n\n::: {.cell}\n```{.python .cell-code}\n6 * 7\n```\n:::\n"


class Shown(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.attributes: dict[str, str | None] | None = None
        self.link: str | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "hub-launch":
            self.attributes = dict(attrs)
        elif tag == "a":
            self.link = self.link or dict(attrs)["href"]


@dataclass(frozen=True)
class Project:
    folder: Path

    def render(self, meta: object, text: str = CELL, page: str = "a/waves.qmd", to: str = "html5"):
        """The page, and what was said on standard error."""
        names = {
            "input": str(self.folder / page),
            "root": str(self.folder),
            "filter": str(self.folder / "_extensions/hubroam/hubroam.lua"),
        }
        (self.folder / "run.lua").write_text(
            QUARTO % {name: json.dumps(value) for name, value in names.items()}
        )
        (self.folder / "meta.json").write_text(json.dumps(meta))
        done = subprocess.run(
            [
                *(pypandoc.get_pandoc_path(), "--from", "markdown", "--to", to, "--wrap", "none"),
                *("--metadata-file", "meta.json", "--lua-filter", "run.lua"),
            ],
            cwd=self.folder,
            input=text,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout, done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Project:
    for name, content in files().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "a").mkdir()
    return Project(tmp_path)


# what the filter understands of the launch settings: docs/how-to/html-and-quarto.md
UNDERSTOOD = {
    "user/repo is on GitHub",
    "a web address tells provider and ref",
    "a clone URL with .git",
    "another forge",
    "a provider by name",
    "a file",
    "a urlpath",
    "the environment is another's",
    "an environment without a repository",
    "a recipe in a folder of the book's repository",
    "a recipe outside of the repository",
    "a ref of a folder of the same repository",
    "a BinderHub for plain links",
    "no control on this page",
    "no repository",
    "a setting that is not known",
    "a text",
    "a list",
    "a provider that is none",
    "a path out of the repository",
    "a script for a urlpath",
    "a repository on no forge",
}
VECTORS = [each for each in vectors("book-launch") if each.id in UNDERSTOOD]


@pytest.mark.parametrize("vector", VECTORS)
def test_it_shows_what_python_shows(project, vector):
    book, page = vector["input"]["book"], vector["input"]["page"]
    said = page if not isinstance(page, dict) else {**(book or {}), **page}
    html, problems = project.render({"launch": said})
    shown = Shown(html)
    expected = vector.get("expected")
    if expected is None:
        assert shown.attributes is None
        assert ("WARNING" in problems) == ("error" in vector)
        return
    assert problems.splitlines()[0] == "needs hub-launch.js module"
    attributes, link = expected["attributes"], expected["link"]
    if not {"path", "urlpath"} & set(said):  # a page that runs opens itself
        attributes = {**attributes, "path": "a/waves.qmd"}
        link = f"{link}?labpath=a%2Fwaves.qmd"
    assert (shown.attributes, shown.link) == (attributes, link)


def test_a_recipe_in_a_folder_of_another_repository(project):
    environment = {"repo": "uni/env", "ref": "2026", "path": "/images/lab/"}
    page = {"repo": "ada/book", "path": "a.ipynb", "environment": environment}
    shown = Shown(project.render({"launch": page})[0])
    expected = LaunchSettings.read(page).page()
    assert expected is not None
    assert (shown.attributes, shown.link) == (expected.attributes, expected.link)
    assert shown.attributes["env-path"] == "images/lab"


def test_a_setting_of_the_environment_that_is_not_known(project):
    html, problems = project.render({"launch": {"repo": "ada/book", "environment": {"rpeo": "x"}}})
    assert "<hub-launch" not in html
    assert "launch.environment has no setting rpeo" in problems


def test_every_vector_is_there():
    assert {each.id for each in VECTORS} == UNDERSTOOD


SITE = {"website": {"repo-url": "https://github.com/ada/book", "repo-branch": "live"}}


def test_the_sites_own_settings(project):
    html, problems = project.render({"book": {**SITE["website"], "repo-subdir": "docs"}})
    assert Shown(html).attributes == {
        "provider": "gh",
        "repo": "ada/book",
        "ref": "live",
        "path": "docs/a/waves.qmd",
    }
    needed = {line.split()[1] for line in problems.splitlines()}
    assert {f"_extensions/hubroam/{name}" for name in needed} <= set(files())
    assert {name for name in control_modules() if "live" not in name} == needed


def test_cells_that_run_in_place(project):
    html, problems = project.render({"launch": {"repo": "ada/book", "live": "cdn"}})
    assert f'<hub-live thebe="{THEBE}"></hub-live>' in html
    needed = {line.split()[1] for line in problems.splitlines()}
    assert set(control_modules()) == needed
    assert {f"_extensions/hubroam/{name}" for name in needed} <= set(files())


def test_programs_from_nowhere(project):
    html, problems = project.render({"launch": {"repo": "ada/book", "live": "javascript:x"}})
    assert "<hub-launch" in html
    assert "<hub-live" not in html
    assert "live is neither an address" in problems


def test_which_pages_run(project):
    assert Shown(project.render(SITE, text="# Prose\n")[0]).attributes is None
    (project.folder / "a/waves.ipynb").write_text("{}")
    for page in ("a/waves.ipynb", "a/waves.qmd"):
        html, _ = project.render(SITE, text="# Prose\n", page=page)
        assert Shown(html).attributes["path"] == "a/waves.ipynb"


def test_a_plain_link_in_print(project):
    latex, problems = project.render(SITE, to="latex")
    link = r"\href{https://mybinder.org/v2/gh/ada/book/live?labpath=a\%2Fwaves.qmd}{Launch}"
    assert link in latex
    assert problems == ""


def test_no_repository_is_one_warning_with_the_file(project):
    html, problems = project.render({})
    assert Shown(html).attributes is None
    (line,) = problems.splitlines()
    assert str(project.folder / "a/waves.qmd") in line
    assert "repo-url" in line
