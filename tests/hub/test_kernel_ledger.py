"""Interpreters of all sessions stay within what they may take."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import psutil
import pytest

from hubroam.hub.kernels import ledger as ledgers
from hubroam.hub.kernels.ledger import Ledger

MIB = 1 << 20


class Server:
    """A server's end."""

    def __init__(self, ledger):
        self.share, self.socket = ledger.join()
        self.socket.setblocking(False)

    async def say(self, word: bytes) -> None:
        self.socket.send(word)
        await asyncio.sleep(0)  # the ledger's loop hears it
        await asyncio.sleep(0)

    async def hear(self) -> bytes:
        return await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self.socket, 32), 5)

    async def want(self) -> bytes:
        await self.say(b"want")
        return await self.hear()

    def hears_nothing(self) -> bool:
        try:
            self.socket.recv(32)
        except BlockingIOError:
            return True
        return False


@pytest.fixture
def clock(monkeypatch):
    """The clock by which readers rest."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(ledgers, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


@pytest.fixture
def ledger():
    ledger = Ledger()
    ledger.budget = 100 * MIB
    return ledger


async def test_no_more_than_there_is_room_for(ledger, clock):
    servers = [Server(ledger) for _ in range(3)]
    assert [await server.want() for server in servers] == [b"yes", b"yes", b"no"]
    await servers[0].say(b"have %d" % (20 * MIB))
    await servers[1].say(b"have %d" % (30 * MIB))
    assert ledger.total == 50 * MIB
    assert await servers[2].want() == b"yes"
    await servers[2].say(b"gone")
    assert ledger.total == 50 * MIB


async def test_who_has_not_worked_for_longest_gives_way(ledger, clock):
    first, second, third = (Server(ledger) for _ in range(3))
    assert await first.want() == b"yes"
    clock.now += 1
    assert await second.want() == b"yes"
    clock.now += 1
    await first.say(b"used")
    assert await third.want() == b"no"  # both are at work
    clock.now += ledgers._REST
    assert await third.want() == b"yes"
    assert await second.hear() == b"drop"
    assert first.hears_nothing()
    await second.say(b"gone")
    assert ledger.total == 2 * ledgers._GUESS


async def test_what_takes_more_than_it_may_is_ended(ledger, clock):
    first, second = Server(ledger), Server(ledger)
    assert await first.want() == b"yes"
    clock.now += 1
    assert await second.want() == b"yes"
    await second.say(b"have %d" % (90 * MIB))
    assert await first.hear() == b"drop"
    assert second.hears_nothing()
    await second.say(b"have %d" % (900 * MIB))
    assert await second.hear() == b"drop"
    assert ledger.total == 0
    ledger.budget = 10 * MIB
    assert await first.want() == b"no"


async def test_when_the_machine_needs_its_memory_all_are_ended(ledger, clock, monkeypatch):
    server, other = Server(ledger), Server(ledger)
    monkeypatch.setattr(ledgers, "_LOOK", 0.01)
    assert await server.want() == b"yes"
    ledger.spare = psutil.virtual_memory().total + 1
    assert await server.hear() == b"drop"
    assert await other.want() == b"no"


async def test_a_server_that_ends_gives_its_part_back(ledger, clock):
    server, other = Server(ledger), Server(ledger)
    assert await server.want() == b"yes"
    server.socket.close()
    await asyncio.sleep(0.01)
    assert (ledger.total, ledger.shares) == (0, {other.share})
    other.share.close()
    other.share.close()
    assert ledger.shares == set()


@pytest.mark.parametrize(
    "word", [b"have -1", b"have 99999999999999999", b"have", b"\xff" * 99, b"x"]
)
async def test_words_that_are_none_change_nothing(ledger, clock, word):
    server = Server(ledger)
    await server.say(b"have %d" % MIB)  # was not given
    assert ledger.total == 0
    assert await server.want() == b"yes"
    await server.say(word)
    assert ledger.total == ledgers._GUESS
