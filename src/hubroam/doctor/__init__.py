"""What readers' browsers will meet at a hub: the operator's view.

`examine` asks a hub as pages of other origins do, and says what it found, one `Finding` each.
Nothing is built and no server started. ``docs/reference/doctor.md`` explains every finding.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from hubroam.asker import Asker
from hubroam.discovery import TIME_LIMIT
from hubroam.doctor import launching, openness, presence, puller, versions
from hubroam.doctor.findings import SEVERITIES, Finding, Severity
from hubroam.doctor.visit import Visit

__all__ = ["SEVERITIES", "Examination", "Finding", "Severity", "examine"]

_ORDER = ("fault", "warning", "info")


@dataclass(frozen=True)
class Examination:
    """What was found at a hub.

    Attributes:
        url: The hub's base, or the address where none was found.
        findings: The worst first.
    """

    url: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing needs mending: warnings are advice."""
        return all(each.severity != "fault" for each in self.findings)

    def to_json(self) -> dict[str, Any]:
        """The ``--json`` document of ``hubroam doctor``."""
        return {
            "url": self.url,
            "ok": self.ok,
            "findings": [each.to_json() for each in self.findings],
        }


async def examine(
    text: str,
    *,
    token: str | None = None,
    timeout: float = TIME_LIMIT,
    allow_private: bool = False,
) -> Examination:
    """Find out what readers' browsers will meet at a hub.

    Args:
        text: The hub's address, as people paste it: see `hubroam.hubbases.hub_bases`.
        token: A JupyterHub API token of a user whose server runs, to look for nbgitpuller there.
            It is sent to the hub's own origin only.
        timeout: Seconds for each question.
        allow_private: Whether addresses that are not of the public internet may be asked.

    Raises:
        LinkError: The text is no address.
    """
    async with Asker(allow_private=allow_private, timeout=timeout) as asker:
        visit = Visit(asker)
        look = await visit.look(text)
        findings = []
        if look.moved():
            findings.append(presence.moved(look.base, look.there.url))
            look = await visit.look(look.there.url)
        findings += presence.check(look)
        if not look.there.problem:
            findings += [*versions.check(look), *launching.check_profile(look)]
            server, why_none = await puller.find_server(visit, look, token)
            findings += why_none
            checks = [
                openness.check(visit, look, server),
                launching.check_links(visit, look),
                launching.check_health(visit, look),
            ]
            if server and token:
                checks.append(puller.check(visit, server, token))
            for more in await asyncio.gather(*checks):
                findings += more
    findings.sort(key=lambda each: _ORDER.index(each.severity))
    return Examination(look.base, tuple(findings))
