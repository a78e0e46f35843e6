"""Private repositories, opened by an operator's credentials that nobody else gets to see."""

from __future__ import annotations

import base64
import logging
import os
from pathlib import Path

import pytest
from traitlets.config import Config

from hubroam.errors import ConfigurationError, RepositoryNotFound
from hubroam.providers import MirrorStore, Providers
from hubroam.providers.keyring import Keyring
from hubroam.spec import BinderSpec
from support.gitserver import GitServer, Submodule

TOKEN = "glpat-$`\"'\\ x'; echo 0f1e2d3c"  # what a shell would make something of stays as it is


@pytest.fixture
def private(server, book):
    """The server lets only the one in who has the token."""
    server.user = ("reader", TOKEN)
    return server


def providers(url: str, **facts: str) -> Providers:
    credentials = {url.rstrip("/"): {"username": "reader", **(facts or {"token": TOKEN})}}
    return Providers(config=Config({"Providers": {"git_credentials": credentials}}))


def store(root: Path, served: Providers) -> MirrorStore:
    return MirrorStore(root / "mirrors", keyring=served.keyring)


def holding(folder: Path, secret: str = TOKEN) -> list[Path]:
    """The files below a folder that hold a secret, also as HTTP writes it."""
    needles = [secret.encode(), base64.b64encode(f"reader:{secret}".encode())]
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in files if any(each in path.read_bytes() for each in needles)]


async def test_a_private_repository_is_launched(private, book, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    served = providers(private.url)
    resolved = await served.resolve(BinderSpec.parse(book.spec))
    lines: list[str] = []
    mirror, resolved = await store(tmp_path, served).fetch(resolved, lines.append)
    await mirror.checkout(resolved.commit, tmp_path / "seat", origin=resolved.clone_url)
    assert (tmp_path / "seat" / "index.md").read_text() == "# Waves\n"
    wanted = base64.b64encode(f"reader:{TOKEN}".encode()).decode()
    assert set(private.authorizations) == {f"Basic {wanted}"}
    assert holding(tmp_path) == []
    assert TOKEN not in f"{lines} {resolved} {served.keyring.__dict__} {caplog.text}"
    assert TOKEN not in " ".join(private.requests)


async def test_the_token_is_on_no_command_line(private, book, tmp_path, monkeypatch):
    """A git that writes down how it was called, and calls the real one."""
    real = next(
        str(Path(folder) / "git")
        for folder in os.environ["PATH"].split(os.pathsep)
        if (Path(folder) / "git").exists()
    )
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> {tmp_path}/called\nexec {real} "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    served = providers(private.url)
    await store(tmp_path, served).fetch(
        await served.resolve(BinderSpec.parse(book.spec)), lambda line: None
    )
    called = (tmp_path / "called").read_text()
    assert "ls-remote" in called
    assert "fetch" in called
    assert TOKEN not in called


async def test_a_private_submodule(private, book, tmp_path):
    inner = private.repo("ada/data")
    commit = inner.commit({"waves.csv": "1\n"})
    modules = f'[submodule "data"]\n\tpath = data\n\turl = {inner.url}\n'
    book.commit({".gitmodules": modules, "data": Submodule(commit)})
    served = providers(private.url)
    resolved = await served.resolve(BinderSpec.parse(book.spec))
    mirror, resolved = await store(tmp_path, served).fetch(resolved, lambda line: None)
    await mirror.checkout(resolved.commit, tmp_path / "seat", origin=resolved.clone_url)
    assert (tmp_path / "seat" / "data" / "waves.csv").read_text() == "1\n"
    assert holding(tmp_path) == []


async def test_a_token_in_a_file_may_change(private, book, tmp_path):
    file = tmp_path / "token"
    file.write_text("wrong\n")
    served = providers(private.url, token_file=str(file))
    with pytest.raises(RepositoryNotFound, match="does not exist, or is private"):
        await served.resolve(BinderSpec.parse(book.spec))
    file.write_text(f"{TOKEN}\n")
    assert (await served.resolve(BinderSpec.parse(book.spec))).commit
    file.unlink()
    with pytest.raises(ConfigurationError, match="cannot be read") as caught:
        await served.resolve(BinderSpec.parse(book.spec))
    assert str(file) not in f"{caught.value.message} {caught.value.next_step}"


async def test_another_host_gets_nothing(private, book, tmp_path):
    """Not even one that has a repository of that name."""
    served = providers("https://git.example.org")
    with pytest.raises(RepositoryNotFound):
        await served.resolve(BinderSpec.parse(book.spec))
    assert private.authorizations == []
    with GitServer(tmp_path / "other") as other:
        other.user = ("reader", TOKEN)
        both = providers(private.url)
        repository = other.repo("ada/book")
        with pytest.raises(RepositoryNotFound):
            await both.resolve(BinderSpec.parse(repository.spec))
        assert other.authorizations == []


async def test_hosts_by_name_use_them_too(private, book):
    config = Config(
        {
            "Providers": {
                "git_credentials": {
                    "https://first.example.org": {"token": "another"},
                    private.url: {"username": "reader", "token": TOKEN},
                }
            },
            "GitLabProvider": {"base_url": private.url},
        }
    )
    resolved = await Providers(config=config).resolve(BinderSpec.parse("gl/ada%2Fbook/main"))
    assert resolved.clone_url == book.url


@pytest.mark.parametrize(
    ("address", "facts"),
    [
        ("git.example.org", {"token": "s3cret"}),
        ("https://reader:s3cret@git.example.org", {"token": "s3cret"}),
        ("https://git.example.org", {}),
        ("https://git.example.org", {"token": "s3cret", "token_file": "/x"}),
        ("https://git.example.org", {"password": "s3cret"}),
        ("https://git.example.org", {"token": "s3cret\nhost=evil.example.org"}),
        ("https://git.example.org", {"token": "s3cret", "username": ""}),
        ("https://git.example.org", {"token": 3}),
        ("https://git.example.org", "s3cret"),
    ],
)
def test_settings_that_are_not_understood(address, facts):
    with pytest.raises(ConfigurationError, match=r"Providers\.git_credentials") as caught:
        Keyring({address: facts})
    assert "s3cret" not in f"{caught.value.message} {caught.value.next_step}"
