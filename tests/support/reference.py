"""The documentation's files, and what the reference says, read from its pages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[2] / "docs"


def sources(ending: str) -> list[Path]:
    """The documentation's files with an ending; what was built of them does not count."""
    return sorted(path for path in DOCS.rglob(f"*{ending}") if "_build" not in path.parts)


def section(page: str, title: str) -> str:
    """What stands below a heading of a page of the reference, up to the next one of its level."""
    text = (DOCS / "reference" / page).read_text()
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found, f"{page} has no section {title}"
    return found[1]


def rows(text: str) -> dict[str, str]:
    """The rows of the tables in a text: each name of the first cell, with the cells behind it."""
    found = re.findall(r"^\| (`[^|]*`) \| (.*) \|$", text, re.MULTILINE)
    return {name: rest for names, rest in found for name in words(names)}


def words(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


def json_example(page: str, title: str) -> Any:
    """The first JSON document in a section."""
    block = re.search(r"^```json\n(.*?)^```", section(page, title), re.M | re.S)
    assert block, f"{title} shows no JSON document"
    return json.loads(block[1])
