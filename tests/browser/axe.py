"""axe-core, from npm, in a page of the browser tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from support.node import install_packages

_FOLDER = Path(__file__).parents[1] / "axe"
#: WCAG 2.2 AA and what it contains, and axe's own best practices.
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """async tags => {
  const { violations, passes, incomplete } = await axe.run(document, {
    runOnly: tags, rules: { "target-size": { enabled: true } },
  });
  return [
    violations.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) =>
      `${html} ${failureSummary}`)]),
    passes.map(({ id }) => id),
    incomplete.filter(({ id }) => id === "color-contrast").flatMap(({ nodes }) => nodes)
      // it does not look behind ::before; what stands there is measured by a test of its own
      .filter(({ any }) => !any.some(({ data }) => data?.messageKey === "pseudoContent"))
      .map(({ html, any }) => `${html} ${any.map(({ message }) => message)}`),
  ];
}"""


@cache
def _script() -> str:
    install_packages(_FOLDER)
    return (_FOLDER / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def check(page: Page) -> list[str]:
    """Put the page, as it is now, to axe's rules.

    Returns:
        The rules that it passed; each is one that could have failed.

    Raises:
        AssertionError: It breaks some.
    """
    if not page.evaluate("'axe' in globalThis"):
        page.evaluate(_script())
    violations, passes, unclear = page.evaluate(_RUN, _TAGS)
    assert violations == []
    assert "color-contrast" in passes
    assert unclear == []
    return list(passes)
