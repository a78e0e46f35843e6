from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.archives import Archives


@pytest.fixture
def archives() -> Iterator[Archives]:
    """All archives, on one port."""
    with Archives() as server:
        yield server
