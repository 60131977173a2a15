"""Modules that are imported when first used, so that a command pays only for what it needs."""

from __future__ import annotations

import importlib
from threading import RLock
from types import ModuleType
from typing import Any, Final

#: Packages that come with an extra of this distribution, and are installed together.
EXTRAS: Final = {
    **dict.fromkeys(("torch", "tensorflow", "keras", "numpy"), "frameworks"),
    **dict.fromkeys(("onnx", "onnxruntime", "onnxscript"), "onnx"),
}

_MODULES: Final[dict[str, ModuleType]] = {}


class LazyLoader:
    """Stand for a module; import it at the first attribute that is asked for.

    ``module`` is None until then. Attributes are kept, so that the second access is a look-up in one dictionary.
    """

    __slots__ = ("_cached_attrs", "_import_lock", "module", "module_name")

    module: ModuleType | None

    def __init__(self, module_name: str) -> None:
        self.module_name = module_name
        self.module = None
        self._cached_attrs: dict[str, Any] = {}
        self._import_lock = RLock()

    def load(self) -> ModuleType:
        """Return the module, imported once however many threads ask."""
        with self._import_lock:
            if self.module is None:
                self.module = _import(self.module_name)
            return self.module

    def __getattr__(self, name: str) -> Any:
        if name not in self._cached_attrs:
            self._cached_attrs[name] = getattr(self.load(), name)
        return self._cached_attrs[name]

    def __dir__(self) -> list[str]:
        return dir(self.load())

    def __reduce__(self) -> tuple[type[LazyLoader], tuple[str]]:
        return LazyLoader, (self.module_name,)

    def __repr__(self) -> str:
        state = "not loaded" if self.module is None else "loaded"
        return f"<LazyLoader {self.module_name!r} ({state})>"


def lazy_import(module_name: str) -> LazyLoader:
    """Return a loader of the module (``"torch"``, ``"tensorflow.keras"``) without importing it."""
    return LazyLoader(module_name)


def get_module(module: str | LazyLoader | ModuleType) -> ModuleType:
    """Return the module itself, imported now if it was not yet."""
    if isinstance(module, LazyLoader):
        return module.load()
    return _import(module) if isinstance(module, str) else module


def _import(name: str) -> ModuleType:
    """Import a module through the one cache; say how to install a package that is missing."""
    if name not in _MODULES:
        try:
            _MODULES[name] = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or "." in error.name:  # the package is there; it is a part of it that is not
                raise
            raise ModuleNotFoundError(_advice(name, error.name), name=error.name) from error
    return _MODULES[name]


def _advice(module: str, package: str) -> str:
    extra = EXTRAS.get(package)
    what = f'"neural-playground[{extra}]"' if extra else package
    return f"{module} needs the package {package}, which is not installed: pip install {what}"
