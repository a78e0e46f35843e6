"""The fast way for conda recipes: the Python index's packages in place of conda's.

`prefer` decides by names, before any work; `resolve` by what the index has, in the build.
"""

from __future__ import annotations

from dataclasses import replace

from hubroam.environments.counterparts.names import NotSure, load_names
from hubroam.environments.counterparts.resolving import resolve
from hubroam.environments.counterparts.translating import translate
from hubroam.environments.pythons import Interpreter, find_python
from hubroam.recipes import InstallConda, Recipe, RunPostBuild

__all__ = ["NotSure", "because", "prefer", "resolve"]


async def prefer(recipe: Recipe, names: str) -> tuple[Recipe, Interpreter | None, str]:
    """Have a recipe's conda packages come from the Python index, where they are surely the same.

    Args:
        recipe: A recipe with packages of conda.
        names: Where the list of names is: see `hubroam.environments.counterparts.names`.

    Returns:
        The recipe to build, and its Python; and words for the log. The recipe as it is, and None,
        where conda has to build it.
    """
    step = next(each for each in recipe.steps if isinstance(each, InstallConda))
    try:
        if not step.path.endswith((".yml", ".yaml")):
            raise NotSure("no more than an environment.yml is built from PyPI")
        if any(not isinstance(each, InstallConda | RunPostBuild) for each in recipe.steps):
            raise NotSure("the recipe installs more than its packages, which may need conda's")
        counterparts, python = translate(step, await load_names(names))
        interpreter = await find_python(python, download=False)
        if interpreter is None:
            raise NotSure(f"this machine has no Python {python}")
    except NotSure as reason:
        return recipe, None, because(step, reason)
    steps = tuple(counterparts if each is step else each for each in recipe.steps)
    return replace(recipe, steps=steps), interpreter, ""


def because(step: InstallConda, reason: NotSure) -> str:
    """Why conda builds a recipe, as a line of the log."""
    return f"{step.path}: {reason}, so conda builds it"
