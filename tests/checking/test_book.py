"""Which pages a book has."""

from __future__ import annotations

import pytest

from hubroam.checking.book import read_book


@pytest.fixture
def folder(tmp_path):
    def make(files):
        for name, text in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        return tmp_path

    return make


def test_without_a_configuration_every_notebook_is_a_page(folder):
    left_out = [
        "_build/x.ipynb",
        "node_modules/x.ipynb",
        ".ipynb_checkpoints/x.ipynb",
        "binder/x.ipynb",
        "my-env/pyvenv.cfg",
        "my-env/x.ipynb",
        ".hidden.ipynb",
        "data.csv",
    ]
    root = folder(dict.fromkeys(["b.ipynb", "a/c.md", *left_out], ""))
    book = read_book(root)
    assert book.pages == ["b.ipynb", "a/c.md"]
    assert (book.listed, book.configured, book.findings) == (False, False, [])


def test_jupyter_book_1(folder):
    root = folder(
        {
            "_toc.yml": "format: jb-book\nroot: intro\nparts:\n- chapters:\n  - file: one\n"
            "    sections:\n    - file: sub/two.ipynb\n  - glob: more/*\n  - url: https://x.org\n",
            "_config.yml": "execute:\n  execute_notebooks: 'off'\n  allow_errors: true\n"
            "  exclude_patterns: ['more/*', '**/two.ipynb']\n",
            **dict.fromkeys(
                ["intro.md", "one.ipynb", "sub/two.ipynb", "more/b.md", "more/a.ipynb", "x.ipynb"],
                "",
            ),
        }
    )
    book = read_book(root)
    assert book.pages == ["intro.md", "one.ipynb", "sub/two.ipynb", "more/a.ipynb", "more/b.md"]
    assert book.excluded.keys() == {"sub/two.ipynb", "more/a.ipynb", "more/b.md"}
    assert book.allow_errors is True


def test_myst_without_a_table_of_contents(folder):
    root = folder(
        {
            "myst.yml": "version: 1\nproject:\n  exclude: [drafts/*, old.md]\n",
            **dict.fromkeys(["index.md", "drafts/x.ipynb", "old.md", "a.ipynb"], ""),
        }
    )
    book = read_book(root)
    assert book.pages == ["a.ipynb", "index.md"]
    assert book.configured is True
    assert book.excluded == {}


def test_myst_that_is_not_executed(folder):
    root = folder({"myst.yml": "project:\n  execute:\n    skip: true\n", "a.ipynb": ""})
    assert read_book(root).excluded == {"a.ipynb": "myst.yml says not to execute"}


def test_sphinx_is_read_and_not_run(folder):
    root = folder(
        {
            "conf.py": "raise SystemExit\nimport nosuch\nnb_execution_allow_errors = True\n"
            "exclude_patterns = ['drafts/**', '_build']\nhtml_theme = open('x')\n"
            "nb_execution_excludepatterns = ['slow*']\n",
            **dict.fromkeys(["index.md", "drafts/x.md", "slow.ipynb"], ""),
        }
    )
    book = read_book(root)
    assert book.pages == ["conf.py", "index.md", "slow.ipynb"]  # a script may be a page
    assert book.excluded == {"slow.ipynb": "conf.py excludes it from execution"}
    assert book.allow_errors is True


def test_nothing_outside_of_the_book_is_a_page(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "x.ipynb"
    outside.write_text("")
    root = folder({"_toc.yml": f"root: ../{outside.parent.name}/x\nchapters:\n- file: {outside}\n"})
    (root / "link.ipynb").symlink_to(outside)
    (root / "_toc.yml").write_text((root / "_toc.yml").read_text() + "- file: link\n")
    assert read_book(root).pages == []


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("myst.yml", "project:\n  toc: [", 2),
        ("_toc.yml", "a: b: c", 1),
        ("conf.py", "x = 1\ny = = 2\n", 2),
    ],
)
def test_a_configuration_that_cannot_be_read(folder, name, text, line):
    (finding,) = read_book(folder({name: text, "a.ipynb": ""})).findings
    assert (finding.code, finding.severity, finding.path) == ("book-unreadable", "fault", name)
    assert finding.line == line


@pytest.mark.parametrize("text", ["[]", "project: []", "project:\n  toc: 1", "", "!!python/x 1"])
def test_a_configuration_of_another_form(folder, text):
    assert read_book(folder({"myst.yml": text, "a.ipynb": ""})).pages == ["a.ipynb"]
