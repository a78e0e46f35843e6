"""What the doctor can find, by stable codes that ``docs/reference/doctor.md`` explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["fault", "warning", "info"]

SEVERITIES: dict[str, Severity] = {
    # whether the hub is there
    "hub-unreachable": "fault",
    "hub-too-slow": "fault",
    "hub-certificate": "fault",
    "private-address": "fault",
    "not-a-hub": "fault",
    "redirect-loop": "fault",
    "login-wall": "fault",
    # whether a book's page finds it
    "found": "info",
    "found-by-image": "warning",
    "not-found-by-pages": "fault",
    "taken-for-another": "warning",
    "discovery-unreadable": "warning",
    # the way there
    "plain-http": "fault",
    "loopback": "info",
    "redirected": "info",
    "redirected-host": "warning",
    "certificate": "info",
    "certificate-expires": "warning",
    # what other pages may read
    "origin-closed": "info",
    "origin-open": "fault",
    "origin-reflected": "fault",
    "credentials-allowed": "fault",
    "origin-trusted": "warning",
    "origin-unknown": "warning",
    "binder-open": "warning",
    # the version
    "version": "info",
    "version-without-discovery": "warning",
    "version-with-url-tokens": "warning",
    "version-with-advisory": "warning",
    # what it says of itself
    "profile": "info",
    "profile-field": "warning",
    "profile-unreadable": "fault",
    "profile-differs": "warning",
    # whether launches can be expected to work
    "launch-answers": "info",
    "launch-unsure": "warning",
    "launch-dead": "fault",
    "binder-well": "info",
    "binder-unwell": "fault",
    "health-missing": "warning",
    "nbgitpuller": "info",
    "nbgitpuller-not-needed": "info",
    "nbgitpuller-unknown": "info",
    "nbgitpuller-missing": "fault",
    "server-not-running": "info",
    "token-refused": "warning",
    "token-not-sent": "warning",
}
"""Every code, and how much it matters to a reader: a fault keeps them from their session or lets
others into it, a warning costs time or some of the readers, an info is good to know."""

_SHOWN = 200


@dataclass(frozen=True)
class Finding:
    """One thing that a reader's browser will meet.

    Attributes:
        code: A key of `SEVERITIES`.
        message: One sentence.
        remedy: What the operator can do; None when there is nothing to do.
    """

    code: str
    message: str
    remedy: str | None = None

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return SEVERITIES[self.code]

    def to_json(self) -> dict[str, Any]:
        """The finding as ``--json`` prints it."""
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "remedy": self.remedy,
        }


def shown(text: object) -> str:
    """Text from a stranger, safe to print on a terminal: nothing unseen in it, and not endless."""
    plain = "".join(each if each.isprintable() else "?" for each in str(text))
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}…"
