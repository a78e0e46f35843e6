"""Modules that are imported at their first use: with packages of the test's, and in a server."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys

import pytest

from hubroam.hub import deferred
from hubroam.hub.deferred import DEFERRED, deferring

PACKAGE = """
import heavy.log
LOADED = True
class Handler:
    kind = "real"
    def __init__(self, name="none"):
        self.name = name
class Trouble(Exception): pass
def check(value): return value * 2
"""
# as modules that a server needs use the heavy one
USER = """
import heavy
from heavy.pages import Handler, Trouble, check
kinds = str | Handler
def is_one(value): return isinstance(value, kinds)
def checked(value): return check(value)
def careful(do):
    try:
        return do()
    except Trouble:
        return "trouble"
    except ValueError:
        return "value"
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package ``heavy`` whose module ``pages`` is deferred, and one that uses it."""
    heavy = tmp_path / "heavy"
    heavy.mkdir()
    (heavy / "__init__.py").write_text("ANYTHING = 7\n")
    (heavy / "log.py").write_text("")
    (heavy / "pages").mkdir()
    (heavy / "pages" / "__init__.py").write_text(PACKAGE)
    (heavy / "pages" / "more.py").write_text("MORE = 8\n")
    (tmp_path / "user.py").write_text(USER)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(
        deferred, "DEFERRED", {"heavy": (), "heavy.pages": ("Handler", "Trouble", "check")}
    )
    yield heavy
    for name in [name for name in sys.modules if name.split(".")[0] in ("heavy", "user")]:
        del sys.modules[name]


def heavies() -> set[str]:
    return {name for name in sys.modules if name.split(".")[0] == "heavy"}


def test_it_is_imported_at_its_first_use_and_by_who_imports_it_later(package):
    with deferring():
        user = importlib.import_module("user")
    assert heavies() == set()
    assert not user.is_one(1)
    assert user.is_one("text")
    assert user.careful(lambda: int("x")) == "value"
    assert heavies() == set()  # nothing can be of a class that is not there
    assert user.checked(21) == 42
    assert user.heavy.ANYTHING == 7
    pages = importlib.import_module("heavy.pages")
    assert pages.LOADED
    assert user.is_one(pages.Handler())
    assert user.Handler("ada").name == "ada"
    assert user.Handler.kind == "real"
    assert issubclass(pages.Handler, user.Handler)


def test_the_import_leaves_no_trace(package):
    before = list(sys.meta_path)
    with deferring():
        importlib.import_module("user")
    assert sys.meta_path == before
    assert importlib.import_module("heavy.pages").__file__ == str(package / "pages" / "__init__.py")
    assert importlib.import_module("heavy").pages is sys.modules["heavy.pages"]


@pytest.mark.parametrize(
    "code",
    [
        "import heavy.pages; assert heavy.pages.LOADED",
        "from heavy.pages import LOADED; assert LOADED is True",
        "from heavy.pages import Handler\nclass Mine(Handler): pass\nassert Mine('x').name == 'x'",
        "from heavy.pages import Handler; assert Handler.kind == 'real'",
        "from heavy.pages import check; assert check(2) == 4",
        "from heavy.pages.more import MORE; assert MORE == 8",
        "import heavy.pages.more; assert heavy.pages.more.MORE == 8",
    ],
)
def test_what_is_used_while_it_is_deferred_is_the_real_one(package, code):
    with deferring():
        exec(code, {})
        assert "heavy.pages" in sys.modules
    assert importlib.import_module("heavy.pages").LOADED


# The imports of the warm parent, in a process of its own, then each deferred thing's use.
USES = """
import sys
import hubroam.hub.warm.parent
from hubroam.hub.deferred import DEFERRED, deferring
with deferring():
    from hubroam.hub import singleuser
    from hubroam.hub.warm.rehearsal import import_what_servers_import
    import_what_servers_import()
there = sorted({name.split(".")[0] if name.split(".")[0] != "jupyterhub" else name
    for name in sys.modules} & {"sqlalchemy", "alembic", "arrow", "lark", "rich", "IPython",
    "requests", "websocket", "httpx", "jupyterhub.orm", "jupyterhub.handlers.base"})
assert there == [], there

import jsonschema, jupyterhub.log, jupyterhub.scopes, jupyterlab.extensions
assert isinstance(1, jupyterhub.log.HealthCheckHandler) is False

checker = jsonschema.FormatChecker()
assert checker.conforms("http://example.org/\\N{SNOWMAN}", "iri")
assert not checker.conforms("no iri", "iri")
assert checker.conforms("P1D", "duration") and not checker.conforms("a day", "duration")

import sqlalchemy, sqlalchemy.orm
assert sqlalchemy.create_engine("sqlite://").connect().execute(sqlalchemy.text("SELECT 1")).scalar()
import jupyterhub.orm
from jupyterhub.handlers.pages import HealthCheckHandler
assert jupyterhub.scopes.orm.User is jupyterhub.orm.User
assert isinstance(HealthCheckHandler.__new__(HealthCheckHandler), jupyterhub.log.HealthCheckHandler)

manager = jupyterlab.extensions.get_pypi_manager(None, {}, None)
assert type(manager).__module__ == "jupyterlab.extensions.pypi", type(manager)

from jupyterlab_server import listings_handler
from jupyter_server.gateway import managers
assert listings_handler.requests.Session().headers
assert managers.websocket.WebSocketTimeoutException
print("all used")
"""


def test_every_deferred_module_of_a_server_can_be_used_afterwards():
    made = subprocess.run(
        [sys.executable, "-P", "-c", USES], capture_output=True, text=True, check=False
    )
    assert made.stdout == "all used\n", made.stderr


def test_each_is_there_and_has_what_is_taken_from_it():
    """Otherwise a line of the list would do nothing."""
    program = "\n".join(
        [
            "import importlib, json",
            f"for name, taken in json.loads({json.dumps(json.dumps(DEFERRED))}).items():",
            "    module = importlib.import_module(name)",
            "    assert all(callable(getattr(module, each)) for each in taken), name",
        ]
    )
    subprocess.run([sys.executable, "-P", "-c", program], check=True)
