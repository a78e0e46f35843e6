"""What a forked process renews before it is a server: everything that must not be shared.

A fork has a copy of all that its parent had. Of that, a server keeps what was imported, and gets
of its own:

- a process session, signals as a new process has them, its folder, its log;
- its environment: none of the parent's variables stays;
- no descriptor of the parent's or of another server's;
- randomness: `random` and OpenSSL renew themselves after a fork and `secrets`, `uuid` and
  `tempfile` read the kernel's, but `multiprocessing` makes its key when it is imported.

What modules read when they are imported is of the parent's: folders (JupyterLab's settings and
workspaces, the trash), which the spawner's arguments name anew or switch off, and nothing else; a
test looks for more in all of them.

The parent never had an event loop, a thread, a connection or an object of Jupyter's, so there is
none to renew. What Python fixes when it starts (`STARTUP_VARIABLES`) cannot be changed by a fork.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from setproctitle import setproctitle

from hubroam.hub import readiness
from hubroam.hub.limits import limit_memory, stand_back
from hubroam.hub.warm.messages import ServerRequest

#: Variables by these beginnings are read when Python, the loader or JupyterHub's package starts;
#: a server that has one is not forked.
STARTUP_VARIABLES = (
    "PYTHON",
    "LD_",
    "MALLOC_",
    "GATEWAY_",
    "JUPYTERHUB_ALLOW_WEBSOCKET_COOKIE_AUTH",
    "JUPYTERHUB_SINGLEUSER_",
)

#: Of the hub's environment the parent gets what sessions get too, and nothing else.
INHERITED = ("LANG", "LC_ALL", "LC_CTYPE", "PATH", "TMPDIR", "TZ")

_LOCALE = ("LANG", "LC_")

_Disposition = signal.Handlers | Callable[[int, FrameType | None], Any]

# Bytes of a multiprocessing key, as Python itself makes it.
_KEY = 32


def can_be_forked(environment: dict[str, str]) -> bool:
    """Whether a fork of what has the hub's environment can have these variables' full effect."""
    if any(name.startswith(STARTUP_VARIABLES) for name in environment):
        return False
    # Python takes its locale when it starts
    ours = {name: value for name, value in os.environ.items() if name in INHERITED}
    names = {name for name in (*environment, *ours) if name.startswith(_LOCALE)}
    return all(environment.get(name) == ours.get(name) for name in names)


def become(request: ServerRequest, log: int, ready: int, go: int, *given: int) -> None:
    """Turn this process, which has just been forked, into the one that a request asks for.

    Args:
        request: What it shall be.
        log: A descriptor of its log; output and errors go there.
        ready: The descriptor on which it says that it listens.
        go: The descriptor on which it is told that the hub knows of it; closed means that the
            hub has given it up.
        given: The descriptor that the request names a variable for, if it does.
    """
    if not os.read(go, 1):
        os._exit(0)
    os.setsid()
    stand_back(request.niceness)
    os.dup2(log, 1)
    os.dup2(log, 2)
    _close_all_but(ready, *given)
    for number in signal.valid_signals():
        if number not in (signal.SIGKILL, signal.SIGSTOP) and number < signal.SIGRTMIN:
            signal.signal(number, _at_start(signal.Signals(number)))
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    setproctitle(request.title)
    os.environ.clear()
    os.environ.update(request.environment)
    os.environ[readiness.VARIABLE] = str(ready)
    for descriptor in given:
        os.environ[request.given] = str(descriptor)
    time.tzset()
    limit_memory(request.memory)
    os.chdir(request.folder)
    sys.argv = ["jupyterhub-singleuser", *request.arguments]
    multiprocessing.current_process().authkey = os.urandom(_KEY)


def _at_start(number: signal.Signals) -> _Disposition:
    """What Python does about a signal when it starts."""
    if number in (signal.SIGPIPE, signal.SIGXFSZ):
        return signal.SIG_IGN
    return signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL


def _close_all_but(*kept: int) -> None:
    """Close every descriptor but standard ones and some more."""
    after = 3
    for descriptor in sorted(kept):
        os.closerange(after, descriptor)
        after = descriptor + 1
    os.closerange(after, os.sysconf("SC_OPEN_MAX"))
