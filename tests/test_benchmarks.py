"""The benchmarks' documents; how long things take is never a test."""

import subprocess
import sys
from pathlib import Path

import benchmarks.__main__
import pytest
from benchmarks import book, build, discovery
from benchmarks.measure import document, in_turn, summary

ROOT = Path(__file__).parent.parent


def test_a_summary():
    assert summary([3.0, 1.0, 2.0]) == {"median": 2.0, "min": 1.0, "max": 3.0}


def test_rounds_are_taken_in_turn():
    order = []
    labels = {"a": lambda: order.append("a") or 1.0, "b": lambda: order.append("b") or 2.0}
    assert in_turn(labels, 2) == {"a": [1.0, 1.0], "b": [2.0, 2.0]}
    assert order == ["a", "b", "a", "b"]


def test_a_document():
    made = document("x", 2, {"ours": [1.0, 2.0], "theirs": [4.0, 6.0]}, {"r": ("theirs", "ours")})
    assert made["name"] == "x"
    assert made["runs"] == 2
    assert made["results"]["ours"] == {"median": 1.5, "min": 1.0, "max": 2.0, "unit": "s"}
    assert made["ratios"] == {"r": {"median": 3.5, "min": 3.0, "max": 4.0}}
    assert made["machine"]["cores"]


def test_an_unknown_name_is_wrong_use():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nosuch"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "invalid choice" in done.stderr


@pytest.mark.browser
def test_discovery(tmp_path):
    with discovery.binderhub(tmp_path / "binderhub") as url:
        made = discovery.compare({"BinderHub": url}, 1)
    assert set(made["answers"].values()) == {"binderhub"}
    assert made["results"].keys() == made["answers"].keys()
    assert len(made["ratios"]) == 3
    # the delay is there, once for the request and once more for a connection; not for a memory
    least = {label: row["min"] for label, row in made["results"].items()}
    for how in ("ours", "one by one"):
        assert least[f"BinderHub, connected: {how}"] > 0.9 * discovery.ROUND_TRIP
        assert least[f"BinderHub, first contact: {how}"] > 1.8 * discovery.ROUND_TRIP
    assert least["BinderHub, next page: ours"] < discovery.ROUND_TRIP
    assert least["BinderHub, next page: one by one"] > 0.9 * discovery.ROUND_TRIP


def test_the_books_differ_by_the_control_only():
    with_it, without = (book._sphinx_book(with_control=each) for each in (True, False))
    assert len(with_it) > 40
    assert {name for name in with_it if with_it[name] != without[name]} == {"conf.py"}
    assert with_it["conf.py"].replace(", 'hubroam.book.sphinx'", "") == without["conf.py"]
    with_it, without = (book._myst_book(Path("x"), with_control=each) for each in (True, False))
    assert len(with_it) > 40
    assert {name for name in with_it if with_it[name] != without[name]} == {"myst.yml"}
    line = f"  plugins: [{book.PLUGIN}]\n"
    assert with_it["myst.yml"].replace(line, "") == without["myst.yml"]


def test_an_unknown_recipe_is_wrong_use(capsys):
    with pytest.raises(SystemExit) as ended:
        benchmarks.__main__.main(["build", "--recipes", "numpy,nosuch"])
    assert ended.value.code == 2
    assert "build has no recipe nosuch" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        benchmarks.__main__.main(["book", "--recipes", "numpy"])


@pytest.mark.registry
def test_builds(tmp_path, monkeypatch):
    """Every way of a recipe's build is really gone, and compared with its peer."""
    monkeypatch.setattr(build, "RECIPES", {"small": ["six"]})
    made = build.run(1)
    assert len(made["results"]) == 7
    assert all(row["min"] > 0 for row in made["results"].values())
    assert made["ratios"].keys() == {
        "small: cold, pip / hubroam",
        "small: warm, pip / hubroam",
        "small: warm, same day, pip / hubroam",
        "small: cold, uv / hubroam",
    }
