"""The spellings of PyTorch that are more than another name: its order of arguments, and the input sizes it has stated.

Those sizes follow from the input: a program may state them, and they are compared with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from neural.layers.base import Layer
from neural.layers.fields import Argument, Choice, Sizes

_CONVOLUTION = ("in_channels", "filters", "kernel_size", "strides", "padding", "dilation_rate", "groups", "use_bias")
_TRANSPOSED = ("in_channels", "filters", "kernel_size", "strides", "padding", "output_padding")
_BY_CHANNEL = ("num_features", "epsilon")
_BY_SHAPE = ("normalized_shape", "epsilon")

#: By PyTorch's spelling of a layer, the order of its arguments, each by our name of it.
ORDERS: Mapping[str, tuple[str, ...]] = {
    "Linear": ("in_features", "units", "use_bias"),
    **{f"Conv{rank}d": _CONVOLUTION for rank in (1, 2, 3)},
    **{f"ConvTranspose{rank}d": _TRANSPOSED for rank in (1, 2, 3)},
    **{f"BatchNorm{rank}d": _BY_CHANNEL for rank in (1, 2, 3)},
    **{f"InstanceNorm{rank}d": _BY_CHANNEL for rank in (1, 2, 3)},
    "LayerNorm": _BY_SHAPE,
    "RMSNorm": _BY_SHAPE,
    "GroupNorm": ("groups", "num_channels", "epsilon"),
}

#: By a layer's name, the argument of PyTorch that states the size of its input's last axis.
STATED: Mapping[str, str] = {
    **dict.fromkeys(("Dense", "Output"), "in_features"),
    **{f"Conv{rank}D": "in_channels" for rank in (1, 2, 3)},
    **{f"Conv{rank}DTranspose": "in_channels" for rank in (1, 2, 3)},
    **dict.fromkeys(("BatchNormalization", "InstanceNormalization"), "num_features"),
    **dict.fromkeys(("LayerNormalization", "RMSNormalization"), "normalized_shape"),
    "GroupNormalization": "num_channels",
    **dict.fromkeys(("SimpleRNN", "LSTM", "GRU", "SimpleRNNCell", "LSTMCell", "GRUCell"), "input_size"),
}

#: The layers that have a `data_format` in Keras: the channels are last in programs, and saying so changes nothing.
DATA_FORMAT = frozenset(
    (
        *("Flatten", "Resizing", "UpSampling2D", "UpSampling3D", "Cropping2D", "Cropping3D"),
        *("SpatialDropout2D", "SpatialDropout3D", "DepthwiseConv1D", "DepthwiseConv2D"),
        *("SeparableConv1D", "SeparableConv2D"),
        *(f"{kind}{rank}D" for rank in (1, 2, 3) for kind in ("Conv", "ConvLSTM", "ZeroPadding")),
        *(f"Conv{rank}DTranspose" for rank in (1, 2, 3)),
        *(
            f"{scope}{kind}Pooling{rank}D"
            for rank in (1, 2, 3)
            for kind in ("Max", "Average")
            for scope in ("", "Global", "Adaptive")
        ),
    )
)
_ELSEWHERE = (
    "programs have the channels last, and generated PyTorch has them first by itself; "
    "for data with the channels first put Permute((2, 3, 1)) before the layer"
)

_SIZE = Argument(Sizes(1), "Size of the input's last axis, compared with it.", default=None, named=True)
_FORMAT = Argument(
    Choice(("channels_last",), optional=True, elsewhere=(("channels_first", _ELSEWHERE),)),
    "Where the channels are: last.",
    default=None,
    named=True,
)


@cache
def accepted(layer: type[Layer]) -> Mapping[str, Argument]:
    """Return the arguments that a call of a layer may give: its own, and those that say what is so anyway."""
    stated = STATED.get(layer.__name__)
    size = {stated: _SIZE} if stated else {}
    return {**layer.arguments(), **size, **({"data_format": _FORMAT} if layer.__name__ in DATA_FORMAT else {})}


@cache
def required(layer: type[Layer]) -> frozenset[str]:
    """Return the names of the arguments that a layer must be given."""
    return frozenset(name for name, each in layer.arguments().items() if each.required)


@cache
def keras_order(layer: type[Layer]) -> tuple[str, ...]:
    """Return the order of a layer's positional arguments in Keras."""
    return tuple(name for name, each in layer.arguments().items() if not each.named)


def torch_order(spelling: str, layer: type[Layer], values: int, names: frozenset[str]) -> tuple[str, ...]:
    """Return the order of a call under PyTorch's spelling, which has ``values`` by position besides those it ``names``.

    It is PyTorch's where that gives the layer all that it needs, and else Keras's.
    """
    arguments, theirs = layer.arguments(), ORDERS[spelling]
    named = {name for name, each in arguments.items() if not names.isdisjoint((name, *each.aliases))}
    return theirs if required(layer) <= named.union(theirs[:values]) else keras_order(layer)
