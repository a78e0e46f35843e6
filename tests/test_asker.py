"""The asker: whom it asks, what it sends, how far it goes."""

from __future__ import annotations

import socket
import threading

import pytest

from hubroam.asker import Asker, NoReply, origin_of
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


async def test_a_place_that_the_operator_named_may_be_private_and_plain():
    with (
        WebServer(lambda request: HTML) as named,
        WebServer(lambda request: Answer(302, {"Location": named.url})) as first,
    ):
        async with Asker(https_only=True, trusted={origin_of(named.url)}) as asker:
            assert (await asker.ask(named.url)).status == 200
            with pytest.raises(NoReply) as caught:
                await asker.ask(first.url)
        assert caught.value.reason == "insecure"
        assert first.requests == []


@pytest.mark.parametrize(
    ("scheme", "reason"), [("http", "insecure"), ("https", "private"), ("ftp", "insecure")]
)
async def test_a_named_place_does_not_lead_elsewhere(scheme, reason):
    onward = f"{scheme}://127.0.0.1:1/x"
    with WebServer(lambda request: Answer(302, {"Location": onward})) as named:
        async with Asker(https_only=True, trusted={origin_of(named.url)}) as asker:
            with pytest.raises(NoReply) as caught:
                async with asker.stream(named.url):
                    raise AssertionError
    assert (caught.value.reason, caught.value.url) == (reason, onward)


async def test_a_body_comes_in_parts():
    with WebServer(lambda request: Answer(200, {}, b"x" * 10**6)) as server:
        async with (
            Asker(allow_private=True, timeout=30) as asker,
            asker.stream(server.url) as stream,
        ):
            sizes = [len(block) async for block in stream.blocks]
    assert sum(sizes) == 10**6
    assert max(sizes) < 10**6
    assert stream.last.status == 200


async def test_a_body_that_breaks_off():
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer_half() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")

        thread = threading.Thread(target=answer_half)
        thread.start()
        async with Asker(allow_private=True, timeout=30) as asker:
            with pytest.raises(NoReply) as caught:
                async with asker.stream(f"http://127.0.0.1:{listening.getsockname()[1]}/") as half:
                    async for block in half.blocks:
                        assert block == b"half"
        thread.join()
    assert caught.value.reason == "unreachable"


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Git.Example.org/a/b?c", "https://git.example.org:443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
    ],
)
def test_origins_have_one_spelling(url, origin):
    assert origin_of(url) == origin
