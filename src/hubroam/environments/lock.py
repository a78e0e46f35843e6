"""The lock file: what was really installed (PEP 751)."""

from __future__ import annotations

from pathlib import Path

from hubroam.environments.commands import Log
from hubroam.environments.uv import Uv


async def write_lock(uv: Uv, python: str, target: Path, log: Log) -> list[str]:
    """Write ``pylock.toml`` into a build's folder, with versions and hashes.

    What is written is what the environment holds after everything, ``postBuild`` too, and not
    what was asked for.

    Args:
        uv: How uv is called.
        python: The environment's interpreter.
        target: The build's folder.
        log: Takes lines for people.

    Returns:
        Packages that came from the repository itself, which no index has: the lock does not name
        them, the environment's digest does.
    """
    lines: list[str] = []
    await uv("pip", "freeze", "--no-config", "--python", python, folder=target, log=lines.append)
    packages, local = [], []
    for line in lines:
        if " @ file:" in line or line.startswith("-e "):
            local.append(line.split(" @ ")[0].removeprefix("-e "))
        elif "==" in line or " @ " in line:
            packages.append(line)
    frozen = target / "home" / "frozen.txt"
    frozen.write_text("\n".join(packages) + "\n", encoding="utf-8")
    lock = target / "pylock.toml"
    options = ["--no-deps", "--no-config", "--quiet", "--format", "pylock.toml", "--no-header"]
    await uv(
        *("pip", "compile", *options, "--python", python, "--output-file", str(lock)),
        str(frozen),
        folder=target,
        log=log,
    )
    return local
