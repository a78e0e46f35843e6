"""What git may do when hubroam runs it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from hubroam.errors import RepositoryError, RepositoryRefused, RepositoryUnreachable
from hubroam.providers import process
from hubroam.providers.process import git_environment, run_git


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[asyncio.subprocess.Process]:
    """The processes that were started."""
    processes: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def recording(*arguments: str, **options: object) -> asyncio.subprocess.Process:
        processes.append(await start(*arguments, **options))
        return processes[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", recording)
    return processes


async def until_closed(connection: socket.socket) -> None:
    """Wait until whoever made a connection has ended."""
    async with asyncio.timeout(10):
        while await asyncio.get_running_loop().sock_recv(connection, 4096):
            pass
    connection.close()


@pytest.mark.parametrize(
    "url", ["ext::sh -c touch% MARK", "fd::17", "--upload-pack=touch MARK", "-uMARK"]
)
async def test_a_url_that_runs_something_is_refused_by_git_too(tmp_path, url):
    # specs do not let such a URL through; were one to come, git would not do it either
    mark = tmp_path / "mark"
    with pytest.raises(RepositoryError):
        await run_git("ls-remote", "--", url.replace("MARK", str(mark)), what="It")
    assert not mark.exists()


async def test_repositories_of_this_machine_only_where_that_is_said(book):
    url = f"file://{book.bare}"
    with pytest.raises(RepositoryRefused):
        await run_git("ls-remote", "--", url, what="It")
    with pytest.raises(RepositoryRefused):
        await run_git("ls-remote", "--", str(book.bare), what="It")
    assert await run_git("ls-remote", "--", url, what="It", allow_file=True)


async def test_configuration_of_the_user_and_the_machine_is_not_read(
    book, closed_url, tmp_path, monkeypatch
):
    config = f'[url "{closed_url}"]\n\tinsteadOf = {book.url.split("ada")[0]}\n'
    (tmp_path / ".gitconfig").write_text(config)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / ".gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.ext.allow")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "always")
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    assert b"refs/heads/main" in await run_git("ls-remote", "--", book.url, what="It")
    assert b"protocol.ext" not in await run_git("config", "--list", what="It")


async def test_a_repository_above_is_not_taken_for_the_one_meant(tmp_path):
    await run_git("init", "--quiet", str(tmp_path), what="It")
    (tmp_path / "mirror.git").mkdir()
    with pytest.raises(RepositoryError, match="not a git repository"):
        await run_git("rev-parse", "--git-dir", what="It", folder=tmp_path / "mirror.git")


def test_ssh_has_no_keys_of_the_hubs_user(monkeypatch):
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    monkeypatch.delenv("GIT_SSH_COMMAND", raising=False)
    environment = git_environment()
    assert "SSH_AUTH_SOCK" not in environment
    assert "IdentityFile=none" in environment["GIT_SSH_COMMAND"]


@pytest.mark.skipif(not shutil.which("ssh"), reason="there is no ssh here")
def test_ssh_understands_the_command():
    words = process.SSH_COMMAND.split()
    said = subprocess.run(
        [*words, "-G", "git.example.org"], capture_output=True, text=True, check=True
    ).stdout
    assert "batchmode yes" in said
    assert "identityagent none" in said
    assert "identityfile none" in said


async def test_the_operator_may_name_a_key(tmp_path, monkeypatch):
    mark = tmp_path / "arguments"
    command = tmp_path / "ssh"
    command.write_text(f'#!/bin/sh\necho "$@" > {mark}\nexit 1\n')
    command.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", f"{command} -i key")
    with pytest.raises(RepositoryError):
        await run_git("ls-remote", "--", "git@git.example.org:ada/book.git", what="It")
    assert mark.read_text().startswith("-i key")


async def test_git_ends_in_time_and_leaves_nothing_running(silent, silent_url, started):
    with pytest.raises(RepositoryUnreachable, match=r"It cannot be read: .* 0\.5 seconds"):
        await run_git("ls-remote", "--", silent_url, what="It", timeout=0.5)
    connection, _ = silent.accept()
    connection.setblocking(False)
    await until_closed(connection)
    assert [each.returncode for each in started] == [-signal.SIGTERM]


async def test_a_cancelled_call_leaves_nothing_running(silent, silent_url, started):
    task = asyncio.create_task(run_git("ls-remote", "--", silent_url, what="It"))
    connection, _ = await asyncio.get_running_loop().sock_accept(silent)
    connection.setblocking(False)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until_closed(connection)
    assert [each.returncode for each in started] == [-signal.SIGTERM]


async def test_git_that_does_not_end_when_asked_is_killed(tmp_path, monkeypatch, started):
    _fake_git(tmp_path, monkeypatch, "trap '' TERM\nwhile :; do sleep 0.1; done")
    monkeypatch.setattr(process, "_GRACE", 0.1)
    with pytest.raises(RepositoryUnreachable):
        await run_git("ls-remote", what="It", timeout=0.5)
    assert [each.returncode for each in started] == [-signal.SIGKILL]


async def test_an_endless_answer_is_cut(tmp_path, monkeypatch, started):
    _fake_git(tmp_path, monkeypatch, "exec yes")
    monkeypatch.setattr(process, "_LONGEST_OUTPUT", 2**20)
    with pytest.raises(RepositoryError, match="It is too large"):
        await run_git("ls-remote", what="It", timeout=60)
    assert started[0].returncode is not None


async def test_a_machine_without_git(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RepositoryError, match="git cannot be run"):
        await run_git("version", what="It")


async def test_git_reads_standard_input(tmp_path):
    oid = await run_git("hash-object", "--stdin", what="It", stdin=b"abc", folder=tmp_path)
    assert oid.strip() == b"f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f"


def _fake_git(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
