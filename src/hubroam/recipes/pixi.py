"""``pixi.toml``: the default environment of a pixi workspace.

Its form: https://pixi.sh/latest/reference/pixi_manifest/
"""

from __future__ import annotations

from typing import Any

from hubroam.errors import RecipeError
from hubroam.recipes.conda import check_channels, subdir
from hubroam.recipes.recipe import InstallConda

_NEXT_STEP = "See pixi's documentation of its manifest."


def read_pixi(document: dict[str, Any], path: str, *, lock: str | None) -> InstallConda:
    """Read a workspace.

    Args:
        document: The manifest, or ``tool.pixi`` of a ``pyproject.toml``.
        path: The file, for messages.
        lock: ``pixi.lock`` beside it.

    Raises:
        RecipeError: It is none.
    """
    workspace = _table(document, "workspace", path) or _table(document, "project", path)
    channels = workspace.get("channels")
    if isinstance(channels, list):
        channels = [each.get("channel") if isinstance(each, dict) else each for each in channels]
    here = subdir()
    targets = _table(document, "target", path)
    tables = [document, *(targets.get(name, {}) for name in (here.split("-")[0], "unix", here))]
    packages: dict[str, str] = {}
    pip: dict[str, str] = {}
    variables: dict[str, str] = {}
    for table in tables:
        if not isinstance(table, dict):
            continue
        for name, value in _table(table, "dependencies", path).items():
            packages[name] = _package(name, value, path)
        for name, value in _table(table, "pypi-dependencies", path).items():
            pip[name] = _requirement(name, value, path)
        activation = _table(table, "activation", path)
        variables |= {k: str(v) for k, v in _table(activation, "env", path).items()}
    return InstallConda(
        path,
        check_channels(channels, path),
        tuple(packages.values()),
        tuple(pip.values()),
        lock=lock,
        variables=tuple(sorted(variables.items())),
    )


def _table(document: dict[str, Any], name: str, path: str) -> dict[str, Any]:
    value = document.get(name, {})
    if not isinstance(value, dict):
        raise RecipeError(f"{path}: {name} is not a table.", next_step=_NEXT_STEP)
    return value


def _package(name: str, value: object, path: str) -> str:
    """A package as conda writes it."""
    if isinstance(value, str):
        return name if value in ("*", "") else f"{name} {value}"
    if not isinstance(value, dict) or "path" in value or "git" in value or "url" in value:
        raise RecipeError(
            f"{path}: {name} is not a package of a channel.",
            next_step="Name a version of it; a hub builds no conda packages.",
        )
    version, build, channel = (value.get(key) for key in ("version", "build", "channel"))
    text = " ".join(str(part) for part in (name, version or "*", build) if part)
    return f"{channel}::{text}" if channel else text


def _requirement(name: str, value: object, path: str) -> str:
    """A line as in a requirements file."""
    if isinstance(value, str):
        return name if value in ("*", "") else f"{name}{_specifier(value)}"
    if not isinstance(value, dict):
        raise RecipeError(f"{path}: {name} is not a requirement.", next_step=_NEXT_STEP)
    extras = f"[{','.join(value['extras'])}]" if isinstance(value.get("extras"), list) else ""
    if "git" in value:
        ref = next((str(value[key]) for key in ("rev", "tag", "branch") if key in value), "")
        return f"{name}{extras} @ git+{value['git']}" + (f"@{ref}" if ref else "")
    if "url" in value:
        return f"{name}{extras} @ {value['url']}"
    if "path" in value:
        return f"{'-e ' if value.get('editable') else ''}{_local(str(value['path']))}{extras}"
    version = str(value.get("version", "*"))
    return f"{name}{extras}" if version == "*" else f"{name}{extras}{_specifier(version)}"


def _specifier(version: str) -> str:
    return version if version[0] in "<>=!~" else f"=={version}"


def _local(path: str) -> str:
    return path if path.startswith((".", "/")) else f"./{path}"
