"""What a ``Pipfile`` comes to, by pipenv."""

from __future__ import annotations

import re
from pathlib import Path

from hubroam.environments.commands import Log
from hubroam.environments.uv import Uv

# What pipenv prints of a lock file, among whatever else it has to say.
_REQUIREMENT = re.compile(
    r"-[ie] \S|--(extra-index-url|trusted-host|find-links) \S|\./|git\+"
    r"|[\w.-]+(\[[\w,.-]+\])?\s*(===?|@|;|$)"
)


async def export_pipfile(
    folder: Path, locked: bool, interpreter: str, uv: Uv, log: Log
) -> list[str]:
    """Have pipenv write its lock file as requirements; without a lock it resolves first.

    Args:
        folder: Where the Pipfile is.
        locked: Whether its lock file is there.
        interpreter: The Python that they are for.
        uv: How uv is called, which brings pipenv.
        log: Takes lines for people.

    Returns:
        The lines of a requirements file.

    Raises:
        BuildError: pipenv cannot do it.
    """
    pipenv = ["tool", "run", "--quiet", "--no-config", "--from", "pipenv", "--python", interpreter]
    environment = {
        "PIPENV_PIPFILE": str(folder / "Pipfile"),
        "PIPENV_IGNORE_VIRTUALENVS": "1",
        "PIPENV_VENV_IN_PROJECT": "1",
        "PIPENV_NOSPIN": "1",
        "PIPENV_YES": "1",
    }
    if not locked:
        log("Resolving the Pipfile")
        await uv(*pipenv, "pipenv", "lock", folder=folder, log=log, environment=environment)
    lines: list[str] = []
    await uv(
        *pipenv,
        *("pipenv", "requirements", "--dev", "--hash"),
        folder=folder,
        log=lines.append,
        environment=environment,
    )
    return [line for line in lines if _REQUIREMENT.match(line)]
