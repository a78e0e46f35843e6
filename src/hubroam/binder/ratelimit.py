"""How many launches one address may ask for."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from hubroam.errors import RateLimited


@dataclass
class _Window:
    ends: float
    left: int


@dataclass(frozen=True)
class Allowance:
    """What an address has left, for the ``x-ratelimit-*`` headers.

    Attributes:
        limit: Launches a period.
        remaining: Launches left in this one.
        reset: When the next one begins, in seconds since the epoch.
        refusal: Why this launch may not be; None when it may.
    """

    limit: int
    remaining: int
    reset: int
    refusal: RateLimited | None = None

    def headers(self) -> dict[str, str]:
        """The headers, with the names and the meaning that BinderHub's have."""
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-reset": str(self.reset),
        }


class RateLimiter:
    """Counts launches by address in fixed periods.

    Args:
        limit: Launches an address may ask for in a period; 0 for no limit.
        period: Its length in seconds.
        exempt: Addresses and networks that have no limit.
        clock: Seconds that only go forward.
        now: Seconds since the epoch.
    """

    def __init__(
        self,
        limit: int,
        period: int,
        exempt: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._limit = limit
        self._period = period
        self._exempt = [ip_network(item, strict=False) for item in exempt]
        self._clock = clock
        self._now = now
        self._windows: dict[str, _Window] = {}

    def count(self, address: str) -> Allowance | None:
        """Count one launch.

        Args:
            address: The client's IP address.

        Returns:
            What is left; None when the address has no limit.  Where nothing was left, its refusal
            names the time until there is.
        """
        if self._limit == 0 or self._is_exempt(address):
            return None
        now = self._clock()
        self._forget(now)
        window = self._windows.setdefault(address, _Window(now + self._period, self._limit))
        left = math.ceil(window.ends - now)
        reset = math.ceil(self._now() + window.ends - now)
        if window.left == 0:
            refusal = RateLimited(
                f"This address has asked for {self._limit} launches in "
                f"{_duration(self._period)}, which is this hub's limit.",
                next_step=f"Try again in {_duration(left)}, or open the launch page in a browser.",
            )
            return Allowance(self._limit, 0, reset, refusal)
        window.left -= 1
        return Allowance(self._limit, window.left, reset)

    def _is_exempt(self, address: str) -> bool:
        try:
            ip = ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self._exempt)

    def _forget(self, now: float) -> None:
        ended = [address for address, window in self._windows.items() if window.ends <= now]
        for address in ended:
            del self._windows[address]


def _duration(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} seconds"
    minutes = math.ceil(seconds / 60)
    return "1 minute" if minutes == 1 else f"{minutes} minutes"
