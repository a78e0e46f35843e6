"""Lock files of conda's world: ``pixi.lock`` and ``conda-lock.yml``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import rattler
import yaml
from rattler.lock import LockFile
from rattler.package import BuildString

from hubroam.errors import RecipeError
from hubroam.recipes.conda import subdir

# name-version-build, then the ending: https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html
_FILE = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)-(?P<build>[^-]+)\.(?:conda|tar\.bz2)")


def read_lock(path: Path) -> tuple[list[rattler.RepoDataRecord], list[str]]:
    """Read a lock file.

    Args:
        path: ``pixi.lock``, conda-lock's, or an explicit list of conda's (``.txt``).

    Returns:
        The conda packages for this machine, and requirements for pip, each with its address.
        None at all where it is for other platforms.

    Raises:
        RecipeError: It is none.
    """
    if path.suffix == ".txt":
        return _read_explicit(path), []
    read = _read_pixi if path.name == "pixi.lock" else _read_conda_lock
    return read(path)


def _read_pixi(path: Path) -> tuple[list[rattler.RepoDataRecord], list[str]]:
    environment = LockFile.from_path(path).default_environment()
    platforms = environment.platforms() if environment else []
    platform = next((each for each in platforms if each.name == subdir()), None)
    if environment is None or platform is None:
        return [], []
    records = environment.conda_repodata_records_for_platform(platform) or []
    pip = environment.pypi_packages_for_platform(platform) or []
    return records, [f"{each.name} @ {each.location}" for each in pip]


def _read_conda_lock(path: Path) -> tuple[list[rattler.RepoDataRecord], list[str]]:
    """conda-lock's file, version 1: https://conda.github.io/conda-lock/."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (safe ones)
    packages = document.get("package") if isinstance(document, dict) else None
    if not isinstance(packages, list):
        raise RecipeError(
            f"{path.name} is no lock file of conda-lock.", next_step="Run: conda-lock"
        )
    records, pip = [], []
    for each in packages:
        if each.get("platform") != subdir() or each.get("category", "main") != "main":
            continue
        if each.get("manager") == "pip":
            digest = each.get("hash", {}).get("sha256")
            pip.append(f"{each['name']} @ {each['url']}" + (f"#sha256={digest}" if digest else ""))
        else:
            records.append(_record(each))
    return records, pip


def _read_explicit(path: Path) -> list[rattler.RepoDataRecord]:
    """Conda's explicit list: an address a line, with ``#`` and its MD5 or SHA-256."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    if "@EXPLICIT" not in lines:
        raise RecipeError(f"{path.name} is no explicit list of conda's.", next_step="Copy it anew.")
    records = []
    for line in lines:
        if not line or line.startswith(("#", "@")):
            continue
        url, _, digest = line.partition("#")
        kind = "sha256" if digest.startswith("sha256:") or len(digest) == 64 else "md5"
        found = _FILE.fullmatch(url.rsplit("/", 1)[-1])
        if found is None:
            raise RecipeError(f"{url} is no conda package.", next_step="Copy the list anew.")
        hashes = {kind: digest.removeprefix("sha256:")} if digest else {}
        names = {"name": found["name"], "version": found["version"]}
        records.append(_record({**names, "url": url, "hash": hashes}))
    return records


def _record(package: dict[str, Any]) -> rattler.RepoDataRecord:
    url = str(package["url"])
    channel, platform, file = url.rsplit("/", 2)
    found = _FILE.fullmatch(file)
    if found is None:
        raise RecipeError(f"{url} is no conda package.", next_step="Run: conda-lock")
    digests = {name: bytes.fromhex(text) for name, text in package.get("hash", {}).items()}
    record = rattler.PackageRecord(
        name=str(package["name"]),
        version=str(package["version"]),
        build=BuildString(found["build"]),
        build_number=0,
        subdir=platform,
        noarch="python" if platform == "noarch" else None,
        depends=[f"{name} {spec}" for name, spec in package.get("dependencies", {}).items()],
        md5=digests.get("md5"),
        sha256=digests.get("sha256"),
    )
    return rattler.RepoDataRecord(record, file, url, channel)
