import asyncio

import pytest

from hubroam.binder.together import Together


class Work:
    """Work that ends when it is told to."""

    def __init__(self):
        self.begun = []
        self.ends = asyncio.Event()

    async def __call__(self, key, say):
        number = len(self.begun)
        self.begun.append(key)
        say(f"looking at {key}")
        await self.ends.wait()
        if key == "bad":
            raise KeyError(number)
        return number


async def ask(together, key, heard):
    return await together.ask(key, heard.append)


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_comes_while_it_is_done_gets_the_next():
    """What somebody pushed before they asked must be seen."""
    work = Work()
    together = Together(work)
    heard = [[] for _ in range(4)]
    first = asyncio.create_task(ask(together, "a", heard[0]))
    await settle()
    later = [asyncio.create_task(ask(together, "a", heard[number])) for number in (1, 2)]
    other = asyncio.create_task(ask(together, "b", heard[3]))
    await settle()
    assert work.begun == ["a", "b"]
    work.ends.set()
    assert [await first, await later[0], await later[1], await other] == [0, 2, 2, 1]
    assert work.begun == ["a", "b", "a"]
    assert heard[0] == heard[1] == heard[2] == ["looking at a"]
    assert heard[3] == ["looking at b"]
    assert not together._running
    assert not together._next


async def test_what_is_raised_reaches_all_and_is_not_kept():
    work = Work()
    together = Together(work)
    work.ends.set()
    asked = [asyncio.create_task(ask(together, "bad", [])) for _ in range(3)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [each.args for each in found] == [(0,), (1,), (1,)]
    with pytest.raises(KeyError):
        await ask(together, "bad", [])
    assert len(work.begun) == 3


async def test_it_goes_on_for_those_who_stay():
    work = Work()
    together = Together(work)
    first = asyncio.create_task(ask(together, "a", []))
    await settle()
    leaves, stays = (asyncio.create_task(ask(together, "a", [])) for _ in range(2))
    await settle()
    first.cancel()  # nobody else waits for the first round: the next begins
    await settle()
    assert work.begun == ["a", "a"]
    leaves.cancel()
    await settle()
    work.ends.set()
    assert await stays == 1


async def test_a_round_that_nobody_waits_for_never_begins():
    work = Work()
    together = Together(work)
    first = asyncio.create_task(ask(together, "a", []))
    await settle()
    leaves = asyncio.create_task(ask(together, "a", []))
    await settle()
    leaves.cancel()
    await settle()
    work.ends.set()
    assert await first == 0
    await settle()
    assert work.begun == ["a"]
    assert not together._running


async def test_what_stays_true_is_shared_by_those_who_come_meanwhile():
    work = Work()
    together = Together(work, lasting=True)
    asking = [asyncio.create_task(ask(together, "a", [])) for _ in range(2)]
    await settle()
    asking.append(asyncio.create_task(ask(together, "a", [])))
    await settle()
    work.ends.set()
    assert await asyncio.gather(*asking) == [0, 0, 0]
    assert await ask(together, "a", []) == 1
