"""What the author should know of a page's code, and of what it did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hubroam.checking.code import CodeFacts
from hubroam.checking.report import Finding, PageReport

# Of what is told once for a page, this many examples.
_EXAMPLES = 3


def code_findings(path: str, facts: CodeFacts) -> Iterable[Finding]:
    """Absolute paths, and packages that are installed while the page runs."""
    for use in facts.paths:
        yield Finding(
            "absolute-path",
            "warning",
            f"{path}, cell {use.cell} names {use.text}, which is on the author's machine only.",
            "Put the file into the repository, and name it from the page's own folder.",
            path,
            use.line,
        )
    for use in facts.installs:
        yield Finding(
            "installs-packages",
            "warning",
            f"{path}, cell {use.cell} installs packages while it runs: {use.text}",
            "Name them in the recipe: they are there when the session opens, and the same for all.",
            path,
            use.line,
        )


def network_findings(
    reports: Mapping[str, PageReport], code: Mapping[str, CodeFacts]
) -> Iterable[Finding]:
    """One a page: what its code fetches, and whom its kernel really asked for."""
    for path, report in reports.items():
        fetches = code[path].fetches if path in code else []
        if not fetches and not report.hosts:
            continue
        read = list(dict.fromkeys(use.text for use in fetches))
        named = [f"{text[:120]}" for text in read[:_EXAMPLES]]
        more = f" and {len(read) - len(named)} more" if len(read) > len(named) else ""
        written = f"its code fetches {', '.join(named)}{more}" if named else ""
        asked = f"it asked for {', '.join(report.hosts[:_EXAMPLES])}" if report.hosts else ""
        yield Finding(
            "network",
            "info",
            f"{path} needs the network: {'; '.join(filter(None, [written, asked]))}.",
            "Put small data into the repository; not every hub lets sessions reach the network.",
            path,
            fetches[0].line if fetches else None,
        )
