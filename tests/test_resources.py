"""What the package brings along."""

import gzip
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from hubroam.resources import web_folder, web_module, web_modules
from support.node import run_node

ROOT = Path(__file__).parent.parent


def test_the_modules_are_found():
    assert (web_folder() / "hub-launch.js").is_file()


def test_the_wheel_brings_every_module():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    brought = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert brought == {
        f"web/{path.name}": f"hubroam/web/{path.name}"
        for path in sorted((ROOT / "web").glob("*.js"))
    }


def test_what_a_reader_loads_is_small():
    languages = [name for name in web_modules() if name.startswith("lang-")]
    assert len(languages) >= 3
    control, *texts = (
        len(gzip.compress(web_module(name), mtime=0)) for name in ("hub-launch.js", *languages)
    )
    assert control > 5_000, "not all of it"
    assert control + max(texts) <= 15_000, (control, texts)


def test_a_reader_loads_one_file():
    text = web_module("hub-launch.js").decode()
    assert not re.search(r"^import\b", text, re.MULTILINE)
    assert re.findall(r"import\([^)]*\)", text) == ["import(`./${names}-${language}.js`)"]


def test_what_readers_load_passes_the_tests_too(tmp_path):
    """A module without its comments and layout does what it did with them."""
    web = tmp_path / "web"
    shutil.copytree(web_folder() / "test", web / "test")
    shutil.copytree(ROOT / "protocol", tmp_path / "protocol")
    shutil.copy(web_folder() / "package.json", web)
    for name in web_modules():
        (web / name).write_bytes(web_module(name))
    (web / "test" / "modules.test.js").unlink()  # it reads the layout
    assert "# fail 0" in run_node("node", "--test", "--test-reporter=tap", folder=web)


def test_there_is_no_other_module():
    with pytest.raises(KeyError):
        web_module("../pyproject.toml")
