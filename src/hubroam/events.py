"""Launch events, to and from the wire.

The format is BinderHub's: server-sent events whose data is one JSON object,
with a ``phase`` and a ``message``; log lines may have no phase.  A failure is
an event too, under HTTP status 200, because ``EventSource`` shows a page no
other status.  hubroam adds fields (``code``, ``next_step``, ``commit``,
``digest``, ``seconds``); a client of BinderHub passes over what it does not know.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .errors import HubroamError

#: Every phase of the protocol, in the order in which a launch meets them.
PHASES = (
    "waiting",
    "fetching",
    "building",
    "pushing",
    "built",
    "launching",
    "ready",
    "failed",
    "unknown",
)

#: Sent when nothing else is, so that proxies between do not close the stream.
KEEPALIVE = b":keepalive\n\n"

_BUG_MESSAGE = "Something went wrong in this hub that it did not foresee."
_BUG_NEXT_STEP = "Try again; if it happens again, tell the people who run this hub."


@dataclass(frozen=True)
class LaunchEvent:
    """One step of a launch.

    Attributes:
        phase: One of `PHASES`, or None for a line of the log.
        message: Text for a person; log lines end in a newline.
        fields: What else the event carries (``url``, ``token``, ``imageName``…).
    """

    phase: str | None
    message: str
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def last(self) -> bool:
        """Whether a launch ends with this event."""
        return self.phase in ("ready", "failed")

    def to_json(self) -> dict[str, Any]:
        """The event as the JSON object that is sent."""
        phase = {} if self.phase is None else {"phase": self.phase}
        return {**phase, "message": self.message, **self.fields}

    def encode(self) -> bytes:
        """The event as it goes over the wire; the same bytes for all whom it is sent to."""
        return self._wire

    @cached_property
    def _wire(self) -> bytes:
        return b"data: " + json.dumps(self.to_json()).encode() + b"\n\n"

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> LaunchEvent:
        """Read an event as BinderHub or hubroam sends it; nothing in it is required."""
        fields = {key: value for key, value in data.items() if key not in ("phase", "message")}
        phase = data.get("phase")
        return cls(phase if isinstance(phase, str) else None, str(data.get("message", "")), fields)


def failed(error: BaseException) -> LaunchEvent:
    """The last event of a launch that failed.

    Args:
        error: Any exception.  Only a `HubroamError` is shown to the person; another one
            is a bug, of which the person learns no more than that it is one.
    """
    if isinstance(error, HubroamError):
        text, fields = error.message, {"status_code": error.status, **error.to_json()}
    else:
        text = _BUG_MESSAGE
        fields = {"status_code": 500, "code": "failed", "next_step": _BUG_NEXT_STEP}
    fields.pop("message", None)
    return LaunchEvent("failed", f"{text}\n", fields)


async def decode(lines: AsyncIterable[str]) -> AsyncIterator[LaunchEvent]:
    """Read events from the lines of a stream.

    Args:
        lines: The lines without their ends.  Comments, other fields and data that is no JSON
            object are passed over, as the specification of server-sent events asks.
    """
    async for line in lines:
        if not line.startswith("data:"):
            continue
        try:
            data = json.loads(line[5:])
        except ValueError:
            continue
        if isinstance(data, dict):
            yield LaunchEvent.from_json(data)
