"""A server that is far away: what goes through it takes time."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

_ROOT = Path(__file__).parent.parent


@contextmanager
def far_away(url: str, *, round_trip: float) -> Iterator[str]:
    """Relay a server's TCP connections while the context lasts.

    The relay is a process of its own: beside what drives the browser it would wait for it.

    Args:
        url: The server's, or that of a folder on it.
        round_trip: Seconds that a connection takes to come about, as TCP's handshake does, and
            that a request and its answer are under way, half of them each; with more of either on
            the wire they overlap, as they do there.

    Yields:
        The same URL at the relay.
    """
    parts = urlsplit(url)
    command = [sys.executable, "-m", "benchmarks.delay", str(parts.port or 80), str(round_trip)]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as relay:
        try:
            assert relay.stdout
            port = int(relay.stdout.readline())
            yield parts._replace(netloc=f"127.0.0.1:{port}").geturl()
        finally:
            relay.terminate()


class _Relay:
    def __init__(self, port: int, round_trip: float) -> None:
        self._port = port
        self._round_trip = round_trip

    async def run(self) -> None:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=100)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opening = asyncio.open_connection("127.0.0.1", self._port)
        (answers, questions), _ = await asyncio.gather(opening, asyncio.sleep(self._round_trip))
        with suppress(OSError):  # one of the two has gone
            try:
                await asyncio.gather(self._carry(reader, questions), self._carry(answers, writer))
            finally:
                for each in (writer, questions):
                    each.close()

    async def _carry(self, source: asyncio.StreamReader, goal: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while data := await source.read(65536):
            loop.call_later(self._round_trip / 2, goal.write, data)
        await asyncio.sleep(self._round_trip / 2)
        goal.write_eof()


if __name__ == "__main__":
    asyncio.run(_Relay(int(sys.argv[1]), float(sys.argv[2])).run())
