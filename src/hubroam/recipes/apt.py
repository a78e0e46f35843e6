"""``apt.txt``: packages of Debian or Ubuntu."""

from __future__ import annotations

import re

from hubroam.errors import RecipeError
from hubroam.recipes.files import Files
from hubroam.recipes.requirements import read_text

_NAME = re.compile(r"[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?(=[\w.+:~-]+)?")


def read_apt(files: Files, path: str) -> tuple[str, ...]:
    """The packages that it names, in its order; apt would take options for packages as well.

    Args:
        files: The repository.
        path: The file.

    Raises:
        RecipeError: A word is no name; the message has the line.
    """
    packages = []
    for number, line in enumerate(read_text(files, path).splitlines(), 1):
        for word in line.split("#", 1)[0].split():
            if not _NAME.fullmatch(word):
                raise RecipeError(
                    f"{path}, line {number} is not the name of a package: {word[:80]}",
                    next_step="Write one package a line.",
                )
            packages.append(word)
    return tuple(packages)
