"""The catalogue: every layer by its name, in any case and any known spelling."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from neural.layers import (
    activations,
    activations_named,
    attention,
    attention_grouped,
    attention_plain,
    cells,
    convolution,
    convolution_transposed,
    core,
    depthwise,
    merging,
    merging_dot,
    normalization,
    normalization_group,
    pooling,
    pooling_adaptive,
    pooling_global,
    recurrent,
    regularization,
    reshaping,
    reshaping_edges,
    scaling,
    wrappers,
)
from neural.layers.base import Layer

_MODULES = (
    core,
    activations,
    activations_named,
    convolution,
    convolution_transposed,
    depthwise,
    pooling,
    pooling_adaptive,
    pooling_global,
    recurrent,
    cells,
    wrappers,
    attention,
    attention_grouped,
    attention_plain,
    normalization,
    normalization_group,
    regularization,
    reshaping,
    reshaping_edges,
    scaling,
    merging,
    merging_dot,
)


def _layers() -> dict[str, type[Layer]]:
    found: dict[str, type[Layer]] = {}
    for module in _MODULES:
        for value in vars(module).values():
            own = isinstance(value, type) and issubclass(value, Layer) and value.__module__ == module.__name__
            if own and getattr(value, "__final__", False):
                found[value.__name__] = value
    return dict(sorted(found.items()))


#: Every layer by its canonical name.
LAYERS: Mapping[str, type[Layer]] = MappingProxyType(_layers())

_BY_SPELLING: Mapping[str, tuple[str, type[Layer]]] = MappingProxyType(
    {spelling.lower(): (spelling, layer) for name, layer in LAYERS.items() for spelling in (*layer.aliases, name)}
)


def find(name: str) -> type[Layer] | None:
    """Return the layer of a name or an alias, in any case, or None."""
    known = _BY_SPELLING.get(name.lower())
    return known[1] if known else None


def is_alias(name: str) -> bool:
    """Whether a name is another spelling of a layer rather than its canonical name."""
    known = _BY_SPELLING.get(name.lower())
    return known is not None and known[0] != known[1].__name__
