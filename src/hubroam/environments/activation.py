"""What the activation of a conda environment sets.

Packages such as gdal or proj find their data by variables that their scripts in
``etc/conda/activate.d`` set. Sessions are not started by a shell, so what the scripts set is found
once, when the environment is built: https://docs.conda.io/projects/conda/en/stable/dev-guide/deep-dives/activation.html
"""

from __future__ import annotations

from pathlib import Path

from hubroam.environments.commands import Log, TimedOut, clean_environment, run
from hubroam.errors import BuildError

_SECONDS = 60
_NOT_OURS = {"PATH", "PWD", "OLDPWD", "SHLVL", "HOME", "_"}
_SCRIPT = """
env -0 > "$1"
for script in "$CONDA_PREFIX"/etc/conda/activate.d/*.sh; do
    [ -e "$script" ] && . "$script"
done
env -0 > "$2"
"""


async def activation_variables(prefix: Path, home: Path, log: Log) -> dict[str, str]:
    """The variables that a process in a conda environment has.

    Args:
        prefix: The environment.
        home: A folder for what this needs while it runs.
        log: Takes what the scripts say.

    Raises:
        BuildError: A script fails or does not end.
    """
    environment = clean_environment(home, build=prefix.parent, path=[prefix / "bin"])
    environment |= {"CONDA_PREFIX": str(prefix), "CONDA_DEFAULT_ENV": str(prefix)}
    before, after = home / "before", home / "after"
    try:
        status, _ = await run(
            ["bash", "-c", _SCRIPT, "activate", str(before), str(after)],
            folder=home,
            environment=environment,
            log=log,
            timeout=_SECONDS,
        )
    except TimedOut:
        status = -1
    if status or not after.exists():
        raise BuildError(
            "The environment was built, and cannot be activated.",
            next_step="See the log; a package's own script for that fails.",
        )
    was, now = _read(before), _read(after)
    changed = {name: value for name, value in now.items() if was.get(name) != value}
    return {
        "CONDA_PREFIX": str(prefix),
        "CONDA_DEFAULT_ENV": str(prefix),
        **{name: value for name, value in changed.items() if name not in _NOT_OURS},
    }


def _read(path: Path) -> dict[str, str]:
    text = path.read_bytes().decode(errors="replace")
    return dict(line.split("=", 1) for line in text.split("\0") if "=" in line)
