"""Masks in PyTorch, whose layers hand none on: what Masking sets to zero, and the layers that cannot follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from neural.code_generation.emitter import UnsupportedError
from neural.code_generation.pytorch_site import TORCH, Site, Value
from neural.code_generation.writer import literal
from neural.layers.activations import Softmax
from neural.layers.attention import MultiHeadAttention
from neural.layers.attention_grouped import GroupQueryAttention
from neural.layers.attention_plain import PlainAttention
from neural.layers.base import Layer, type_name
from neural.layers.core import Masking
from neural.layers.normalization import BatchNormalization
from neural.layers.pooling_global import GlobalAveragePooling1D
from neural.layers.recurrent import Loop
from neural.layers.wrappers import TimeDistributed
from neural.shape_propagation.plan import Step

#: The layers that in Keras compute otherwise where a mask is.
_READERS = (
    *(Loop, TimeDistributed, MultiHeadAttention, GroupQueryAttention, PlainAttention),
    *(BatchNormalization, GlobalAveragePooling1D, Softmax),
)


def masked(steps: Iterable[Step]) -> frozenset[str]:
    """Return the keys of the tensors that a mask may go with in Keras: of Masking, and all made of them."""
    found: set[str] = set()
    for step in steps:
        if isinstance(step.layer, Masking) or not found.isdisjoint(step.node.inputs):
            found.add(step.key)
    return frozenset(found)


def refuse_mask(step: Step, masked: frozenset[str]) -> None:
    """Raise where a layer would read a mask."""
    if isinstance(step.layer, _READERS) and not masked.isdisjoint(step.node.inputs):
        raise UnsupportedError(
            f"{type_name(step.layer)} leaves out what Masking marks, and PyTorch hands no mask on to it",
            "leave Masking out, or generate code for TensorFlow",
        )


def _masking(site: Site) -> Value:
    value = cast(Masking, site.layer).mask_value
    tensor = site.input
    if not value:
        return Value(tensor.text, tensor.layout)
    site.use(TORCH)
    text = tensor.text if tensor.text.isidentifier() else site.hold(tensor.text)
    last = tensor.position(tensor.rank - 1)
    kept = f"({text} != {literal(value)}).any({-1 if last == tensor.rank - 1 else last}, keepdim=True)"
    return Value(f"torch.where({kept}, {text}, 0.0)", tensor.layout)


ROWS: Mapping[type[Layer], Callable[[Site], Value]] = {Masking: _masking}
