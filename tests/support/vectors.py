"""The vectors of ``protocol/``, which the Python and the JavaScript tests both read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

_FOLDER = Path(__file__).parents[2] / "protocol"


def vectors(name: str, function: str | None = None) -> list[Any]:
    """The vectors of a file as pytest parameters, each under its name.

    Args:
        name: The file's name, without its ending.
        function: Only those for this function.
    """
    every = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))["vectors"]
    names = [vector["name"] for vector in every]
    assert len(names) == len(set(names)), "two vectors have one name"
    chosen = [each for each in every if function is None or each["function"] == function]
    assert chosen
    return [pytest.param(vector, id=vector["name"]) for vector in chosen]
