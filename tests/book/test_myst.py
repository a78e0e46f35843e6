"""The plugin for MyST, in books that the real Jupyter Book 2 builds."""

from __future__ import annotations

import json
import random
import re
import string
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml

from hubroam.book.myst import PLUGIN, plugin
from hubroam.resources import web_folder, web_module
from support.node import run_node

NOTEBOOK = json.dumps(
    {
        "cells": [
            {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# A notebook"},
            {
                "cell_type": "code",
                "id": "b",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": "1",
            },
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)
KERNEL = "kernelspec: {name: python3, display_name: Python 3, language: python}"


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / PLUGIN).write_bytes(plugin())
    return folder


def config(template: Path, project: str) -> str:
    return (
        f"version: 1\nproject:\n  title: A book\n  plugins: [{PLUGIN}]\n{project}"
        f"site:\n  template: {template}\n"
    )


def nodes(tree: dict, kind: str) -> list[dict]:
    own = [tree] if tree.get("type") == kind else []
    return own + [found for child in tree.get("children", []) for found in nodes(child, kind)]


def contents(book: Path) -> dict[str, dict]:
    """The published pages, by their source files."""
    pages = [json.loads(path.read_text()) for path in book.glob("_build/site/content/*.json")]
    return {page["location"].lstrip("/"): page for page in pages}


def models(page: dict) -> list[dict]:
    return [node["model"] for node in nodes(page["mdast"], "anywidget")]


def links(page: dict) -> list[str]:
    return [node["url"] for node in nodes(page["mdast"], "link")]


PAGES = {
    "index.md": "# The book\n\nProse.\n",
    "run it.ipynb": NOTEBOOK,
    "part/cells.md": f"---\n{KERNEL}\n---\n# Cells\n\n```{{code-cell}} python\n1\n```\n",
    "bare.md": "# Cells without a kernel\n\n```{code-cell} python\n1\n```\n",
    "off.md": f"---\n{KERNEL}\noptions:\n  launch: false\n---\n# Off\n",
    "on.md": "---\noptions: {launch: {label: Run it, hubs: ['https://hub.example.org']}}\n"
    "---\n# No code\n\n```{hub-launch}\n```\n",
    "placed.md": f"---\n{KERNEL}\n---\n# Another\n\nFirst.\n\n```{{hub-launch}} grace/extra\n"
    ":ref: 1.0\n:path: a b.ipynb\n:environment: uni/env\n```\n\nLast.\n",
    "none.md": f"---\n{KERNEL}\n---\n# None\n\n```{{hub-launch}} false\n```\n",
    "bad.md": f"---\n{KERNEL}\noptions:\n  launch:\n    pth: a.ipynb\n---\n# Bad\n",
    "bad-place.md": "# Bad\n\nText.\n\n```{hub-launch}\n:provider: svn\n:repo: a/b\n```\n",
}


@pytest.fixture(scope="module")
def site(jupyter_book, tmp_path_factory):
    """A book in a subfolder of its repository, built as a site: its folder, and what was said."""
    checkout = tmp_path_factory.mktemp("checkout")
    subprocess.run(["git", "init", "-q", checkout], check=True)
    elsewhere = write(tmp_path_factory.mktemp("elsewhere"), {"page.md": f"---\n{KERNEL}\n---\n"})
    files = {"myst.yml": config(jupyter_book.template, "  github: ada/book\n"), **PAGES}
    book = write(checkout / "docs", files)
    (book / "outside.md").symlink_to(elsewhere / "page.md")
    return book, jupyter_book(book, "build", "--site")


@pytest.fixture(scope="module")
def pages(site):
    return contents(site[0])


ADA = {"provider": "gh", "repo": "ada/book", "ref": "HEAD"}
AT = "https://mybinder.org/v2/gh/ada/book/HEAD?labpath="
SHOWN = {
    "index.md": None,
    "run it.ipynb": {
        **ADA,
        "path": "docs/run it.ipynb",
        "link": f"{AT}docs%2Frun%20it.ipynb",
    },
    "part/cells.md": {**ADA, "path": "docs/part/cells.md", "link": f"{AT}docs%2Fpart%2Fcells.md"},
    "bare.md": {**ADA, "path": "docs/bare.md", "link": f"{AT}docs%2Fbare.md"},
    "off.md": None,
    "on.md": {
        **ADA,
        "path": "docs/on.md",
        "label": "Run it",
        "hubs": "https://hub.example.org/",
        "link": f"{AT}docs%2Fon.md",
    },
    "placed.md": {
        "provider": "gh",
        "repo": "grace/extra",
        "ref": "1.0",
        "path": "a b.ipynb",
        "env-provider": "gh",
        "env-repo": "uni/env",
        "env-ref": "HEAD",
        "link": "https://mybinder.org/v2/gh/uni/env/HEAD?urlpath=git-pull%3Frepo%3Dhttps%253A%252F"
        "%252Fgithub.com%252Fgrace%252Fextra%26branch%3D1.0%26urlpath%3Dlab%252Ftree%252Fextra"
        "%252Fa%252520b.ipynb",
    },
    "none.md": None,
    "bad.md": None,
    "bad-place.md": None,
    "outside.md": None,
}


@pytest.mark.registry
@pytest.mark.parametrize("name", SHOWN)
def test_what_a_page_shows(pages, name):
    expected = SHOWN[name]
    page = pages[name]
    assert models(page) == ([expected] if expected else [])
    assert links(page) == ([expected["link"]] if expected else [])


@pytest.mark.registry
def test_the_control_comes_with_the_site(site, pages):
    book, _ = site
    (address,) = {
        node["esm"] for page in pages.values() for node in nodes(page["mdast"], "anywidget")
    }
    published = book / "_build" / "site" / "public" / address.lstrip("/")
    assert published.read_bytes() == web_module("hub-widget.js")


@pytest.mark.registry
def test_the_control_is_first_or_where_its_directive_is(pages):
    def kinds(name):
        return [[node["type"] for node in block["children"]] for block in blocks(name)]

    def blocks(name):
        return pages[name]["mdast"]["children"]

    assert kinds("part/cells.md")[0] == ["anywidget", "paragraph"]
    assert kinds("placed.md") == [["paragraph", "anywidget", "paragraph", "paragraph"]]


@pytest.mark.registry
def test_what_is_wrong_is_said_once_with_file_and_line(site):
    _, said = site
    warned = [line for line in said.splitlines() if "(hubroam)" in line]
    assert sorted(re.findall(r"\S+\.md:\d+", "\n".join(warned))) == [
        "bad-place.md:5",
        "bad.md:4",
        "outside.md:1",
    ]
    text = "\n".join(warned)
    for part in ("‘pth’", "no such provider", "outside of the book's repository"):
        assert text.count(part) == 1
    assert not re.search("⛔|Unhandled|Unsupported", said)


FORMATS = {
    "tex": ("tex", "template: null", r"\href{%s}{Launch}"),
    "typst": ("typ", "template: null", '#link("%s")[Launch]'),
    "xml": ("xml", "", 'xlink:href="%s">Launch</ext-link>'),
    "md": ("md", "", "[Launch](%s)"),
    "docx": ("docx", "template: ./docx", 'Target="%s"'),
}


def read(path: Path) -> str:
    """The text of an export; of a Word file, its links and its words."""
    if path.suffix != ".docx":
        return path.read_text()
    with zipfile.ZipFile(path) as parts:
        names = ("word/_rels/document.xml.rels", "word/document.xml")
        return "".join(parts.read(name).decode() for name in names)


@pytest.mark.registry
@pytest.mark.parametrize("kind", FORMATS)
def test_every_export_has_the_link_and_nothing_broken(jupyter_book, tmp_path, kind):
    ending, template, form = FORMATS[kind]
    export = f"  exports: [{{format: {kind}, article: page.md, output: out/page.{ending}"
    export += f", {template}}}]\n" if template else "}]\n"
    files = {"myst.yml": config(jupyter_book.template, f"  github: ada/book\n{export}")}
    files["docx/template.yml"] = "jtex: v1\nkind: docx\ntitle: None\nversion: 1.0.0\n"
    book = write(tmp_path, {**files, "page.md": f"---\ntitle: A page\n{KERNEL}\n---\nText.\n"})
    # where no typst is, its text is written all the same
    said = jupyter_book(book, "build", f"--{kind}")
    assert not re.search("⛔|Unhandled|Unsupported", said)
    written = read(book / "out" / f"page.{ending}")
    link = "https://mybinder.org/v2/gh/ada/book/HEAD?labpath=page.md"
    assert form % link in written
    # JATS has a page that runs twice: as an article and as a notebook
    assert written.count("mybinder") == (2 if kind == "xml" else 1)


@pytest.mark.registry
def test_a_site_and_its_downloads_in_one_command(jupyter_book, tmp_path):
    """What is built for print in between does not make the site's page lose its control."""
    export = "  exports: [{format: tex, template: null, article: page.md, output: out/page.tex}]\n"
    files = {"myst.yml": config(jupyter_book.template, f"  github: ada/book\n{export}")}
    book = write(tmp_path, {**files, "page.md": f"---\ntitle: A page\n{KERNEL}\n---\nText.\n"})
    said = jupyter_book(book, "build", "--site", "--tex", "--strict")
    assert "⛔" not in said
    assert len(models(contents(book)["page.md"])) == 1
    assert "mybinder" in (book / "out" / "page.tex").read_text()


WRONG = {
    "no repository": ("", "myst.yml:1 Nothing says which repository"),
    "an unknown provider": (
        "  jupyter: {binder: {provider: svn, repo: a/b}}\n",
        "myst.yml:5 Binder knows no provider svn",
    ),
    "an unknown provider in launch settings": (
        "  options:\n    launch: {provider: svn, repo: a/b}\n",
        "myst.yml:6 Binder knows no such provider",
    ),
    "a malformed launch": (
        "  github: a/b\n  options:\n    launch: [a]\n",
        "myst.yml:7 launch is neither true, false nor a mapping of settings",
    ),
}


@pytest.mark.registry
@pytest.mark.parametrize("name", WRONG)
def test_a_book_with_bad_settings_is_built_and_told_once(jupyter_book, tmp_path, name):
    project, warning = WRONG[name]
    files = {"myst.yml": config(jupyter_book.template, project)}
    page = f"---\n{KERNEL}\n---\n# A page\n"
    book = write(tmp_path, {**files, "one.md": page, "two.md": page})
    said = jupyter_book(book, "build", "--site")
    assert said.count("(hubroam)") == 1
    assert warning in said
    assert [models(page) for page in contents(book).values()] == [[], []]


def test_the_plugin_needs_nothing_else():
    text = plugin().decode()
    assert set(re.findall(r'^import\b.*?from"(.*?)"', text, re.MULTILINE)) <= {
        "node:child_process",
        "node:fs",
        "node:path",
    }
    assert "__WIDGET__" not in text


def test_every_language_comes_with_the_widget():
    languages = [path.stem.removeprefix("lang-") for path in web_folder().glob("lang-*.js")]
    brought = re.search(
        r"Object\.assign\(brought,\{(.*?)\}\)", web_module("hub-widget.js").decode()
    )
    assert sorted(brought[1].split(",")) == sorted(languages)


def some_text(chance: random.Random) -> str:
    marks = string.ascii_letters + string.digits + " :#-,[]{}'\"\\é/.&*!|>%@`?=~\t"
    text = "".join(chance.choices(marks, k=chance.choice([0, 1, 3, 8, 20, 60])))
    usual = ["true", "null", "1.0", "~", "a: b", "- x", "x #y", "https://a.b/c?d=e#f", "gh/a/b"]
    # 4e1 is a text in PyYAML's YAML 1.1, and a number in 1.2
    return chance.choice(usual) if chance.random() < 0.3 or re.match(r"[\d.]", text) else text


def some_value(chance: random.Random, depth: int) -> object:
    kind = chance.random() if depth else 1
    count = range(chance.randint(0, 4))
    if kind < 0.35:
        return {some_text(chance) or "k": some_value(chance, depth - 1) for _ in count}
    if kind < 0.6:
        return [some_value(chance, depth - 1) for _ in count]
    other = [chance.randint(-99, 9999), chance.random(), True, False, None]
    return some_text(chance) if chance.random() < 0.5 else chance.choice(other)


def test_the_plugin_reads_yaml_as_pyyaml_writes_it(tmp_path):
    chance = random.Random(4)
    values = [{"a": some_value(chance, 3), "b": some_value(chance, 2)} for _ in range(400)]
    texts = [
        yaml.safe_dump(
            value,
            width=chance.choice([20, 80, 1000]),
            default_flow_style=chance.choice([None, False, True]),
            allow_unicode=chance.choice([True, False]),
            indent=chance.choice([2, 4]),
        )
        for value in values
    ]
    (tmp_path / "texts.json").write_text(json.dumps(texts))
    (tmp_path / "read.mjs").write_text(
        f'import {{ YamlNode }} from "{web_folder()}/yaml.js";\n'
        'import { readFileSync } from "node:fs";\n'
        'const texts = JSON.parse(readFileSync("texts.json", "utf-8"));\n'
        "console.log(JSON.stringify(texts.map((text) => YamlNode.of(text).value())));\n"
    )
    read = json.loads(run_node("node", "read.mjs", folder=tmp_path))
    for text, value, found in zip(texts, values, read, strict=True):
        assert found == value, text
