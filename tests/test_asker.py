"""The asker: whom it asks, what it sends, how far it goes."""

from __future__ import annotations

import pytest

from hubroam.asker import Asker, NoReply
from support.webserver import HANG, Answer, WebServer

HTML = Answer(200, {"Content-Type": "text/html"}, b"<!doctype html>")


async def test_a_token_is_not_taken_to_another_origin():
    with (
        WebServer(lambda request: HTML) as other,
        WebServer(lambda request: Answer(302, {"Location": other.url})) as first,
    ):
        async with Asker(allow_private=True) as asker:
            reply = await asker.ask(first.url, headers={"Authorization": "token x"})
        assert (reply.status, reply.url) == (302, first.url)
        assert other.requests == []


async def test_no_reply_says_how_far_it_came():
    with WebServer(lambda request: Answer(302, {"Location": "http://127.0.0.1:1/x"})) as server:
        async with Asker(allow_private=True, timeout=5) as asker:
            with pytest.raises(NoReply) as caught:
                await asker.ask(server.url)
    assert [hop.url for hop in caught.value.hops] == [server.url]
    assert (caught.value.reason, caught.value.url) == ("unreachable", "http://127.0.0.1:1/x")


async def test_the_asker_keeps_no_cookies():
    with WebServer(lambda request: Answer(200, {"Set-Cookie": "a=b; Path=/"})) as server:
        async with Asker(allow_private=True) as asker:
            await asker.ask(server.url)
            await asker.ask(server.url)
        assert not any("Cookie" in each.headers for each in server.requests)


async def test_a_body_that_is_not_wanted_is_not_waited_for():
    endless = Answer(200, {"Content-Length": "1000000"}, b"data: x")
    with WebServer(lambda request: endless) as server:
        async with Asker(allow_private=True, timeout=30) as asker:
            reply = await asker.ask(server.url, read=False)
        assert (reply.status, reply.body) == (200, b"")


async def test_a_redirect_whose_target_is_nonsense():
    with WebServer(lambda request: Answer(302, {"Location": "http://["})) as server:
        async with Asker(allow_private=True, timeout=5) as asker:
            with pytest.raises(NoReply) as caught:
                await asker.ask(server.url)
    assert caught.value.reason == "unreachable"


async def test_what_hangs_is_not_waited_for():
    with WebServer(lambda request: HANG) as server:
        async with Asker(allow_private=True, timeout=0.2) as asker:
            with pytest.raises(NoReply) as caught:
                await asker.ask(server.url)
    assert caught.value.reason == "timeout"
