"""A server that is far away: what goes through it takes time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


@contextmanager
def far_away(url: str, *, round_trip: float, connecting: bool) -> Iterator[str]:
    """Relay a server's TCP connections while the context lasts.

    Args:
        url: The server's, or that of a folder on it.
        round_trip: Seconds that a request and its answer are under way, half of them each; with
            more of either on the wire they overlap, as they do there.
        connecting: Whether a connection takes one round trip more to come about, as TCP's
            handshake does.

    Yields:
        The same URL at the relay.
    """
    parts = urlsplit(url)
    loop = asyncio.new_event_loop()
    relay = _Relay(parts.port or 80, round_trip, connecting)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        port = asyncio.run_coroutine_threadsafe(relay.start(), loop).result()
        yield parts._replace(netloc=f"127.0.0.1:{port}").geturl()
        asyncio.run_coroutine_threadsafe(relay.stop(), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Relay:
    def __init__(self, port: int, round_trip: float, connecting: bool) -> None:
        self._port = port
        self._round_trip = round_trip
        self._connecting = connecting
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> int:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0, backlog=100)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self._connecting:
            await asyncio.sleep(self._round_trip)
        with suppress(OSError, asyncio.CancelledError):  # one of the two has gone, or we stop
            answers, questions = await asyncio.open_connection("127.0.0.1", self._port)
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
