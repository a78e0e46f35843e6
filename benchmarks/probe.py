"""Ask an address again and again, in a process of its own, until standard input ends.

``python -m benchmarks.probe URL`` then prints the milliseconds that each answer took, as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

# Seconds between two questions.
_INTERVAL = 0.05


def main() -> None:
    """Ask until nobody wants to know any more."""
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    took = []
    with httpx.Client(timeout=120) as client:
        while not ended.wait(_INTERVAL):
            began = time.monotonic()
            client.get(sys.argv[1]).raise_for_status()
            took.append(1000 * (time.monotonic() - began))
    print(json.dumps(took))


@contextmanager
def asking(url: str) -> Iterator[list[float]]:
    """Ask an address while something else happens; the list is filled when that has ended."""
    took: list[float] = []
    command = [sys.executable, "-m", "benchmarks.probe", url]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield took
        finally:
            output, _ = process.communicate()
    took.extend(json.loads(output))


if __name__ == "__main__":
    main()
