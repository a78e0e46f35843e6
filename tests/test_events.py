import json

from hubroam.errors import RefNotFound
from hubroam.events import LaunchEvent, decode, failed


async def lines(text):
    for line in text.split("\n"):
        yield line


async def read(text):
    return [event async for event in decode(lines(text))]


async def test_what_is_encoded_is_decoded():
    event = LaunchEvent("ready", "Server running\n", {"url": "http://h/user/x/", "token": "t"})
    wire = event.encode().decode()
    assert wire.endswith("\n\n")
    assert await read(wire) == [event]


async def test_log_lines_have_no_phase():
    assert LaunchEvent(None, "line\n").to_json() == {"message": "line\n"}
    assert await read('data: {"message": "line\\n"}') == [LaunchEvent(None, "line\n")]


async def test_noise_is_passed_over():
    assert await read(":keepalive\n\nevent: x\ndata: {no json\ndata: [1]\nid: 3") == []


async def test_newlines_stay_in_one_event():
    event = LaunchEvent("building", "a\ndata: {}\n\nb")
    assert await read(event.encode().decode()) == [event]


def test_a_failure_says_what_to_do():
    event = failed(RefNotFound("There is no branch x.", next_step="Check its name."))
    assert event.last
    assert event.to_json() == {
        "phase": "failed",
        "message": "There is no branch x.\n",
        "status_code": 404,
        "code": "ref-not-found",
        "next_step": "Check its name.",
    }


def test_a_bug_is_not_shown():
    text = json.dumps(failed(ValueError("/root/secret")).to_json())
    assert "secret" not in text
    assert json.loads(text)["status_code"] == 500
