"""What published pages tell of their repositories: the shared vectors, read by both languages."""

from __future__ import annotations

from typing import Any

import pytest

from hubroam.book.foreign import page_elements
from hubroam.book.published import Found, read_page
from support.vectors import vectors


def shown(found: Found | None) -> dict[str, Any] | None:
    if found is None:
        return None
    launch = found.launch
    places = {
        name: getattr(launch, name) for name in ("labpath", "filepath", "urlpath", "env_path")
    }
    return {
        "spec": str(launch.spec),
        **({"content": str(launch.content)} if launch.content else {}),
        **{name: value for name, value in places.items() if value},
        "found_by": found.found_by,
        "lacks": list(found.lacks),
    }


@pytest.mark.parametrize("vector", vectors("foreign-pages"))
async def test_vector(vector: dict[str, Any]) -> None:
    given = vector["input"]
    documents = given.get("documents", {})

    async def ask(url: str) -> Any:
        return documents.get(url)

    found = await read_page(given["url"], page_elements(given["html"].encode()), ask)
    assert shown(found) == vector["expected"]
