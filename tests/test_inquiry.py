"""What to ask, and what the answers mean: the shared vectors."""

from __future__ import annotations

import pytest

from hubroam.inquiry import Answer, Inquiry
from support.vectors import vectors


def answer(vector, url):
    given = vector["input"]["answers"].get(url)
    if given is None:
        return Answer(vector["input"]["otherwise"])
    if "json" in given:
        return Answer("json", given["json"], given.get("url", url))
    if "image" in given:
        return Answer("image", given["image"])
    return Answer(given["outcome"])


def inquire(vector):
    """The result; where an order is given, only at its last answer."""
    inquiry = Inquiry(vector["input"]["text"])
    probes = {probe.url: probe for probe in inquiry.probes}
    assert vector["input"]["answers"].keys() <= probes.keys()
    order = vector["input"].get("order")
    for number, url in enumerate(order or probes, 1):
        found = inquiry.add(probes[url], answer(vector, url))
        if found:
            assert order is None or number == len(order)
            return found
    assert order is None
    return inquiry.conclude()


@pytest.mark.parametrize("vector", vectors("discovery", "inquire"))
def test_answers(vector):
    found = inquire(vector)
    assert {
        "url": found.url,
        "kind": found.kind,
        "version": found.version,
        "name": found.name,
        "found_by": found.found_by,
        "launch": [way.url_template for way in found.launch],
        "problem": found.problem.code if found.problem else None,
    } == vector["expected"]


def test_what_is_open_at_the_end_was_too_slow():
    assert Inquiry("hub.example.org").conclude().problem.code == "hub-too-slow"
