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
    attention_windows,
    cells,
    convolution,
    convolution_transposed,
    core,
    depthwise,
    einsum,
    experts,
    graphs,
    lambdas,
    merging,
    merging_dot,
    normalization,
    normalization_group,
    pooling,
    pooling_adaptive,
    pooling_global,
    positions,
    recurrent,
    recurrent_convolution,
    recurrent_stack,
    regularization,
    reshaping,
    reshaping_edges,
    scaling,
    spectral,
    splitting,
    wrappers,
)
from neural.layers.base import Layer
from neural.layers.plugins import plugin_layers

_MODULES = (
    core,
    activations,
    activations_named,
    convolution,
    convolution_transposed,
    depthwise,
    einsum,
    experts,
    graphs,
    pooling,
    pooling_adaptive,
    pooling_global,
    recurrent,
    recurrent_convolution,
    cells,
    recurrent_stack,
    wrappers,
    spectral,
    attention,
    attention_grouped,
    attention_plain,
    attention_windows,
    positions,
    normalization,
    normalization_group,
    regularization,
    reshaping,
    reshaping_edges,
    scaling,
    splitting,
    merging,
    merging_dot,
    lambdas,
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
    """Return the layer of a name or an alias, in any case, or None; one of an installed package where we have none."""
    known = _known(name)
    return known[1] if known else None


#: What layers are often called, by what they are called in full but for their rank.
_SHORT: Mapping[str, str] = {
    "fc": "dense",
    "fullyconnected": "dense",
    "bn": "batchnormalization",
    "ln": "layernormalization",
    "mha": "multiheadattention",
    "embed": "embedding",
    "pool": "maxpooling",
    "maxpool": "maxpooling",
    "avgpool": "averagepooling",
    "averagepool": "averagepooling",
    "meanpool": "averagepooling",
    "gap": "globalaveragepooling",
    "globalavgpool": "globalaveragepooling",
    "globalpool": "globalaveragepooling",
    "gmp": "globalmaxpooling",
    "globalmaxpool": "globalmaxpooling",
    "convtranspose": "conv{}dtranspose",
    "deconv": "conv{}dtranspose",
    "upsample": "upsampling",
}


def meant(name: str, rank: int) -> str | None:
    """Return the layer that a usual abbreviation or a name without its rank must mean before data of a rank, or None.

    ``Conv`` before a map, which has two axes besides its channels, is ``Conv2D``.
    """
    stem = _SHORT.get(name.lower(), name.lower())
    for spelling in (stem.format(rank), f"{stem}{rank}d"):
        if spelling in _BY_SPELLING:
            return _BY_SPELLING[spelling][1].__name__
    return None


def is_own(name: str) -> bool:
    """Whether a name or an alias, in any case, is of a layer of this catalogue; no package is looked at."""
    return name.lower() in _BY_SPELLING


def is_alias(name: str) -> bool:
    """Whether a name is another spelling of a layer rather than its canonical name."""
    known = _known(name)
    return known is not None and known[0] != known[1].__name__


def names() -> list[str]:
    """Return the canonical name of every layer, those of installed packages behind our own."""
    return [*LAYERS, *{layer.__name__: None for _, layer in plugin_layers().values()}]


def _known(name: str) -> tuple[str, type[Layer]] | None:
    return _BY_SPELLING.get(name.lower()) or plugin_layers().get(name.lower())
