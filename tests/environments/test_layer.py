"""A session's own layer over a shared environment."""

import json
import subprocess

import pytest

from hubroam.environments import add_layer

pytestmark = pytest.mark.registry


async def test_what_is_installed_in_a_layer_stays_there(workshop, tmp_path):
    environment = await workshop().build({"requirements.txt": "six==1.16.0\n"})
    mine, theirs = (add_layer(environment.path, tmp_path / name) for name in ("mine", "theirs"))

    def run(python, code):
        done = subprocess.run([python, "-c", code], capture_output=True, text=True)
        return done.stdout.strip() or done.stderr.strip().splitlines()[-1]

    assert run(mine, "import six; print(six.__version__)") == "1.16.0"
    pip = mine.parent / "pip"
    subprocess.run([pip, "install", "-q", "six==1.15.0", "idna==3.7"], check=True)
    assert run(mine, "import six, idna; print(six.__version__)") == "1.15.0"
    assert run(theirs, "import six; print(six.__version__)") == "1.16.0"
    assert "No module named 'idna'" in run(theirs, "import idna")
    assert run(environment.path / "bin/python", "import six; print(six.__version__)") == "1.16.0"

    spec = json.loads((tmp_path / "mine/share/jupyter/kernels/python3/kernel.json").read_text())
    assert spec["argv"][0] == str(mine)
