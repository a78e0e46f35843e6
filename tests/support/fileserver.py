"""A web server of files on loopback, as hosts of books and sites are."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@contextmanager
def serving(folder: Path, headers: Mapping[str, str] | None = None) -> Iterator[str]:
    """Serve the files of a folder while the context lasts.

    Args:
        folder: The folder.
        headers: More headers of every answer.

    Yields:
        Where; ends in a slash.
    """
    handler = partial(_Folder, directory=folder, headers=headers or {})
    with _Server(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


class _Server(ThreadingHTTPServer):
    request_queue_size = 100  # with the usual five, who asks much at once waits a second


class _Folder(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as every host of sites does
    wbufsize = -1  # head and body are written together, as servers do

    def __init__(self, *args: Any, headers: Mapping[str, str], **kwargs: Any) -> None:
        self._more = headers
        super().__init__(*args, **kwargs)

    def end_headers(self) -> None:
        for name, value in self._more.items():
            self.send_header(name, value)
        super().end_headers()

    def send_header(self, keyword: str, value: str) -> None:
        if (keyword, value) != ("Connection", "close"):  # with "not found", no host closes it
            super().send_header(keyword, value)

    def log_message(self, *_: object) -> None:
        pass
