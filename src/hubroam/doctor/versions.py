"""What is known to be missing in JupyterHub's older versions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hubroam.doctor.findings import Finding, shown
from hubroam.doctor.visit import Look

# Each says where it is from; nothing is here that has no source.
_LIMITS = (
    (
        # JupyterHub's changelog, 5.3.0
        (5, 3, 0),
        "version-without-discovery",
        "JupyterHub {version} does not let other pages read what it is; 5.3 does.",
        "Upgrade to JupyterHub 5.3 or newer, or send Access-Control-Allow-Origin: * with "
        "/hub/api/ from the proxy.",
    ),
    (
        # JupyterHub's documentation, "Upgrading to JupyterHub 5", "Tokens in URLs"
        (5, 0, 0),
        "version-with-url-tokens",
        "Sessions of JupyterHub {version} accept ?token= in links, by which one user can make "
        "another work in their account.",
        "Upgrade to JupyterHub 5 or newer.",
    ),
)
_ADVISORIES = (
    # (first and first not affected, advisory)
    ((0, 0, 0), (1, 5, 0), "CVE-2021-41247"),
    ((0, 0, 0), (4, 1, 0), "GHSA-7r3h-4ph8-w38g"),
    ((4, 1, 0), (5, 4, 5), "CVE-2026-40864"),
)


def check(look: Look) -> Iterator[Finding]:
    """What a JupyterHub's version tells; nothing of a hub that is none."""
    version = look.documents.get("hub-api", {}).get("version")
    numbers = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", version) if isinstance(version, str) else None
    if not numbers:
        return
    release = tuple(int(each or 0) for each in numbers.groups())
    known = True
    for limit, code, message, remedy in _LIMITS:
        if release < limit and (code != "version-without-discovery" or _hidden(look)):
            known = False
            yield Finding(code, message.format(version=shown(version)), remedy)
    advisories = [name for first, fixed, name in _ADVISORIES if first <= release < fixed]
    if advisories:
        known = False
        yield Finding(
            "version-with-advisory",
            f"JupyterHub {shown(version)} has known vulnerabilities: {', '.join(advisories)}.",
            "Upgrade to the newest release, on the hub and in its servers' environments.",
        )
    if known:
        yield Finding("version", f"JupyterHub {shown(version)} has no limit that is known here.")


def _hidden(look: Look) -> bool:
    """Whether pages cannot read the hub's answer: an old hub's proxy may have opened it."""
    return look.seen.found_by not in ("hub-api", "profile")
