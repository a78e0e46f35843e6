"""Which modules a server imports while it starts: a server that is started for that says so.

A list of modules would be wrong with the next release of any of them, and cannot know which
extensions are installed.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import tempfile
import traceback
from contextlib import suppress

from jupyterhub.singleuser.extension import JupyterHubSingleUser

from hubroam.hub.serversettings import SERVER_ARGUMENTS, SERVER_SETTINGS
from hubroam.hub.singleuser import SessionServer, prepare

# What JupyterHub tells a server; this one asks no hub and listens on no port.
_VARIABLES = {
    "JUPYTERHUB_API_TOKEN": "rehearsal",
    "JUPYTERHUB_API_URL": "http://127.0.0.1:1/hub/api",
    "JUPYTERHUB_SERVICE_URL": "http://127.0.0.1:1/",
    "JUPYTERHUB_SERVICE_PREFIX": "/user/rehearsal/",
    "JUPYTERHUB_BASE_URL": "/",
    "JUPYTERHUB_CLIENT_ID": "rehearsal",
    "JUPYTERHUB_USER": "rehearsal",
    "JUPYTERHUB_ACTIVITY_URL": "",
    "JUPYTERHUB_OAUTH_SCOPES": "[]",
    "JUPYTERHUB_OAUTH_ACCESS_SCOPES": "[]",
    "JUPYTER_CONFIG_PATH": str(SERVER_SETTINGS),
}


def import_what_servers_import() -> None:
    """Start a server in a process of its own, up to its port, and import what it imported.

    When that fails, the reason is logged, and the servers import the rest themselves.
    """
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(ours)
            names = _rehearse()
            with os.fdopen(theirs, "w") as pipe:
                json.dump(names, pipe)
            status = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(theirs)
    with os.fdopen(ours) as pipe:
        said = pipe.read()
    os.waitpid(pid, 0)
    for name in json.loads(said or "[]"):
        with suppress(ImportError):  # made at run time, not imported
            importlib.import_module(name)


def _rehearse() -> list[str]:
    before = set(sys.modules)
    logging.disable()
    with tempfile.TemporaryDirectory(prefix="hubroam-rehearsal-") as home:
        os.environ.update(_VARIABLES, HOME=home, JUPYTER_RUNTIME_DIR=home)
        os.chdir(home)
        prepare()
        server = SessionServer.instance(
            jpserver_extensions={JupyterHubSingleUser.get_extension_package(): True}
        )
        server.initialize(
            [*SERVER_ARGUMENTS, "--allow-root"],
            new_httpserver=False,
            starter_extension=JupyterHubSingleUser.name,
        )
        os.chdir("/")
    return [name for name in sys.modules if name not in before]
