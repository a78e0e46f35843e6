"""Short ways of saying what tests of this room say often."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hubroam.providers import Mirror, MirrorStore, ResolvedRef
from hubroam.providers.archives import (
    ArchiveProvider,
    CKANProvider,
    DataverseProvider,
    FigshareProvider,
    HydroShareProvider,
    SWHIDProvider,
    ZenodoProvider,
)
from hubroam.spec import BinderSpec
from support.archives import Archives


def zenodo(archives: Archives, **traits: Any) -> ZenodoProvider:
    return ZenodoProvider(doi_url=archives.base, hosts=[archives.base], **traits)


def figshare(archives: Archives, **traits: Any) -> FigshareProvider:
    return FigshareProvider(doi_url=archives.base, api_url=f"{archives.base}/v2", **traits)


def dataverse(archives: Archives, **traits: Any) -> DataverseProvider:
    return DataverseProvider(doi_url=archives.base, hosts=[archives.base], **traits)


def hydroshare(archives: Archives, **traits: Any) -> HydroShareProvider:
    return HydroShareProvider(base_url=archives.base, poll_interval=0.01, **traits)


def ckan(archives: Archives, **traits: Any) -> CKANProvider:
    return CKANProvider(hosts=[f"{archives.base}/data"], **traits)


def heritage(archives: Archives, **traits: Any) -> SWHIDProvider:
    return SWHIDProvider(api_url=f"{archives.base}/api/1", poll_interval=0.01, **traits)


def ckan_spec(url: str) -> str:
    return f"ckan/{quote(url, safe='')}"


async def fetch(
    provider: ArchiveProvider, spec: str, root: Path, lines: list[str] | None = None
) -> tuple[Mirror, ResolvedRef]:
    """Resolve a spec and bring its record here."""
    resolved = await provider.resolve(BinderSpec.parse(spec))
    told = (lines if lines is not None else []).append
    return await MirrorStore(root).fetch(resolved, told)


async def contents(provider: ArchiveProvider, spec: str, root: Path) -> dict[str, bytes]:
    """The files that a spec gives."""
    mirror, resolved = await fetch(provider, spec, root)
    files = await mirror.files(resolved.commit)
    return {name: files.read(name) for name in files.names()}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode(errors="surrogateescape").strip()
