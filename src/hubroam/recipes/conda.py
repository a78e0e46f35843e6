"""``environment.yml`` and lock files of conda's world: read, and checked before any work.

What is read is what conda reads: https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html,
and the selectors in comments that conda-lock reads beside it.
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import yaml

from hubroam.errors import RecipeError
from hubroam.recipes.files import Files
from hubroam.recipes.recipe import InstallConda
from hubroam.recipes.requirements import Needs, read_lines, read_text

_CHANNEL = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*")
_SELECTOR = re.compile(r"#\s*\[([^\]]*)\]\s*$")
_NEXT_STEP = "See conda's documentation of environment files."
_NODEFAULTS = "nodefaults"


def read_environment(files: Files, path: str) -> tuple[InstallConda, Needs]:
    """Read an ``environment.yml``.

    Args:
        files: The repository.
        path: The file.

    Returns:
        What to install, and what the ``pip:`` section asks for beside packages of the index.

    Raises:
        RecipeError: The file cannot be read, or names something outside of the repository.
    """
    text = "\n".join(_of_this_platform(read_text(files, path)))
    document = load_yaml(text, path)
    if document is None:
        document = {}
    if not isinstance(document, dict):
        raise RecipeError(f"{path} holds no environment.", next_step=_NEXT_STEP)
    packages, pip = _dependencies(document.get("dependencies"), _at(path, text, "dependencies"))
    channels = check_channels(document.get("channels"), _at(path, text, "channels"))
    needs = read_lines(files, path, pip)
    return (
        InstallConda(
            path,
            channels,
            packages,
            pip,
            variables=_variables(document, _at(path, text, "variables")),
        ),
        needs,
    )


def load_yaml(text: str, path: str) -> Any:
    """Read YAML.

    Raises:
        RecipeError: It is none; the message names the line.
    """
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None)
        why = f": {problem}" if problem and problem.isprintable() else ""
        raise RecipeError(
            f"{path}{line} is not YAML{why}.",
            next_step="Correct the line, or the one before it; mind the blanks at its beginning.",
        ) from None


def _at(path: str, text: str, key: str) -> str:
    """The place where a key of the file stands, for messages."""
    lines = text.splitlines()
    found = next((n for n, line in enumerate(lines, 1) if line.startswith(f"{key}:")), None)
    return f"{path}, line {found}" if found else path


def subdir() -> str:
    """What conda calls this machine's platform, such as ``linux-64``."""
    system = {"linux": "linux", "darwin": "osx", "win32": "win"}[sys.platform]
    machine = platform.machine().lower()
    names = {"x86_64": "64", "amd64": "64", "arm64": "arm64" if system != "linux" else "aarch64"}
    return f"{system}-{names.get(machine, machine)}"


def _selects(condition: str) -> bool:
    """Whether a selector such as ``linux``, ``not win`` or ``osx and arm64`` is true here."""
    here = subdir()
    system, _, machine = here.partition("-")
    true = {system, here.replace("-", ""), machine, "unix" if system != "win" else "win"}
    true |= {{"64": "x86_64"}.get(machine, machine)}

    def word(text: str) -> bool:
        name = text.strip().removeprefix("not ").strip()
        return (name in true) != text.strip().startswith("not ")

    return any(all(map(word, part.split(" and "))) for part in condition.split(" or "))


def _of_this_platform(text: str) -> Iterator[str]:
    """The lines; those for other platforms are empty, so that line numbers stay."""
    for line in text.splitlines():
        found = _SELECTOR.search(line)
        yield line if found is None or _selects(found[1]) else ""


def check_channels(value: object, path: str) -> tuple[str, ...]:
    """The channels that a file names, in their order.

    ``nodefaults`` says that there are no others, which is so here anyway.

    Raises:
        RecipeError: One is a path, or an address with a password in it.
    """
    if value is None:
        return ()
    if not isinstance(value, list):
        raise RecipeError(f"{path}: channels is not a list.", next_step=_NEXT_STEP)
    found = []
    for each in value:
        if not isinstance(each, str):
            raise RecipeError(f"{path}: a channel is not a name.", next_step=_NEXT_STEP)
        name = each.strip()
        if name == _NODEFAULTS:
            continue
        found.append(_channel(name, path))
    return tuple(dict.fromkeys(found))


def _channel(name: str, path: str) -> str:
    if _CHANNEL.fullmatch(name) and ".." not in name.split("/"):
        return name
    parts = urlsplit(name)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RecipeError(
            f"{path}: {name[:80]} is no channel that a hub reads.",
            next_step="Name a channel such as conda-forge, or its https address.",
        )
    if parts.username or parts.password or "/t/" in parts.path:
        raise RecipeError(
            f"{path}: a channel's address holds a password or a token.",
            next_step="Take it out, and change it where it is used: whoever reads the repository "
            "has it. The hub's operator can give the hub one of its own.",
        )
    return name.rstrip("/")


def _dependencies(value: object, path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Conda's packages, and pip's."""
    if value is None:
        return (), ()
    if not isinstance(value, list):
        raise RecipeError(f"{path}: dependencies is not a list.", next_step=_NEXT_STEP)
    packages: list[str] = []
    pip: list[str] = []
    for each in value:
        if isinstance(each, str) and each.strip():
            packages.append(" ".join(each.split()))
        elif isinstance(each, dict) and set(each) == {"pip"}:
            lines = each["pip"] or []
            if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
                raise RecipeError(f"{path}: pip is not a list of packages.", next_step=_NEXT_STEP)
            pip += [line.strip() for line in lines if line.strip()]
        elif each is not None:
            raise RecipeError(
                f"{path}: {str(each)[:60]} is not a package.",
                next_step="Write one package a line, such as numpy=2.1, in quotes if need be.",
            )
    return tuple(packages), tuple(pip)


def _variables(document: dict[str, Any], path: str) -> tuple[tuple[str, str], ...]:
    """The environment variables that the file sets for the session."""
    value = document.get("variables")
    if value is None:
        return ()
    plain = str | int | float
    if not isinstance(value, dict) or not all(
        isinstance(name, str) and re.fullmatch(r"[A-Za-z_]\w*", name) and isinstance(text, plain)
        for name, text in value.items()
    ):
        raise RecipeError(
            f"{path}: variables is not a list of names and texts.", next_step=_NEXT_STEP
        )
    return tuple(sorted((name, str(text)) for name, text in value.items()))
