"""What git 2.39 and 2.47 really say, and what people are told."""

import errno

import pytest

from hubroam.errors import (
    DiskFull,
    RefNotFound,
    RepositoryError,
    RepositoryNotFound,
    RepositoryRefused,
    RepositoryUnreachable,
)
from hubroam.providers.failures import failure, full_disk

WHAT = "https://git.example.org/ada/book"
SSH_END = """fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.
"""


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("fatal: repository 'https://git.example.org/ada/book.git/' not found", RepositoryNotFound),
        (
            "remote: Repository not found.\n"
            "fatal: repository 'https://github.com/openssl/certificate-problem/' not found",
            RepositoryNotFound,
        ),
        (
            "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
            RepositoryNotFound,
        ),
        ("fatal: Authentication failed for 'https://git.example.org/x/'", RepositoryNotFound),
        (
            "fatal: unable to access 'https://x/': The requested URL returned error: 403",
            RepositoryNotFound,
        ),
        (f"git@github.com: Permission denied (publickey).\r\n{SSH_END}", RepositoryNotFound),
        (f"ERROR: Repository not found.\n{SSH_END}", RepositoryNotFound),
        (
            f"fatal: '/srv/x.git' does not appear to be a git repository\n{SSH_END}",
            RepositoryNotFound,
        ),
        (
            "fatal: https://example.org/info/refs not valid: is this a git repository?",
            RepositoryNotFound,
        ),
        (
            "fatal: unable to access 'https://ssl.test/': Could not resolve host: ssl.test",
            RepositoryUnreachable,
        ),
        (
            "fatal: unable to access 'http://127.0.0.1:1/x/': Failed to connect to 127.0.0.1 port 1"
            " after 0 ms: Couldn't connect to server",
            RepositoryUnreachable,
        ),
        (
            "fatal: unable to access 'https://x/': The requested URL returned error: 503",
            RepositoryUnreachable,
        ),
        (
            "error: RPC failed; HTTP 429 curl 22 The requested URL returned error: 429\n"
            "fatal: expected flush after ref listing",
            RepositoryUnreachable,
        ),
        (
            "fatal: unable to access 'https://x/': server certificate verification failed."
            " CAfile: none CRLfile: none",
            RepositoryUnreachable,
        ),
        (
            "fatal: unable to access 'https://x/': SSL certificate problem: expired",
            RepositoryUnreachable,
        ),
        (
            f"ssh: connect to host 127.0.0.1 port 1: Connection refused\r\n{SSH_END}",
            RepositoryUnreachable,
        ),
        (
            f"ssh: Could not resolve hostname x.test: Name or service not known\r\n{SSH_END}",
            RepositoryUnreachable,
        ),
        (f"Host key verification failed.\r\n{SSH_END}", RepositoryUnreachable),
        (
            "error: RPC failed; curl 18 transfer closed\nfetch-pack: unexpected disconnect while "
            "reading sideband packet\nfatal: early EOF\nfatal: index-pack failed",
            RepositoryUnreachable,
        ),
        ("fatal: transport 'ext' not allowed", RepositoryRefused),
        (
            "fatal: remote error: upload-pack: not our ref 11111111111111111111111111111111",
            RefNotFound,
        ),
        ("fatal: couldn't find remote ref refs/pull/9/head", RefNotFound),
        (
            "error: Server does not allow request for unadvertised object 1111111111111111111111",
            RefNotFound,
        ),
        ("fatal: write error: No space left on device\nfatal: index-pack failed", DiskFull),
        ("error: unable to write file: Disk quota exceeded", DiskFull),
        ("fatal: protocol error: bad line length character: <!DO", RepositoryError),
        ("", RepositoryError),
    ],
)
def test_failures_are_told_apart(words, error):
    found = failure(words, WHAT)
    assert type(found) is error
    assert found.next_step
    assert error is DiskFull or WHAT in found.message


def test_a_server_cannot_choose_the_error():
    words = "remote: No space left on device\nfatal: the remote end hung up unexpectedly"
    assert isinstance(failure(words, WHAT), RepositoryUnreachable)


def test_the_last_complaint_is_quoted():
    found = failure("hint: x\nerror: first\nfatal: pack has bad object at offset 12", WHAT)
    assert found.message == f"{WHAT} cannot be read: pack has bad object at offset 12."


@pytest.mark.parametrize(
    "words",
    [
        "fatal: odd answer of https://ada:secret@git.example.org/x",
        "fatal: odd answer of 'ada:secret'",
        "fatal: odd file /srv/secret/config",
        "fatal: \x1b[31msecret",
        f"fatal: {'secret ' * 100}",
    ],
)
def test_a_secret_or_a_dump_is_not_quoted(words):
    found = failure(words, WHAT)
    assert "secret" not in found.message
    assert "\x1b" not in found.message


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_that_we_meet(number):
    with pytest.raises(DiskFull), full_disk():
        raise OSError(number, "no space")


def test_another_error_of_the_disk_stays():
    with pytest.raises(PermissionError), full_disk():
        raise PermissionError(errno.EACCES, "no")
