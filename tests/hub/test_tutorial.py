"""The operator's tutorial: the hub that it configures says what the tutorial says."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from support.hubs import up
from support.reference import DOCS

pytestmark = pytest.mark.hub

TEXT = (DOCS / "tutorials" / "operator.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def asked(command, url):
    """What a command says of a hub, as if the hub were where the tutorial has it."""
    done = subprocess.run(
        [sys.executable, "-m", "hubroam", command, url, "--allow-private"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return unversioned(done.stdout.replace(url.split("/")[2], "127.0.0.1:8000"))


def unversioned(text):
    """A text without the versions of programs."""
    return re.sub(r"\b(JupyterHub|hubroam hub) \d[\w.]*", r"\1", text)


def test_the_doctor_finds_what_the_tutorial_shows(hub):
    _, doctor, _ = blocks("text")
    assert asked("doctor", hub.url) == unversioned(doctor)


def test_the_configuration_makes_the_hub_that_is_shown(tmp_path):
    (config,) = blocks("python")
    *_, discover = blocks("text")
    with up(tmp_path, config) as url:
        assert asked("discover", url) == unversioned(discover)
