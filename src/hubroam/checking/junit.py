"""A report as JUnit's XML, which continuous integration shows beside its other tests."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from hubroam.checking.report import Finding, PageReport, Report

# What XML 1.0 has no way to write.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(report: Report, name: str) -> bytes:
    """Write a report: one test case a page, and one a fault that is not a page's.

    Args:
        report: The report.
        name: The book's name, which becomes the test suite's.

    Returns:
        An XML document, in UTF-8.
    """
    faults = [finding for finding in report.findings if finding.severity == "fault"]
    failed = sum(not page.ok for page in report.pages)
    counts = {
        "tests": str(len(report.pages) + len(faults)),
        "failures": str(failed),
        "errors": str(len(faults)),
        "skipped": str(sum(page.skipped is not None for page in report.pages)),
        "time": f"{report.seconds:.3f}",
    }
    suites = ElementTree.Element("testsuites", {"name": "hubroam check", **counts})
    suite = ElementTree.SubElement(suites, "testsuite", {"name": _clean(name), **counts})
    for page in report.pages:
        _add_page(suite, page, name)
    for fault in faults:
        _add_fault(suite, fault, name)
    ElementTree.indent(suites)
    document: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return document


def _add_page(suite: ElementTree.Element, page: PageReport, name: str) -> None:
    facts = {"classname": name, "name": page.path, "time": f"{page.seconds:.3f}"}
    case = ElementTree.SubElement(suite, "testcase", {k: _clean(v) for k, v in facts.items()})
    if page.skipped is not None:
        ElementTree.SubElement(case, "skipped", {"message": _clean(page.skipped)})
    if page.error is None:
        return
    where = f"cell {page.error.cell}: " if page.error.cell is not None else ""
    failure = ElementTree.SubElement(
        case, "failure", {"message": _clean(where + page.error.message), "type": "page"}
    )
    failure.text = _clean("\n".join(filter(None, [page.error.traceback, page.error.next_step])))


def _add_fault(suite: ElementTree.Element, fault: Finding, name: str) -> None:
    facts = {"classname": name, "name": f"{fault.code} {fault.path or ''}".strip(), "time": "0"}
    case = ElementTree.SubElement(suite, "testcase", {k: _clean(v) for k, v in facts.items()})
    error = ElementTree.SubElement(
        case, "error", {"message": _clean(fault.message), "type": _clean(fault.code)}
    )
    error.text = _clean(fault.remedy)


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
