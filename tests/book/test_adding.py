"""``hubroam book add``: configurations edited by as little as possible, and back."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from hubroam.book.adding.conftext import NAME, add_extension, remove_extension
from hubroam.book.adding.yamltext import MARK, add_item, remove_item
from hubroam.book.myst import PLUGIN, plugin
from hubroam.cli import hubroam
from hubroam.errors import BookError
from support.sphinxbook import text_notebook

FILE = Path("file")
KEYS = ("sphinx", "extra_extensions")


def add(*arguments: str | Path) -> Result:
    return CliRunner().invoke(hubroam, ["book", "add", *map(str, arguments)])


YAMLS = {
    "nothing": "",
    "a comment": "# mine\n",
    "no key": "title: Waves  # mine\nauthor: 'Ada'\n",
    "no end": "title: Waves",
    "a key": "sphinx:\n    config:\n        language: de  # x\ntitle: a\n",
    "an empty key": "sphinx:\n  extra_extensions:   # Further ones\n\ntitle: a\n",
    "an empty key at the end": "title: a\nsphinx:\n  extra_extensions:",
    "an empty top": "sphinx:  # yes\n",
    "a list": "sphinx:\n  extra_extensions:\n  # first\n  - a  # one\n  - b\n\n# end\n",
    "an indented list": "sphinx:\n  extra_extensions:\n      - a\nlaunch: 1\n",
    "flow": "sphinx: \n  extra_extensions: [a, 'b']  # some\n",
    "empty flow": "sphinx:\n  extra_extensions: []\n",
    "Windows": "title: a\r\nsphinx:\r\n  extra_extensions:\r\n    - a\r\n",
    "Windows without an end": "title: a\r\nother: b",
}


def without_empty(value):
    if not isinstance(value, dict):
        return value
    inner = {key: without_empty(each) for key, each in value.items()}
    return {key: each for key, each in inner.items() if each not in ({}, [], None)}


@pytest.mark.parametrize("text", YAMLS.values(), ids=YAMLS.keys())
def test_a_list_in_yaml(text):
    added = add_item(text, KEYS, NAME, FILE)
    before, after = (YAML(typ="safe").load(each) or {} for each in (text, added))
    assert after["sphinx"]["extra_extensions"].count(NAME) == 1
    after["sphinx"]["extra_extensions"].remove(NAME)
    assert without_empty(after) == without_empty(before)
    assert all(line in added for line in text.splitlines() if "[" not in line)
    assert add_item(added, KEYS, NAME, FILE) == added
    assert remove_item(added, KEYS, NAME, FILE) == text
    assert remove_item(text, KEYS, NAME, FILE) == text


def test_what_the_author_adds_later_stays():
    added = add_item("title: a\n", KEYS, NAME, FILE)
    edited = added.replace(f"- {NAME}", f"- mine\n    - {NAME}") + "author: b\n"
    undone = remove_item(edited, KEYS, NAME, FILE)
    assert undone == "title: a\nsphinx:\n  extra_extensions:\n    - mine\nauthor: b\n"
    assert MARK not in undone


def test_an_item_in_the_middle_of_a_flow_list():
    text = f"sphinx: \n  extra_extensions: [a, {NAME}, b]\n"
    assert remove_item(text, KEYS, NAME, FILE) == "sphinx: \n  extra_extensions: [a, b]\n"
    last = f"sphinx: \n  extra_extensions: [a, {NAME}]\n"
    assert remove_item(last, KEYS, NAME, FILE) == "sphinx: \n  extra_extensions: [a]\n"


def test_an_item_that_the_author_wrote_in_another_way():
    text = f"sphinx: \n  extra_extensions: [a, '{NAME}', b]\n"
    with pytest.raises(BookError, match="not written as it had been added"):
        remove_item(text, KEYS, NAME, FILE)


@pytest.mark.parametrize(
    "text",
    [
        "sphinx: {extra_extensions: [a]}\n",
        "sphinx:\n  extra_extensions: a\n",
        "sphinx: null\n",
        "sphinx: 7\n",
        "- a\n",
        "a: 1\n...\n",
        "a: 1\n---\nb: 2\n",
        "a: [1\n",
        "a: 1\na: 2\n",
        "a: *nosuch\n",
    ],
)
def test_yaml_that_is_not_edited(text):
    with pytest.raises(BookError) as caught:
        add_item(text, KEYS, NAME, FILE)
    assert caught.value.next_step


CONFS = {
    "nothing": "",
    "no list": "project = 'Wellen'  # ü\n",
    "no end": "project = 'Waves'",
    "one line": "extensions = ['a', \"b\"]  # mine\nx = 1\n",
    "empty": "extensions = []\n",
    "many lines": 'ü = "é"\nextensions = [\n    # first\n    "a",\n\t"b",  # b\n]\n',
    "many lines without a comma": "extensions = [\n  'a'\n  ]\n",
    "two in a line": "extensions = ['a',\n  'b']\n",
    "a later one": "extensions = []\nif 1:\n    extensions = ['no']\nextensions = ['a']\n",
    "annotated": "extensions: list[str] = ['ü']\n",
    "computed": "extensions = ['a'] + list('b')\n",
    "a tuple": "extensions = ('a',)\n",
    "Windows": "extensions = [\r\n    'a',\r\n]\r\n",
    "Windows without an end": "x = 1\r\ny = 2",
}


@pytest.mark.parametrize("text", CONFS.values(), ids=CONFS.keys())
def test_extensions_in_conf_py(text):
    added = add_extension(text, FILE)
    run = [{}, {}]
    for each, names in zip((text, added), run, strict=True):
        exec(each, names)
    before, after = (names.get("extensions", []) for names in run)
    assert NAME in after
    assert [each for each in after if each != NAME] == list(before)
    assert add_extension(added, FILE) == added
    assert remove_extension(added, FILE) == text
    assert remove_extension(text, FILE) == text


@given(st.lists(st.sampled_from(["a", "é.b", "c"]), max_size=4), st.integers(0, 4), st.booleans())
def test_the_author_may_move_the_extension(names, place, lines):
    names.insert(place, NAME)
    comma = ",\n    " if lines else ", "
    text = f"extensions = [{comma.strip(',') if lines else ''}" + comma.join(map(repr, names))
    text += ",\n]\n" if lines else "]\n"
    undone = remove_extension(text, FILE)
    found = ast.literal_eval(undone.partition("=")[2].strip())
    assert found == [name for name in names if name != NAME]


def test_conf_py_is_never_run(tmp_path):
    conf = tmp_path / "conf.py"
    conf.write_text("raise SystemExit('run')\nextensions = []\n")
    assert add(tmp_path, "--yes").exit_code == 0
    assert conf.read_text() == f"raise SystemExit('run')\nextensions = [\"{NAME}\"]\n"


@pytest.mark.parametrize("text", ["extensions = [", "from base import *\n", "\0"])
def test_conf_py_that_is_not_edited(text):
    with pytest.raises(BookError) as caught:
        add_extension(text, FILE)
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("name", "kind", "line"),
    [
        ("_config.yml", "jupyter-book-1", f"- {NAME}"),
        ("conf.py", "sphinx", f'"{NAME}"'),
        ("myst.yml", "myst", f"- {PLUGIN}"),
        ("_quarto.yml", "quarto", "- hubroam"),
    ],
)
def test_a_book_and_back(tmp_path, name, kind, line):
    file = tmp_path / name
    file.write_text("# mine\n")
    file.chmod(0o640)
    (tmp_path / "_toc.yml").touch()
    done = add(tmp_path, "--yes", "--json")
    assert json.loads(done.stdout)["kind"] == kind
    assert f"+{line}" in done.stderr.replace("    ", "").replace("  -", "-") or line in done.stderr
    assert line in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o640
    again = add(tmp_path, "--yes")
    assert again.stdout == "Nothing is to be changed.\n"
    assert add(tmp_path, "--undo", "--yes").exit_code == 0
    assert file.read_text() == "# mine\n"
    assert {path.name for path in tmp_path.iterdir()} == {name, "_toc.yml"}


def test_a_myst_book_gets_the_plugin(tmp_path):
    text = (
        "version: 1\nproject:\n  title: Waves  # mine\n  plugins:\n"
        "    - type: executable\n      path: own.py\nsite: {}\n"
    )
    (tmp_path / "myst.yml").write_text(text)
    (tmp_path / "_config.yml").write_text("title: the old one\n")
    (tmp_path / "_toc.yml").touch()
    assert add(tmp_path, "--yes").exit_code == 0
    plugins = YAML(typ="safe").load((tmp_path / "myst.yml").read_text())["project"]["plugins"]
    assert plugins == [PLUGIN, {"type": "executable", "path": "own.py"}]
    assert (tmp_path / PLUGIN).read_bytes() == plugin()
    assert add(tmp_path, "--undo", "--yes").exit_code == 0
    assert (tmp_path / "myst.yml").read_text() == text
    assert not (tmp_path / PLUGIN).exists()


@pytest.mark.registry
def test_a_myst_book_is_built_with_it(jupyter_book, tmp_path):
    site = f"site:\n  template: {jupyter_book.template}\n"
    (tmp_path / "myst.yml").write_text(f"version: 1\nproject:\n  github: ada/book\n{site}")
    (tmp_path / "waves.md").write_text(text_notebook("Waves"))
    assert add(tmp_path, "--yes").exit_code == 0
    jupyter_book(tmp_path, "build", "--site")
    (page,) = (tmp_path / "_build" / "site" / "content").glob("*.json")
    assert '"repo":"ada/book"' in page.read_text().replace(": ", ":")
    assert '"path":"waves.md"' in page.read_text().replace(": ", ":")


def test_quarto_gets_its_extension(tmp_path):
    (tmp_path / "_quarto.yml").write_text("project:\n  type: book\n")
    assert add(tmp_path, "--yes").exit_code == 0
    folder = tmp_path / "_extensions" / "hubroam"
    assert {"_extension.yml", "hubroam.lua", "hub-launch.js", "lang-de.js"} <= {
        path.name for path in folder.iterdir()
    }
    listed = YAML(typ="safe").load((folder / "_extension.yml").read_text())
    assert (folder / listed["contributes"]["filters"][0]).is_file()


def test_nothing_is_written_without_a_yes(tmp_path):
    conf = tmp_path / "conf.py"
    conf.write_text("extensions = []\n")
    done = add(tmp_path)
    assert isinstance(done.exception, BookError)
    assert "--yes" in done.exception.next_step
    assert f'+extensions = ["{NAME}"]' in done.stderr
    assert conf.read_text() == "extensions = []\n"


JEKYLL = {"_config.yml": b"title: a blog\n"}


@pytest.mark.parametrize("files", [{}, {"notes.md": b""}, {"conf.py": b"# \xff\n"}, JEKYLL])
def test_a_folder_that_is_no_book(tmp_path, files):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    done = add(tmp_path, "--yes")
    assert isinstance(done.exception, BookError)
    assert done.exception.next_step
    assert isinstance(add(tmp_path / "nosuch", "--yes").exception, BookError)


def test_a_book_that_is_further_below_is_named(tmp_path):
    (tmp_path / "docs" / "source").mkdir(parents=True)
    (tmp_path / "docs" / "source" / "conf.py").touch()
    done = add(tmp_path, "--yes")
    assert isinstance(done.exception, BookError)
    assert str(tmp_path / "docs" / "source") in done.exception.next_step


def test_a_link_stays_a_link(tmp_path):
    real = tmp_path / "real.py"
    real.write_text("\ufeffx = 1\n", encoding="utf-8")
    book = tmp_path / "book"
    book.mkdir()
    (book / "conf.py").symlink_to(real)
    assert add(book, "--yes").exit_code == 0
    assert (book / "conf.py").is_symlink()
    assert real.read_text(encoding="utf-8").startswith("\ufeffx = 1\nextensions = [")
