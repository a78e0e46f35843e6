"""What solvers say, for people."""

from __future__ import annotations

import pytest

from hubroam.environments.readable import channel_reason, line_naming, solver_reason, with_lines
from hubroam.errors import ResolutionFailed
from hubroam.recipes import DirectoryFiles, read_recipe


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "Cannot solve the request because of: globe * cannot be installed because there are no "
            "viable options:\n└─ globe 1.0 would require\n   └─ atlas <2, for which no candidates "
            "were found.",
            "globe cannot be installed: globe 1.0 needs atlas <2, which the others leave no "
            "version of.",
        ),
        ("No candidates were found for nosuch *.", "no channel has nosuch."),
        ("No candidates were found for atlas 3.*.", "no channel has atlas 3.*."),
        ("something new", "something new"),
    ],
)
def test_conda(words, said):
    assert solver_reason(words) == said


@pytest.mark.parametrize(
    ("words", "channel", "reason"),
    [
        (
            "error sending request for url (https://c.example/forge/noarch/repodata.json.zst) "
            "tcp connect error Connection refused (os error 111)",
            "forge",
            "nothing answers there",
        ),
        (
            "(https://c.example/forge/noarch/x) operation timed out",
            "forge",
            "it did not answer in time",
        ),
        ("status 503 (https://c.example/forge/noarch/x)", "forge", "it answers 503"),
        ("odd (https://c.example/other/noarch/x)", "https://c.example/other", ""),
        ("odd", "", ""),
    ],
)
def test_channels(words, channel, reason):
    assert channel_reason(words, ["forge"]) == (channel, reason)


def test_the_line_that_is_meant(tmp_path):
    file = tmp_path / "environment.yml"
    file.write_text("# numpy\ndependencies:\n  - numpy-financial\n  - numpy=2\n")
    assert line_naming(file, ["numpy"]) == ", line 4"
    assert line_naming(file, ["scipy", ""]) == ""
    assert line_naming(tmp_path / "none", ["numpy"]) == ""
    (tmp_path / "environment.yml").unlink()
    (tmp_path / "requirements.txt").write_text("idna\n-r more.txt\n")
    (tmp_path / "more.txt").write_text("\nsix==99\n")
    error = ResolutionFailed("No version of six==99.", next_step="x")
    told = with_lines(error, read_recipe(DirectoryFiles(tmp_path)), tmp_path)
    assert told.message == "No version of six==99 (more.txt, line 2)."
    other = ResolutionFailed("No version of cowsay.", next_step="x")
    assert with_lines(other, read_recipe(DirectoryFiles(tmp_path)), tmp_path) is other
