"""The warm parent's program: ``python -P -m hubroam.hub.warm.parent DESCRIPTOR``.

The hub starts it with one end of a pair of sockets (`messages`) and ends it by closing the other.
Each server that the hub asks for is a fork; the parent says how it ended.
"""

from __future__ import annotations

import gc
import os
import selectors
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path

from hubroam.hub.deferred import deferring
from hubroam.hub.warm.child import become
from hubroam.hub.warm.messages import ServerRequest, receive, send


@dataclass
class Parent:
    """The parent's whole state.

    Attributes:
        channel: To the hub.
        selector: Watches the channel and every server.
        servers: Descriptors of the servers that run (pidfd), with their process ids.
    """

    channel: socket.socket
    selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    servers: dict[int, int] = field(default_factory=dict)

    def serve(self) -> tuple[ServerRequest, list[int]] | None:
        """Fork servers until the hub is gone.

        Returns:
            In a server: its request, and its descriptors. In the parent, at the end: None.
        """
        self.selector.register(self.channel, selectors.EVENT_READ)
        send(self.channel, {"event": "ready"})
        while True:
            for key, _ in self.selector.select():
                if key.fd in self.servers:
                    self._reap(key.fd)
                    continue
                received = receive(self.channel)
                if received is None:
                    return None
                message, descriptors = received
                if self._fork():
                    return ServerRequest(**message), descriptors
                for descriptor in descriptors:
                    os.close(descriptor)

    def _fork(self) -> bool:
        """Fork, and tell the hub; returns whether this is the new process."""
        try:
            pid = os.fork()
        except OSError as error:  # no process or memory is left
            send(self.channel, {"event": "refused", "reason": str(error)})
            return False
        if pid == 0:
            # Closed by these objects now: later they would close what has their numbers then.
            self.selector.close()
            self.channel.close()
            return True
        server = os.pidfd_open(pid)
        self.servers[server] = pid
        self.selector.register(server, selectors.EVENT_READ)
        send(self.channel, {"event": "forked", "pid": pid}, (server,))
        return False

    def _reap(self, server: int) -> None:
        self.selector.unregister(server)
        pid = self.servers.pop(server)
        os.close(server)
        _, status = os.waitpid(pid, 0)
        send(
            self.channel,
            {"event": "ended", "pid": pid, "status": os.waitstatus_to_exitcode(status)},
        )


def main() -> None:
    """Import, then serve; a forked server goes on as `singleuser` does."""
    parent = Parent(socket.socket(fileno=int(sys.argv[1])))
    with deferring():  # whatever imports Jupyter does so here
        from hubroam.hub import singleuser
        from hubroam.hub.warm.rehearsal import import_what_servers_import

        import_what_servers_import()
    if (threads := len(list(Path("/proc/self/task").iterdir()))) != 1:
        sys.exit(f"{threads} threads run after the imports: a fork would have one of them only.")
    # What is here now is for all: collecting it would write to it, and copy it for each server.
    gc.collect()
    gc.freeze()
    try:
        forked = parent.serve()
    except (BrokenPipeError, ConnectionResetError):
        return  # the hub went while it was being answered
    if forked is not None:
        request, descriptors = forked
        become(request, *descriptors)
        singleuser.main()


if __name__ == "__main__":
    main()
