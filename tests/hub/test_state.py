"""Which hub a data folder says is running."""

from __future__ import annotations

import json
import os
import socket

from hubroam.hub.state import (
    folder_lock,
    forget_state,
    left_bind_url,
    running_hub,
    write_state,
)

URL = "http://127.0.0.1:8000/"


def test_a_hub_that_runs_is_found_and_forgotten_when_it_ends(tmp_path):
    assert running_hub(tmp_path) is None
    with folder_lock(tmp_path):
        write_state(tmp_path, url=URL, hub_bind_url="http://127.0.0.1:8081")
        assert running_hub(tmp_path) == URL
        forget_state(tmp_path)
        assert running_hub(tmp_path) is None


def test_a_hub_that_was_killed_is_not_found_though_its_number_is_in_use(tmp_path):
    write_state(tmp_path, url=URL, hub_bind_url="http://127.0.0.1:8081")
    assert running_hub(tmp_path) is None


def test_what_another_hub_left_is_not_forgotten(tmp_path):
    state = {"url": URL, "hub_bind_url": "http://127.0.0.1:8081", "pid": os.getppid()}
    (tmp_path / "hub.json").write_text(json.dumps(state))
    forget_state(tmp_path)
    assert (tmp_path / "hub.json").exists()


def test_the_port_of_a_killed_hub_is_taken_again_when_it_is_free(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        write_state(tmp_path, url=URL, hub_bind_url=address)
        assert left_bind_url(tmp_path) is None
    assert left_bind_url(tmp_path) == address


def test_a_damaged_file_is_none(tmp_path):
    for text in ("", "[]", '{"hub_bind_url": "http://[", "pid": "x", "url": ""}'):
        (tmp_path / "hub.json").write_text(text)
        assert running_hub(tmp_path) is None
        assert left_bind_url(tmp_path) is None
