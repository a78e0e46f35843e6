"""The Binder service itself: requests a second, their tail, and what a reader who waits costs."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from benchmarks.hubs import Ours, Stock, scratch
from benchmarks.measure import document, say

# wrk's: one thread is enough for a service of one; seconds
_CONNECTIONS, _DURATION = 16, 3
READERS = 1000
# A build that says this many lines of a log, and then waits until it is told to go on.
LINES, WIDTH = 2_000, 100
_SCRIPT = f"""#!/bin/sh
yes {"x" * (WIDTH - 1)} | head -n {LINES}
echo all of it
read -r word < {{gate}}
"""
_MARKS = ("requests a second", "median", "99th percentile")
_KIB = 1024
# the stream of a launch ends with its last event, so that a load tool sees an answer's end
_CONFIG = "c.BinderService.hold_seconds = 0\n"


def run(runs: int) -> dict[str, Any]:
    """Measure; each round asks each address for some seconds, all through Traefik.

    Args:
        runs: Rounds.

    Returns:
        The benchmark's document. The peer of ``/versions`` is stock JupyterHub's ``/hub/api/``,
        which tells a version too; ``/build`` is of a ref that is built, and has none.

    Raises:
        RuntimeError: wrk is not installed.
    """
    if shutil.which("wrk") is None:
        raise RuntimeError("This benchmark needs wrk (Debian's package of that name).")
    values: dict[str, list[float]] = {}
    with scratch() as folder:
        ours, stock = Ours(folder / "ours", _CONFIG), Stock(folder / "stock")
        with ours.running(), stock.running():
            asked = {
                "/versions: hubroam": f"{ours.url}versions",
                "/hub/api/: stock JupyterHub": f"{stock.url}hub/api/",
                "/build of a built ref: hubroam": f"{ours.url}build/{ours.spec}?build_only=true",
            }
            for _ in range(runs):
                for label, url in asked.items():
                    found = _load(url)
                    say(f"{label}: {found}")
                    for mark, value in zip(_MARKS, found, strict=True):
                        values.setdefault(f"{label}, {mark}", []).append(value)
            # what was taken for one round serves the next: all are compared with the beginning
            before = ours.service().memory_full_info().uss
            values["memory of the service, no reader"] = [before / _KIB]
            for _ in range(runs):
                _watch(ours, folder, values, before)
    pairs = {
        "requests a second, hubroam / stock": (
            "/versions: hubroam, requests a second",
            "/hub/api/: stock JupyterHub, requests a second",
        )
    }
    made = document("service", runs, values, pairs, unit="ms")
    for label, row in made["results"].items():
        if "a second" in label:
            row["unit"] = "/s"
        if "memory" in label:
            row["unit"] = "kB"
        if "after" in label:
            row["unit"] = "s"
    return made


def _load(url: str) -> tuple[float, float, float]:
    """Requests a second, and the median and the 99th percentile of their milliseconds."""
    options = ["-t1", f"-c{_CONNECTIONS}", f"-d{_DURATION}s", "--latency", "--timeout", "30s"]
    done = subprocess.run(["wrk", *options, url], capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise RuntimeError(done.stdout)

    def number(name: str) -> float:
        found = re.search(rf"{name}:?\s+([\d.]+)(us|ms|s)?\s*$", done.stdout, re.MULTILINE)
        assert found, done.stdout
        return float(found[1]) * {"us": 0.001, "s": 1000}.get(found[2] or "", 1)

    return number("Requests/sec"), number("50%"), number("99%")


def _watch(ours: Ours, folder: Path, values: dict[str, list[float]], before: int) -> None:
    """Let a thousand readers follow one build, and measure the service."""
    gate = folder / f"gate-{uuid.uuid4().hex}"
    os.mkfifo(gate)
    spec = ours.add_book(_SCRIPT.format(gate=gate))
    service = ours.service()
    found = asyncio.run(_follow(f"{ours.url}build/{spec}?build_only=true", service, gate))
    grown = (found.pop("memory") - before) / READERS / _KIB
    values.setdefault(f"memory for each of {READERS} readers", []).append(grown)
    for label, value in found.items():
        values.setdefault(f"{label}: {READERS} readers", []).append(value)
    say(f"{READERS} readers: {grown:.1f} kB each, {found}")


async def _follow(url: str, service: psutil.Process, gate: Path) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    first = asyncio.Event()
    tasks = [asyncio.create_task(_read(url, first))]
    await first.wait()  # the others come when all of the log is there
    came = loop.time()
    readers = [asyncio.Event() for _ in range(READERS - 1)]
    for reader in readers:
        tasks.append(asyncio.create_task(_read(url, reader)))
    for reader in readers:
        await reader.wait()
    told = loop.time()
    memory = service.memory_full_info().uss
    await asyncio.to_thread(gate.write_text, "go on\n")
    await asyncio.gather(*tasks)
    return {
        "memory": memory,
        "the whole log was with all of them after": told - came,
        "the end was with all of them after": loop.time() - told,
        "the log was written after": came - began,
    }


async def _read(url: str, heard_all: asyncio.Event) -> None:
    """One reader: follow a build from its first event to its last."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    host = f"{address.hostname}:{address.port}"
    writer.write(f"GET {address.path}?{address.query} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    try:
        while line := await reader.readline():
            if b"all of it" in line:
                heard_all.set()
            if b'"phase": "ready"' in line:
                return
        raise AssertionError("a stream ended early")
    finally:
        writer.close()
