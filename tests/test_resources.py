"""What the package brings along."""

import tomllib
from pathlib import Path

from hubroam.resources import web_folder

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
