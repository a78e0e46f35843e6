import asyncio
from contextlib import ExitStack

from hubroam.binder.startqueue import StartQueue


async def come_to(turn):
    return [line async for line in turn.wait()]


async def test_those_who_find_room_do_not_wait():
    queue = StartQueue(2)
    with queue.come() as first, queue.come() as second:
        assert await come_to(first) == await come_to(second) == []
        assert not first.waited
        assert not queue.busy


async def test_turns_come_in_the_order_of_arrival_not_of_waiting():
    queue = StartQueue(1)
    order = []

    async def start(number, turn):
        with turn:
            await come_to(turn)
            order.append(number)

    running, *turns = [queue.come() for _ in range(5)]
    with running:
        await come_to(running)
        tasks = []
        for number in (3, 1, 0, 2):  # the others had other things to do first
            tasks.append(asyncio.create_task(start(number, turns[number])))
            await asyncio.sleep(0)
        assert queue.busy
    await asyncio.gather(*tasks)
    assert order == [0, 1, 2, 3]
    assert not queue.busy


async def test_those_who_wait_are_told_their_place():
    queue = StartQueue(1)
    with ExitStack() as running, queue.come() as second, queue.come() as third:
        await come_to(running.enter_context(queue.come()))
        news = [second.wait(), third.wait()]
        told = [await anext(each) for each in news]
        assert ["0 more" in told[0], "1 more" in told[1]] == [True, True]
        second.leave()
        assert "0 more" in await anext(news[1])
        running.close()
        assert [line async for line in news[1]] == []
        assert third.waited


async def test_a_turn_that_nobody_takes_goes_to_the_next():
    queue = StartQueue(1)
    with queue.come() as last, ExitStack() as running:
        await come_to(running.enter_context(queue.come()))
        given_up = asyncio.create_task(come_to(last))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.wait({given_up})
    with queue.come() as another:
        assert await come_to(another) == []


async def test_who_starts_anew_is_before_those_who_came_later():
    queue = StartQueue(1)
    with queue.come() as early, queue.come() as other:
        again = early.again()
        await come_to(early)
        waiting = [asyncio.create_task(come_to(turn)) for turn in (other, again)]
        await asyncio.sleep(0)
        early.leave()
        await waiting[1]
        assert not other.come.is_set()
        again.leave()
        await waiting[0]
