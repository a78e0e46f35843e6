"""R's part of the lock: a file as renv writes it, so that R's own tools read it too.

https://rstudio.github.io/renv/articles/lockfile.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hubroam.errors import BuildError, LockUnavailable, RecipeError

if TYPE_CHECKING:
    from hubroam.environments.r.library import RLibrary

#: Beside ``pylock.toml``, where there is R.
RENV_LOCK = "renv.lock"

_FIELDS = ("RemoteType", "RemoteHost", "RemoteUsername", "RemoteRepo", "RemoteSha", "RemoteUrl")
_MARK = "package\t"
_LIST = """
fields <- commandArgs(TRUE)
found <- installed.packages(fields = c("Repository", fields))
found <- found[is.na(found[, "Priority"]) | found[, "Priority"] != "base", , drop = FALSE]
found <- found[!duplicated(found[, "Package"]), , drop = FALSE]
found[is.na(found)] <- ""
cat("package", paste(R.version$major, R.version$minor, sep = "."), "\\n", sep = "\\t")
for (row in seq_len(nrow(found)))
    cat("package", found[row, c("Package", "Version", "Repository", fields)], "\\n", sep = "\\t")
"""


async def write_r_lock(library: RLibrary, path: Path) -> None:
    """Write which packages R finds, in which versions, and where they come from.

    Args:
        library: The environment's R; those of the machine's that it finds are among them.
        path: Where.

    Raises:
        BuildError: R does not tell.
    """
    lines: list[str] = []
    status, _ = await library.call(_LIST, *_FIELDS, keep=lines)
    rows = [line.split("\t")[1:] for line in lines if line.startswith(_MARK)]
    if status or not rows:
        raise BuildError(
            "R does not say which packages it has.", next_step="Tell the people who run this hub."
        )
    (version, *_), *packages = rows
    document = {
        "R": {"Version": version, "Repositories": [{"Name": "CRAN", "URL": library.url}]},
        "Packages": {row[0]: _entry(row) for row in sorted(packages)},
    }
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _entry(row: list[str]) -> dict[str, Any]:
    name, version, repository, *rest = row
    remote = {field: value for field, value in zip(_FIELDS, rest, strict=False) if value}
    kind = remote.get("RemoteType", "standard")
    if repository and kind == "standard":
        return {
            "Package": name,
            "Version": version,
            "Source": "Repository",
            "Repository": "CRAN",
        }
    source = {"github": "GitHub", "gitlab": "GitLab", "git2r": "Git", "xgit": "Git"}
    return {"Package": name, "Version": version, "Source": source.get(kind, "Local"), **remote}


def read_r_lock(text: str, path: str) -> tuple[str, str, dict[str, str]]:
    """Read a lock.

    Args:
        text: What is in it.
        path: Where it is, for messages.

    Returns:
        R's version, where CRAN was, and each package's version.

    Raises:
        RecipeError: It is none.
    """
    try:
        document = json.loads(text)
        version, (repository, *_) = document["R"]["Version"], document["R"]["Repositories"]
        url = repository["URL"]
        packages = {name: each["Version"] for name, each in document["Packages"].items()}
        if not all(isinstance(each, str) for each in (version, url, *packages.values())):
            raise TypeError("a version is no text")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RecipeError(
            f"{path} is no lock of renv's with a repository and packages.",
            next_step="Use the renv.lock that a build has left.",
        ) from None
    if not url.startswith(("https://", "http://")):
        raise RecipeError(
            f"{path} has CRAN at a place that is no web address.",
            next_step="Use the renv.lock that a build has left.",
        )
    return version, url, packages


def check_r_lock(got: Path, wanted: Path) -> None:
    """See that an environment has what a lock says.

    Args:
        got: What `write_r_lock` has written.
        wanted: The lock.

    Raises:
        LockUnavailable: A package is not there, or is of another version.
        RecipeError: The lock is none.
    """
    *_, then = read_r_lock(wanted.read_text(encoding="utf-8", errors="replace"), wanted.name)
    *_, now = read_r_lock(got.read_text(encoding="utf-8"), got.name)
    for name, version in then.items():
        if now.get(name) != version:
            has = f"what was installed is {now[name]}" if name in now else "it was not installed"
            raise LockUnavailable(
                f"R's package {name} {version} of {wanted.name} cannot be had any more: {has}.",
                next_step="Build without --locked for what can be had today. Packages that are the "
                "machine's own are in the lock too.",
            )
