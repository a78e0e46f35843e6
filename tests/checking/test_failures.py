"""Kernels' words, old and new, as they are shown."""

from __future__ import annotations

from hubroam.checking.failures import cell_failed, kernel_did_not_start
from hubroam.checking.pages import Cell

CELL = Cell(2, 3, "def f():\n    return 1 / 0\n\nf()", 10, ())


def test_the_line_of_an_ipython_of_today():
    traceback = [
        "\x1b[31mZeroDivisionError\x1b[39m    Traceback (most recent call last)",
        "\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[3]\x1b[39m\x1b[32m, line 4\x1b[39m\n"
        "      2     return 1 / 0\n\x1b[32m----> 4\x1b[39m f()",
        "\x1b[36mCell In[3], line 2\x1b[39m, in \x1b[36mf\x1b[39m()\n----> 2 return 1 / 0",
    ]
    error = cell_failed(CELL, {"ename": "E", "evalue": "x\n\x1b[31my", "traceback": traceback})
    assert (error.cell, error.line, error.source) == (2, 13, "f()")
    assert error.message == "E: x y"
    assert "\x1b" not in error.traceback


def test_the_line_of_an_old_ipython():
    traceback = ["<ipython-input-1-2a5b> in <module>\n      1 def f():\n----> 4 f()\n"]
    assert cell_failed(CELL, {"ename": "E", "traceback": traceback}).line == 13


def test_a_line_that_is_not_known():
    error = cell_failed(CELL, {"ename": "E", "evalue": "", "traceback": []})
    assert (error.message, error.line, error.source) == ("E", 10, None)
    error = cell_failed(CELL, {"ename": "E", "traceback": ["Cell In[3], line 99"]})
    assert error.source is None


def test_a_module_that_is_missing():
    reply = {"ename": "ModuleNotFoundError", "evalue": "No module named 'a.b'", "traceback": []}
    assert cell_failed(CELL, reply).missing == "a"


def test_long_words_are_cut():
    error = cell_failed(CELL, {"ename": "E", "evalue": "x" * 10_000, "traceback": None})
    assert len(error.message) < 600


def test_a_kernel_that_says_nothing():
    error = kernel_did_not_start("ir", "", RuntimeError("Kernel died"))
    assert error.message == "The kernel ir did not start: Kernel died"
    assert error.traceback is None
