"""Modules that a server names while it is imported, and does not use: imported at their first use.

They are more than half of what it had in memory: JupyterHub's database, a parser of international
addresses, PyPI's client. Modules that a server needs import them, so only who imports those can
say that they shall wait. A list can be wrong with the next release of any of them; what that costs
is memory: what is not in the list is the real thing, at once.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

#: The modules, with the classes and functions that others take from them by name.
DEFERRED: dict[str, tuple[str, ...]] = {
    # JupyterHub's pages and its database
    "jupyterhub.handlers": (),
    "jupyterhub.handlers.pages": ("HealthCheckHandler",),
    "jupyterhub.orm": (),
    "jupyterhub.roles": (),
    "sqlalchemy": (),
    "sqlalchemy.exc": ("SQLAlchemyError",),
    # formats that jsonschema checks
    "arrow": (),
    "rfc3987_syntax": ("is_valid_syntax",),
    # JupyterLab's manager of extensions that installs them; ours does not
    "jupyterlab.extensions.pypi": ("PyPIExtensionManager",),
    # clients: of lists of blocked extensions, of kernel gateways
    "requests": (),
    "websocket": (),
}


#: Of them, what compiles a grammar for more than a second, for a format ("iri") that no schema of
#: Jupyter's names; hubs and services import it too.
GRAMMAR = ("rfc3987_syntax",)


@contextmanager
def deferring(names: Collection[str] | None = None) -> Iterator[None]:
    """Have what is imported meanwhile do without deferred modules, until it uses them.

    Afterwards whoever imports one of them gets it as ever.

    Args:
        names: Which of `DEFERRED`; None for all.
    """
    deferral = _Deferral(DEFERRED if names is None else names)
    deferral.start()
    try:
        yield
    finally:
        deferral.stop()


class Standin(type):
    """The class of what stands for a class or function of a deferred module.

    It is a class, so that it can be named wherever a class can be: in unions, after `except`.
    """

    _stands_for: tuple[_Deferral, str, str]

    def __new__(
        cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **named: Any
    ) -> Any:
        """Make one, or, of who derives a class from one, a class derived from the real one."""
        if not any(isinstance(base, cls) for base in bases):
            return super().__new__(cls, name, bases, namespace)
        real = tuple(_real(base) if isinstance(base, cls) else base for base in bases)
        return types.new_class(name, real, named, lambda made: made.update(namespace))

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        """Call the real one."""
        return _real(cls)(*arguments, **named)

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):  # what Python itself looks for
            raise AttributeError(name)
        return getattr(_real(cls), name)

    def __instancecheck__(cls, instance: Any) -> bool:
        return _was_imported(cls) and isinstance(instance, _real(cls))

    def __subclasscheck__(cls, subclass: type) -> bool:
        return _was_imported(cls) and issubclass(subclass, _real(cls))


def _real(standin: Standin) -> Any:
    deferral, module, name = standin._stands_for
    return getattr(deferral.load(module), name)


def _was_imported(standin: Standin) -> bool:
    """Whether anything can be of this class: nothing is, of a module that is not there."""
    module = sys.modules.get(standin._stands_for[1])
    return module is not None and not isinstance(module, _DeferredModule)


class _DeferredModule(ModuleType):
    """What stands for a module. Others may keep it: it gives them what the real one has."""

    _deferral: _Deferral

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the import system looks for
            raise AttributeError(name)
        if self._deferral.on and name in DEFERRED[self.__name__]:
            made = Standin(name, (Exception,), {})
            made._stands_for = (self._deferral, self.__name__, name)
            setattr(self, name, made)
            return made
        return getattr(self._deferral.load(self.__name__), name)


class _Deferral(MetaPathFinder, Loader):
    """Finds the deferred modules before others do, while it is on."""

    on = False

    def __init__(self, names: Collection[str]) -> None:
        self._names = names

    def start(self) -> None:
        self.on = True
        sys.meta_path.insert(0, self)

    def stop(self) -> None:
        self.on = False
        sys.meta_path.remove(self)
        for name in self._names:
            if isinstance(module := sys.modules.get(name), _DeferredModule):
                del sys.modules[name]
                package, _, child = name.rpartition(".")
                if package in sys.modules and vars(sys.modules[package]).get(child) is module:
                    delattr(sys.modules[package], child)

    def load(self, name: str) -> ModuleType:
        """Import the real one."""
        was_on = self.on
        if was_on:
            self.stop()
        try:
            return importlib.import_module(name)
        finally:
            if was_on:
                self.start()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in self._names:
            return ModuleSpec(fullname, self, is_package=True)
        package = fullname.rpartition(".")[0]
        if isinstance(sys.modules.get(package), _DeferredModule):
            return PathFinder.find_spec(fullname, self.load(package).__path__)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = _DeferredModule(spec.name)
        module._deferral = self
        return module

    def exec_module(self, module: ModuleType) -> None:
        pass
