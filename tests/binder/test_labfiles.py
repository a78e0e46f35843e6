"""JupyterLab's files as the service sends them, by a real server."""

from __future__ import annotations

import gzip

import httpx
import pytest
import pytest_asyncio
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from hubroam.binder.labfiles import LabFileHandler, compress
from hubroam.hub.defaults import lab_folder

SCRIPT = b"export const lab = 1;\n" * 1000
SMALL = b"/* small */"


@pytest.fixture
def folders(tmp_path):
    source, copies = tmp_path / "static", tmp_path / "lab"
    source.mkdir()
    (source / "main.0a1b.js").write_bytes(SCRIPT)
    (source / "small.css").write_bytes(SMALL)
    (source / "font.woff2").write_bytes(b"\0" * 5000)
    (tmp_path / "secret.js").write_bytes(b"secret")
    compress(source, copies)
    return source, copies


@pytest_asyncio.fixture
async def lab(folders):
    source, copies = folders
    handler = (r"/lab/(.*)", LabFileHandler, {"path": str(source), "compressed": str(copies)})
    server = HTTPServer(Application([handler]))
    listener, port = bind_unused_port()
    server.add_socket(listener)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/lab/") as client:
        yield client
    server.stop()


async def test_a_browser_gets_it_compressed_and_keeps_it(lab):
    answer = await lab.get("main.0a1b.js", headers={"Accept-Encoding": "gzip, br"})
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(SCRIPT) / 10
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.content == SCRIPT


@pytest.mark.parametrize(
    ("name", "headers", "expected"),
    [
        ("main.0a1b.js", {"Accept-Encoding": "identity"}, SCRIPT),
        ("main.0a1b.js", {"Range": "bytes=0-5"}, SCRIPT[:6]),
        ("small.css", {}, SMALL),
        ("font.woff2", {}, b"\0" * 5000),
    ],
)
async def test_what_is_sent_as_it_is(lab, name, headers, expected):
    answer = await lab.get(name, headers=headers)
    assert "content-encoding" not in answer.headers
    assert answer.content == expected


async def test_who_has_it_gets_nothing(lab):
    first = await lab.get("main.0a1b.js")
    again = await lab.get("main.0a1b.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    plain = await lab.get("main.0a1b.js", headers={"Accept-Encoding": "identity"})
    assert plain.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("name", ["no.js", "..%2Fsecret.js", "%2e%2e/secret.js", "main.0a1b.js.gz"])
async def test_nothing_else_is_sent(lab, name):
    assert (await lab.get(name)).status_code in (403, 404)


def test_copies_are_made_once_and_go_with_their_files(folders):
    source, copies = folders
    before = (copies / "main.0a1b.js.gz").stat().st_mtime_ns
    assert gzip.decompress((copies / "main.0a1b.js.gz").read_bytes()) == SCRIPT
    (source / "next.2c3d.js").write_bytes(SCRIPT)
    (copies / "main.0a1b.js.gz.77").write_bytes(b"of a process that was killed")
    compress(source, copies)
    assert {path.name for path in copies.iterdir()} == {"main.0a1b.js.gz", "next.2c3d.js.gz"}
    assert (copies / "main.0a1b.js.gz").stat().st_mtime_ns == before
    (source / "main.0a1b.js").unlink()
    compress(source, copies)
    assert {path.name for path in copies.iterdir()} == {"next.2c3d.js.gz"}


def test_the_installed_jupyterlab_is_found():
    names = [path.name for path in lab_folder().glob("main.*.js")]
    assert len(names) == 1
