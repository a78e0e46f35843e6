"""Which project of the Python index a conda package is: lists that others maintain, read here.

Two forms are read. The list of conda-forge's own bot, which makes it from recipes whose source is
the index (https://github.com/regro/cf-graph-countyfair), comes in the wheel of `conda-pypi` and is
the default. pixi's (https://github.com/prefix-dev/parselmouth), made hourly from what conda's
packages hold, knows more names and says of programs that they are none; an operator gives its
address, or a file.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

import httpx
from packaging.utils import canonicalize_name
from platformdirs import user_cache_path

#: conda's names, and the projects that each may be; none for what is no Python package.
Names = Mapping[str, tuple[str, ...]]

_SHIPPED = ("conda-pypi", "conda_pypi/grayskull_pypi_mapping.json")
_FRESH = 24 * 3600  # seconds
_LIMIT = 20 * 2**20  # bytes
_TIMEOUT = 30.0  # seconds
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
# What a bot took for a name: the digest in the address of a file.
_DIGEST = re.compile(r"[0-9a-f]{32,}")


class NotSure(Exception):
    """Conda has to build it; the text says why, as the end of "environment.yml: …"."""


async def load_names(setting: str) -> Names:
    """Read the list.

    Args:
        setting: A file, or an address; empty for the list that `conda-pypi` brings. An address may
            end in ``#sha256=…``, and must where it is no ``https``.

    Raises:
        NotSure: It cannot be had, or is none.
    """
    if not setting:
        path = _shipped()
    elif setting.partition("://")[0] in ("http", "https"):
        path = await _fetched(setting)
    else:
        path = Path(setting)
    try:
        return await asyncio.to_thread(_read, path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as error:
        raise NotSure(
            f"the list of PyPI's names ({setting or path}) cannot be read ({error})"
        ) from None


def _shipped() -> Path:
    package, file = _SHIPPED
    try:
        # the package is not imported: its list is what is wanted
        return Path(str(distribution(package).locate_file(file)))
    except PackageNotFoundError:
        raise NotSure(
            f"no list of PyPI's names is here (pip install {package}, or set pypi_mapping)"
        ) from None


async def _fetched(setting: str) -> Path:
    """The copy of a list that has an address; a day old at most where the address answers."""
    url, wanted = urldefrag(setting)
    if urlsplit(url).scheme != "https" and not wanted.startswith("sha256="):
        raise NotSure("the list of PyPI's names has neither an https address nor a #sha256=")
    kept = user_cache_path("hubroam") / f"names-{hashlib.sha256(setting.encode()).hexdigest()}.json"
    if kept.exists() and time.time() - kept.stat().st_mtime < _FRESH:
        return kept
    try:
        text = await _download(url)
        if wanted and f"sha256={hashlib.sha256(text).hexdigest()}" != wanted:
            raise ValueError("its checksum is another")
        _parse(json.loads(text))
    except (httpx.HTTPError, ValueError) as error:
        if kept.exists():
            return kept
        raise NotSure(f"the list of PyPI's names at {url} cannot be had ({error})") from None
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(f".{time.monotonic_ns()}")
    part.write_bytes(text)
    part.replace(kept)
    return kept


async def _download(url: str) -> bytes:
    text = b""
    async with (
        httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=True) as client,
        client.stream("GET", url) as answer,
    ):
        answer.raise_for_status()
        async for part in answer.aiter_bytes():
            text += part
            if len(text) > _LIMIT:
                raise ValueError(f"it has more than {_LIMIT >> 20} MB")
    return text


@lru_cache(maxsize=1)
def _read(path: Path, changed: int) -> Names:
    """Read a file; ``changed`` makes a new one of it a new answer."""
    return _parse(json.loads(path.read_bytes()))


def _parse(document: Any) -> Names:
    """Either form, as `Names`.

    Raises:
        ValueError: It is neither.
    """
    if not isinstance(document, dict) or not document:
        raise ValueError("it is no list of names")
    found: dict[str, set[str]] = {}
    for key, value in document.items():
        if isinstance(value, dict):  # the bot's: the index's names, and what each is with conda
            _add(found, value.get("conda_name"), [value.get("pypi_name", key)])
        else:  # pixi's: conda's names, and what each holds
            _add(found, key, [value] if isinstance(value, str) else value or [])
    return {name: tuple(sorted(projects)) for name, projects in found.items()}


def _add(found: dict[str, set[str]], conda: Any, projects: Any) -> None:
    names = [conda, *projects] if isinstance(projects, list) else [None]
    if not all(isinstance(name, str) and _NAME.fullmatch(name.lstrip("_")) for name in names):
        raise ValueError(f"{str(conda)[:40]} is no name, or not one of a name")
    known = found.setdefault(conda.lower(), set())
    known |= {canonicalize_name(name) for name in projects if not _DIGEST.fullmatch(name)}
