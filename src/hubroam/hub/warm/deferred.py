"""Modules that a server names when it is imported, and never uses: imported at their first use.

They are half of what a server has in memory: JupyterHub's side of its database, a parser of
international addresses, a client for PyPI. Each is named by a module that a server does need, so
only who imports it can say that it shall wait. A list can be wrong with the next release of any of
them; what it may cost then is memory: a name that is not in the list is the real one, at once.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

#: Modules, with the classes and functions that others take from them when they are imported.
DEFERRED: dict[str, tuple[str, ...]] = {
    # JupyterHub's own side: its pages, its database
    "jupyterhub.handlers": (),
    "jupyterhub.handlers.pages": ("HealthCheckHandler",),
    "jupyterhub.orm": (),
    "jupyterhub.roles": (),
    "sqlalchemy": (),
    "sqlalchemy.exc": ("SQLAlchemyError",),
    # formats that jsonschema can check
    "arrow": (),
    "rfc3987_syntax": ("is_valid_syntax",),
    # JupyterLab's manager of extensions, where it installs; ours does not
    "jupyterlab.extensions.pypi": ("PyPIExtensionManager",),
    # clients of other servers: lists of blocked extensions, kernel gateways
    "requests": (),
    "websocket": (),
}


class Deferred(type):
    """The class of the classes that stand for a class or a function of a deferred module.

    As a class it can be named wherever a class can: in unions, in `except`, in `isinstance`.
    """

    _real_: tuple[_Deferral, str, str]

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        return _real(cls)(*arguments, **named)

    def __getattr__(cls, name: str) -> Any:
        return getattr(_real(cls), name)

    def __instancecheck__(cls, instance: Any) -> bool:
        return _is_loaded(cls) and isinstance(instance, _real(cls))

    def __subclasscheck__(cls, subclass: type) -> bool:
        return _is_loaded(cls) and issubclass(subclass, _real(cls))

    def __mro_entries__(cls, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return (_real(cls),)


def _is_loaded(cls: Deferred) -> bool:
    """Whether the module was ever imported: before, nothing is an instance of its classes."""
    _, module, _ = cls._real_
    return isinstance(sys.modules.get(module), ModuleType) and not isinstance(
        sys.modules[module], _DeferredModule
    )


def _real(cls: Deferred) -> Any:
    deferral, module, name = cls._real_
    return getattr(deferral.load(module), name)


class _DeferredModule(ModuleType):
    """Stands for a deferred module."""

    _deferral_: _Deferral

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what the import system asks for
            raise AttributeError(name)
        deferral: _Deferral = self.__dict__["_deferral_"]
        if deferral.on and name in DEFERRED[self.__name__]:
            stands = Deferred(name, (Exception,), {"_real_": (deferral, self.__name__, name)})
            setattr(self, name, stands)
            return stands
        return getattr(deferral.load(self.__name__), name)


class _Deferral(MetaPathFinder, Loader):
    """Finds deferred modules, as long as it is on."""

    on = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in DEFERRED:
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = _DeferredModule(spec.name)
        module._deferral_ = self
        return module

    def exec_module(self, module: ModuleType) -> None:
        pass

    def start(self) -> None:
        self.on = True
        sys.meta_path.insert(0, self)

    def stop(self) -> None:
        self.on = False
        sys.meta_path.remove(self)
        for name in DEFERRED:
            module = sys.modules.get(name)
            if isinstance(module, _DeferredModule):
                del sys.modules[name]
                parent, _, child = name.rpartition(".")
                if parent and vars(sys.modules.get(parent, self)).get(child) is module:
                    delattr(sys.modules[parent], child)

    def load(self, name: str) -> ModuleType:
        on = self.on
        if on:
            self.stop()
        try:
            return importlib.import_module(name)
        finally:
            if on:
                self.start()


@contextmanager
def deferring() -> Iterator[None]:
    """Import what is imported meanwhile without the deferred modules."""
    deferral = _Deferral()
    deferral.start()
    try:
        yield
    finally:
        deferral.stop()
