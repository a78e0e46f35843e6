"""What asks for R, and for which.

The rules are repo2docker's (``buildpacks/r.py``, and ``runtime`` of ``buildpacks/base.py``): a
``runtime.txt`` that names R and a day, or a ``DESCRIPTION`` at the root of a repository without
``binder/``.  An ``install.R`` alone does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from hubroam.errors import RecipeError
from hubroam.recipes.files import Files
from hubroam.recipes.recipe import UseR
from hubroam.recipes.requirements import read_text

_RUNTIME = re.compile(r"r(?:-(?P<version>[^-]+))??(?:-(?P<date>[^-]+-[^-]+-[^-]+))?")
_VERSION = re.compile(r"\d+\.\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_PACKAGE = re.compile(r"(?:.*::)?r-")
_NEXT_STEP = "Write R's version and a day, such as r-4.2-2023-05-01: CRAN is used as it was then."


def read_r(files: Files, runtime: str | None, description: str | None) -> UseR | None:
    """Which R a recipe asks for.

    Args:
        files: The repository.
        runtime: Its ``runtime.txt``, where there is one.
        description: A ``DESCRIPTION`` that counts.

    Returns:
        None where it asks for none.

    Raises:
        RecipeError: ``runtime.txt`` names R in a way that cannot be read.
    """
    text = read_text(files, runtime).strip() if runtime else ""
    match = _RUNTIME.fullmatch(text)
    if match is None or not runtime:
        return UseR(description) if description else None
    version, day = match["version"], match["date"]
    if version and not _VERSION.fullmatch(version):
        raise RecipeError(
            f"{runtime} asks for R {version[:40]}, which is no version.", next_step=_NEXT_STEP
        )
    if day and not _is_day(day):
        raise RecipeError(
            f"{runtime} asks for R's packages of {day[:40]}, which is no day.",
            next_step=_NEXT_STEP,
        )
    if not day and not (version and description):
        raise RecipeError(f"{runtime} asks for R and names no day.", next_step=_NEXT_STEP)
    return UseR(runtime, version, day)


def brings_r(packages: Sequence[str]) -> bool:
    """Whether packages of conda's bring R: repo2docker goes by their names, and so do we."""
    return any(_PACKAGE.match(each) for each in packages)


def _is_day(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False
