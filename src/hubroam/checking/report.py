"""What a check found."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Severity = Literal["fault", "warning", "info"]


@dataclass(frozen=True)
class Finding:
    """Something that the author should know.

    Attributes:
        code: Stable: programs may test for it.
        severity: A ``fault`` keeps readers from the book, a ``warning`` may; ``info`` is to know.
        message: One sentence for a person.
        remedy: What the author can do.
        path: The file that it is about.
        line: The line of that file, from 1.
    """

    code: str
    severity: Severity
    message: str
    remedy: str
    path: str | None = None
    line: int | None = None

    def to_json(self) -> dict[str, Any]:
        """The finding; ``path`` and ``line`` only where they are known."""
        return {key: value for key, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class PageError:
    """Why a page does not run.

    Attributes:
        message: One line: the error's name and what it says.
        next_step: What the author can do.
        cell: The number of the code cell, from 1, as JupyterLab numbers cells that it runs from
            top to bottom; None when no cell is to blame.
        line: The line of the page's file, from 1, where the file has lines of code.
        source: The line of code.
        traceback: All that the kernel said, as plain text.
        missing: The module that was not found, when that is the error.
    """

    message: str
    next_step: str = "Correct the page."
    cell: int | None = None
    line: int | None = None
    source: str | None = None
    traceback: str | None = None
    missing: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The error; ``cell`` and ``message`` are always there."""
        every = {key: value for key, value in asdict(self).items() if value is not None}
        return {"cell": self.cell, **every}


@dataclass(frozen=True)
class PageReport:
    """How one page ran.

    Attributes:
        path: The page's file, below the book.
        seconds: How long it ran, its kernel's start included.
        error: Why it does not run; None when it does, or was left out.
        skipped: Why it was not run, by the author's own wish.
        memory: The most that its kernel and the kernel's children held at once, in bytes.
        hosts: Whom its kernel asked for on the network.
    """

    path: str
    seconds: float = 0.0
    error: PageError | None = None
    skipped: str | None = None
    memory: int = 0
    hosts: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing of it failed."""
        return self.error is None

    def to_json(self) -> dict[str, Any]:
        """The page as ``hubroam check --json`` shows it."""
        return {
            "path": self.path,
            "ok": self.ok,
            "seconds": round(self.seconds, 3),
            "error": self.error.to_json() if self.error else None,
            "skipped": self.skipped,
            "memory": self.memory,
            "hosts": list(self.hosts),
        }


@dataclass(frozen=True)
class Needs:
    """What a hub needs for the book.

    Attributes:
        digest: The environment's name.
        cached: Whether the environment was built before.
        build_seconds: How long it took to build, whenever that was.
        environment_bytes: Its size on disk.
        memory: The most that a page's kernel held, in bytes; a session's server needs its own.
    """

    digest: str
    cached: bool
    build_seconds: float
    environment_bytes: int
    memory: int


@dataclass
class Report:
    """The whole of a check.

    Attributes:
        pages: The pages, in the book's order.
        findings: What else there is to know, faults first.
        needs: What a hub needs; None when the environment could not be built.
        seconds: How long the check took.
    """

    pages: list[PageReport] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    needs: Needs | None = None
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether every page runs and nothing is a fault."""
        faults = any(finding.severity == "fault" for finding in self.findings)
        return not faults and all(page.ok for page in self.pages)

    def to_json(self) -> dict[str, Any]:
        """The ``--json`` document of ``hubroam check``."""
        return {
            "ok": self.ok,
            "pages": [page.to_json() for page in self.pages],
            "findings": [finding.to_json() for finding in self.findings],
            "needs": asdict(self.needs) if self.needs else None,
            "seconds": round(self.seconds, 3),
        }
