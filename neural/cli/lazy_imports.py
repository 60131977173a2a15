"""Lazy imports for commands; see ``neural.lazy``."""

from neural.lazy import LazyLoader, get_module, lazy_import

__all__ = ["LazyLoader", "get_module", "lazy_import"]
