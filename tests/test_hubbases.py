"""Where a hub may be: the shared vectors."""

from __future__ import annotations

import pytest

from hubroam.errors import LinkError
from hubroam.hubbases import hub_bases
from support.vectors import vectors


@pytest.mark.parametrize("vector", vectors("discovery", "hub_bases"))
def test_bases(vector):
    if "expected" in vector:
        assert hub_bases(vector["input"]) == vector["expected"]
        return
    with pytest.raises(LinkError) as caught:
        hub_bases(vector["input"])
    assert "secret" not in caught.value.message
