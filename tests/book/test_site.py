"""``hubroam book add`` for a site that is built already."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from playwright.sync_api import expect

from hubroam.cli import hubroam
from hubroam.errors import BookError
from support.fileserver import serving
from support.sphinxbook import notebook, write

PAGE = "<!DOCTYPE html>\n<html><head><title>W</title></head>\n<body><h1>Waves</h1><p>Words</p>"
LAUNCH = "launch: {repo: ada/book, ref: main, hubs: [https://hub.example.org]}\n"


def add(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(hubroam, ["book", "add", str(folder), "--yes", *options])


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git/" not in str(path)
    }


def control(folder: Path, page: str) -> str | None:
    text = (folder / page).read_text(encoding="utf-8", errors="replace")
    return text.partition("<hub-launch")[2].partition(">")[0] or None


PAGES = {
    "plain": PAGE,
    "capitals and attributes": "<HTML><HEAD></HEAD ><BODY\n class='>'><H1 id=a>W</H1 >x",
    "no heading": "<html><head></head><body class=b>x</body></html>",
    "no head": "<body><h1>W</h1>",
    "nothing but a heading": "<h1>W</h1>",
    "a heading in a comment and a script": "<head><script>'<h1>x</h1>'</script></head><body>"
    "<!-- <h1>no</h1> --><nav><h1>menu</h1></nav><h1>W</h1>",
    "Windows": "<html>\r\n<head>\r\n</head>\r\n<body>\r\n<h1>W</h1>\r\n",
    "Latin-1": "<head></head><body><h1>Ü</h1>",
}


@pytest.mark.parametrize("text", PAGES.values(), ids=PAGES.keys())
def test_a_page_and_back(tmp_path, text):
    write(tmp_path, {"hubroam.yml": LAUNCH, "waves.ipynb": "{}"})
    page = tmp_path / "waves.html"
    page.write_bytes(text.encode("latin-1"))
    before = content(tmp_path)
    assert add(tmp_path).exit_code == 0
    once = content(tmp_path)
    added = page.read_bytes().decode("latin-1")
    assert added.count('<script type="module" src="hubroam/hub-launch.js"></script>') == 1
    assert added.count("<hub-launch ") == 1
    assert 'path="waves.ipynb"' in (control(tmp_path, "waves.html") or "")
    if "<h1" in text.lower():
        heading = added.lower().rindex("</h1", 0, added.index("<hub-launch"))
        between = added[heading : added.index("<hub-launch")]
        assert "<p" not in between
        assert "menu" not in added[heading - 8 : heading]
    assert add(tmp_path).stdout == "Nothing is to be changed.\n"
    assert content(tmp_path) == once
    assert add(tmp_path, "--undo").exit_code == 0
    assert content(tmp_path) == before


def test_the_difference_of_a_minified_page_can_be_read(tmp_path):
    words = "".join(f"<p>{'word ' * 80}{number}</p>" for number in range(500))
    script = f"<script>var all={{{','.join(f'k{n}:{n}' for n in range(9000))}}}</script>"
    page = f"<html><head>\n<title>W</title>{script}</head><body><h1>Waves</h1>{words}</body></html>"
    write(tmp_path, {"hubroam.yml": LAUNCH, "waves.ipynb": "{}", "waves.html": page})
    done = add(tmp_path)
    shown = done.stderr.partition("new file:")[0].splitlines()
    assert len(shown) < 30
    assert max(map(len, shown)) < 300
    inserted = "".join(line[1:] for line in shown if line.startswith("+<"))
    written = (tmp_path / "waves.html").read_text().replace("\n", "")
    assert inserted == "".join(re.findall("<!--hubroam-->.*?<!--/hubroam-->", written))
    assert "<h1>Waves</h1>" in "".join(shown)  # and where
    # in the file's own lines; the control is three
    assert {line for line in shown if line.startswith("@@")} == {"@@ -2,1 +2,3 @@"}


def test_what_the_author_changes_stays(tmp_path):
    write(tmp_path, {"hubroam.yml": LAUNCH, "a.ipynb": "{}", "a.html": PAGE})
    add(tmp_path)
    page = tmp_path / "a.html"
    page.write_text(page.read_text().replace("Words", "Other words"))
    add(tmp_path, "--undo")
    assert page.read_text() == PAGE.replace("Words", "Other words")


def test_how_a_pages_notebook_is_found(tmp_path):
    site = tmp_path / "_site"
    write(
        tmp_path,
        {
            "_quarto.yml": "",
            "cells.qmd": "# A\n\n```{python}\n1\n```\n",
            "prose.qmd": "# A\n\n```python\n1\n```\n",
            "deep/made.ipynb": "{}",
        },
    )
    names = ["beside", "sources", "cells", "prose", "deep/made", "mapped", "off", "index"]
    write(site, {f"{name}.html": PAGE for name in [*names, "folder/index"]})
    write(
        site,
        {
            "beside.ipynb": "{}",
            "off.ipynb": "{}",
            "_sources/sources.ipynb": "{}",
            "folder.ipynb": "{}",
            "hubroam.yml": LAUNCH
            + "pages:\n  mapped.html: other/a b.ipynb\n  off.html: false\nsources: docs\n",
        },
    )
    assert add(site).exit_code == 0
    found = {name: control(site, f"{name}.html") for name in [*names, "folder/index"]}
    paths = {
        name: text.partition('path="')[2].partition('"')[0] for name, text in found.items() if text
    }
    assert paths == {
        "beside": "docs/beside.ipynb",
        "sources": "docs/sources.ipynb",
        "cells": "docs/cells.qmd",
        "deep/made": "docs/deep/made.ipynb",
        "mapped": "other/a b.ipynb",
        "folder/index": "docs/folder.ipynb",
    }
    assert 'src="../hubroam/hub-launch.js"' in (site / "deep/made.html").read_text()


def test_the_place_in_the_checkout(tmp_path):
    site = tmp_path / "docs" / "build"
    write(tmp_path, {"docs/a.ipynb": "{}", "b.ipynb": "{}", ".gitignore": "build\n"})
    write(site, {"a.html": PAGE, "a.ipynb": "{}", "b.html": PAGE, "b.ipynb": "{}"})
    for command in (
        ["init", "--quiet"],
        ["remote", "add", "origin", "https://github.com/ada/book"],
        ["add", "."],
    ):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    done = add(site, "--json")
    assert json.loads(done.stdout)["kind"] == "html"
    assert 'repo="ada/book" ref="HEAD" path="docs/a.ipynb"' in control(site, "a.html")
    assert 'path="b.ipynb"' in control(site, "b.html")


def test_pages_in_subfolders_only(tmp_path):
    site = tmp_path / "site"
    write(site, {"hubroam.yml": LAUNCH, "en/a/waves.html": PAGE, "en/a/waves.ipynb": "{}"})
    before = content(site)
    assert add(site).exit_code == 0
    assert 'path="en/a/waves.ipynb"' in (control(site, "en/a/waves.html") or "")
    assert 'src="../../hubroam/hub-launch.js"' in (site / "en/a/waves.html").read_text()
    assert add(site, "--undo").exit_code == 0
    assert content(site) == before

    # what is built of a book below is that book's
    write(tmp_path, {"book/myst.yml": "version: 1\n"})
    done = add(tmp_path)
    assert done.exit_code == 1
    assert isinstance(done.exception, BookError)
    assert f"perhaps {tmp_path / 'book'}." in done.exception.next_step


def test_a_page_with_a_control_of_its_own(tmp_path):
    own = PAGE + "<hub-launch repo=x/y></hub-launch>"
    pages = {"a.html": own, "a.ipynb": "{}", "b.html": PAGE, "b.ipynb": "{}"}
    write(tmp_path, {"hubroam.yml": LAUNCH, **pages})
    done = add(tmp_path)
    assert "a.html has a launch control of its own." in done.stderr
    assert (tmp_path / "a.html").read_text() == own
    assert control(tmp_path, "b.html")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.ipynb": "{}"}, "Nothing says which repository"),
        ({"hubroam.yml": LAUNCH}, "No page"),
        ({"hubroam.yml": "launch: {repo: x"}, "hubroam.yml holds no settings"),
        ({"hubroam.yml": "lanch: {}"}, "hubroam.yml holds no settings"),
        ({"hubroam.yml": "launch: {rpo: a/b}"}, "Perhaps repo is meant"),
        ({"hubroam.yml": LAUNCH + "pages: [a]"}, "pages is not a list"),
        ({"hubroam.yml": LAUNCH + "pages: {a.html: {path: ../x}}"}, "path"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_written(tmp_path, files, message):
    write(tmp_path, {"a.html": PAGE, **files})
    before = content(tmp_path)
    done = add(tmp_path)
    assert isinstance(done.exception, BookError)
    assert message in done.exception.message
    assert done.exception.next_step
    assert content(tmp_path) == before


@pytest.mark.browser
def test_nbconverts_page_in_a_browser(tmp_path, new_page):
    from nbconvert import HTMLExporter

    write(tmp_path, {"hubroam.yml": LAUNCH, "waves.ipynb": notebook("Waves", "6 * 7")})
    html, _ = HTMLExporter(embed_images=True).from_filename(str(tmp_path / "waves.ipynb"))
    write(tmp_path, {"waves.html": html})
    assert add(tmp_path).exit_code == 0
    page = new_page(errors=True)  # the page's own scripts come from elsewhere
    page.route(lambda url: "127.0.0.1" not in url, lambda route: route.abort())
    with serving(tmp_path) as url:
        page.goto(f"{url}waves.html", wait_until="domcontentloaded")
        launch = page.locator("h1 + hub-launch")
        expect(launch).to_have_attribute("path", "waves.ipynb")
        expect(launch.get_by_role("button", name="Launch", exact=True)).to_be_enabled()
