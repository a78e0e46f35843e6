"""The report as JUnit's XML, by what its readers rely on."""

from __future__ import annotations

from xml.etree import ElementTree

from hubroam.checking import Finding, PageError, PageReport, Report, to_junit


def test_the_shape():
    report = Report(
        pages=[
            PageReport("a.ipynb", 1.25),
            PageReport("b.ipynb", 2, PageError("E: <&\x00\x1b", "Mend it.", 3, traceback="t\x08b")),
            PageReport("c.ipynb", skipped="as its author wishes"),
        ],
        findings=[
            Finding("page-not-there", "fault", "Lost.", "Add it.", "d.md"),
            Finding("network", "info", "Net.", "None."),
        ],
        seconds=3.5,
    )
    suites = ElementTree.fromstring(to_junit(report, "bo\x00ok"))
    assert suites.tag == "testsuites"
    (suite,) = suites
    assert suite.tag == "testsuite"
    counts = {"tests": "4", "failures": "1", "errors": "1", "skipped": "1", "time": "3.500"}
    assert suite.attrib.items() >= counts.items()
    assert suites.attrib.items() >= counts.items()
    assert suite.attrib["name"] == "bo\ufffdok"
    cases = list(suite)
    assert {case.tag for case in cases} == {"testcase"}
    assert [case.attrib["name"] for case in cases] == [
        "a.ipynb",
        "b.ipynb",
        "c.ipynb",
        "page-not-there d.md",
    ]
    assert all(case.attrib.keys() == {"classname", "name", "time"} for case in cases)
    assert [[child.tag for child in case] for case in cases] == [
        [],
        ["failure"],
        ["skipped"],
        ["error"],
    ]
    failure = cases[1][0]
    assert failure.attrib["message"] == "cell 3: E: <&\ufffd\ufffd"
    assert failure.text == "t\ufffdb\nMend it."
