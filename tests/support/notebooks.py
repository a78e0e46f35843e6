"""Notebooks for the repositories of tests."""

from __future__ import annotations

import json


def notebook(*cells: str) -> str:
    """A notebook with these cells of code, for Python's kernel, as the file's text."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    document = {
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "execution_count": None,
                "metadata": {},
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document)
