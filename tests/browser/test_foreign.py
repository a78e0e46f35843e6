"""Pages of books whose authors did nothing, opened on the reader's hub: in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from hubroam.resources import web_module
from support.vectors import vectors

pytestmark = pytest.mark.browser

NewPage = Callable[..., Page]
MODULE = "https://book.example/foreign.js"
READ = """async ({ url, html, documents = {} }) => {
  const { readForeignPage, formatSpec } = await import("/foreign.js");
  const page = new DOMParser().parseFromString(html, "text/html");
  const found = await readForeignPage(page, url, async (asked) => documents[asked] ?? null);
  if (!found) return null;
  const { spec, content, ...rest } = found;
  return { ...rest, spec: formatSpec(spec), ...(content && { content: formatSpec(content) }) };
}"""


def test_every_vector(new_page: NewPage) -> None:
    def answer(route: Route) -> None:
        if route.request.url == MODULE:
            # the module's own text, and a function of one that it is joined with
            text = web_module("foreign.js").decode() + "\nexport { formatSpec };"
            route.fulfill(body=text, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>x</title>", content_type="text/html")

    page = new_page()
    page.route("https://book.example/**", answer)
    page.goto("https://book.example/")
    wrong: dict[str, Any] = {}
    for (vector,) in (each.values for each in vectors("foreign-pages")):
        found = page.evaluate(READ, vector["input"])
        if found != vector["expected"]:
            wrong[vector["name"]] = found
    assert wrong == {}
