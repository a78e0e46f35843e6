import asyncio

import pytest

from hubroam.binder.following import Following


async def test_messages_then_the_result():
    async def work(say):
        say("one")
        await asyncio.sleep(0)
        say("two")
        return 3

    following = Following(work)
    assert [message async for message in following] == ["one", "two"]
    assert following.result == 3


async def test_what_the_work_raises_is_raised():
    async def work(say):
        say("one")
        raise KeyError("x")

    heard = []
    with pytest.raises(KeyError):
        async for message in Following(work):
            heard.append(message)
    assert heard == ["one"]


async def test_work_ends_when_nobody_listens():
    ended = asyncio.Event()

    async def work(say):
        say("one")
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    messages = aiter(Following(work))
    assert await anext(messages) == "one"
    await messages.aclose()
    assert ended.is_set()
