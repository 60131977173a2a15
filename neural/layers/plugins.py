"""Layers that installed packages add: entry points of the group ``neural.layers``, each a layer's class.

They are looked for when a program names a layer that the catalogue does not have, once a process. One that cannot be
used is a warning, and every other one is read.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any, cast

from neural.layers.base import Layer

GROUP = "neural.layers"


@cache
def plugin_layers() -> Mapping[str, tuple[str, type[Layer]]]:
    """Return the layers of installed packages: by each spelling in lower case, the spelling and the class."""
    from importlib.metadata import entry_points

    found: dict[str, tuple[str, type[Layer]]] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda each: (each.name, each.value)):
        try:
            layer = _checked(point.load())
        except Exception as error:  # whatever a package raises, programs without its layers are read
            reason = f"{type(error).__name__}: {error}"
            warnings.warn(f"the layer {point.name} ({point.value}) cannot be used: {reason}", stacklevel=2)
            continue
        for spelling in (layer.__name__, *layer.aliases):
            found.setdefault(spelling.lower(), (spelling, layer))
    return found


def _checked(value: Any) -> type[Layer]:
    """Return a layer's class; raise ``TypeError`` with the rule of `docs/adding-a-layer.md` that it breaks."""
    if not isinstance(value, type) or not issubclass(value, Layer):
        raise TypeError("it is no subclass of neural.layers.base.Layer")
    if not getattr(value, "__final__", False):
        raise TypeError("a layer is final: decorate it with typing.final")
    if not getattr(getattr(value, "__dataclass_params__", None), "frozen", False):
        raise TypeError("a layer is a frozen dataclass")
    if any("argument" not in field.metadata for field in fields(cast(Any, value))):
        raise TypeError("a layer declares each field with neural.layers.fields.argument")
    return value
