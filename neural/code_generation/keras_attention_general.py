"""Attention that knows of positions, in Keras: a window, rotary angles, a bias or a scale of its scores."""

from __future__ import annotations

from collections.abc import Sequence

from neural.code_generation.keras_made import Made, arguments
from neural.code_generation.keras_positions import ROTATED
from neural.code_generation.writer import Helper
from neural.layers.base import Layer

GENERAL = Helper(
    "GeneralAttention",
    '''
@keras.saving.register_keras_serializable()
class GeneralAttention(layers.Layer):
    """Attention in several heads that may share keys and know of positions."""

    def __init__(
        self,
        heads,
        key_size,
        groups=None,
        value_size=None,
        width=None,
        use_bias=True,
        use_key_bias=True,
        dropout=0.0,
        causal=False,
        window=None,
        theta=None,
        scale=None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.heads, self.groups = heads, groups or heads
        self.key_size, self.value_size, self.width = key_size, value_size, width
        self.use_bias, self.use_key_bias = use_bias, use_key_bias
        self.dropout, self.causal, self.window = dropout, causal, window
        self.theta, self.scale = theta, scale

    def build(self, query_shape, value_shape, key_shape=None, bias_shape=None):
        size = self.value_size or self.key_size
        width = self.width or query_shape[-1]
        self.query = self.project("query", self.heads, self.key_size)
        self.key = self.project("key", self.groups, self.key_size, self.use_key_bias)
        self.value = self.project("value", self.groups, size)
        self.output_dense = layers.EinsumDense(
            "bqhs,hsw->bqw",
            (None, width),
            bias_axes="w" if self.use_bias else None,
            name="attention_output",
        )
        self.drop = layers.Dropout(self.dropout)
        self.query.build(query_shape)
        self.key.build(key_shape or value_shape)
        self.value.build(value_shape)
        self.output_dense.build((None, None, self.heads, size))

    def project(self, name, heads, size, use_bias=True):
        """Return a projection to heads."""
        bias = "hs" if self.use_bias and use_bias else None
        shape = (None, heads, size)
        return layers.EinsumDense("bpw,whs->bphs", shape, bias_axes=bias, name=name)

    def call(self, query, value, key=None, bias=None, training=False):
        q = self.query(query)
        k = self.key(value if key is None else key)
        v = self.value(value)
        if self.theta is not None:
            q, k = rotated(q, self.theta), rotated(k, self.theta)
        if self.groups < self.heads:
            count = self.heads // self.groups
            k = keras.ops.repeat(k, count, axis=2)
            v = keras.ops.repeat(v, count, axis=2)
        scale = self.key_size**-0.5 if self.scale is None else self.scale
        scores = keras.ops.einsum("bqhs,bkhs->bhqk", q, k) * scale
        if bias is not None:
            scores = scores + bias
        weights = keras.ops.softmax(self.masked(scores))
        weights = self.drop(weights, training=training)
        return self.output_dense(keras.ops.einsum("bhqk,bkhs->bqhs", weights, v))

    def masked(self, scores):
        """Return the scores with what is out of sight at minus infinity."""
        queries, keys = keras.ops.shape(scores)[2:]
        ahead = keras.ops.arange(keys) - keras.ops.arange(queries)[:, None]
        if self.causal:
            scores = keras.ops.where(ahead > 0, float("-inf"), scores)
        if self.window is not None:
            far = keras.ops.abs(ahead) >= self.window
            scores = keras.ops.where(far, float("-inf"), scores)
        return scores

    def compute_output_shape(self, query_shape, *others, **more):
        return (*query_shape[:-1], self.width or query_shape[-1])

    def get_config(self):
        names = ("heads", "groups", "key_size", "value_size", "width", "use_bias")
        names += ("use_key_bias", "dropout", "causal", "window", "theta", "scale")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
''',
    ("import keras", "from keras import layers"),
    (ROTATED,),
)


def needs_general(layer: Layer) -> bool:
    """Whether a layer asks for more than Keras's own attention has."""
    given = [getattr(layer, name, None) for name in ("rope_theta", "scale")]
    return given != [None, None] or not getattr(layer, "use_key_bias", True)


_NAMES = {
    "num_heads": "heads",
    "key_dim": "key_size",
    "value_dim": "value_size",
    "output_dim": "width",
    "head_dim": "key_size",
    "num_query_heads": "heads",
    "num_key_value_heads": "groups",
    "sliding_window": "window",
    "use_causal_mask": "causal",
    "rope_theta": "theta",
}


def general(layer: Layer) -> Made:
    """Return attention that knows of positions; its fourth tensor is a bias of the scores."""
    positional, named = arguments(layer, _NAMES)
    required = (name for name, argument in layer.arguments().items() if argument.required)
    given = {_NAMES[name]: value for name, value in zip(required, positional, strict=True)}
    return Made("GeneralAttention", (), given | named, _operands, GENERAL)


def _operands(layer: Layer, tensors: Sequence[str]) -> list[str]:
    """Return query, value and what else is given; one tensor attends to itself."""
    return [*tensors, tensors[0]] if len(tensors) == 1 else list(tensors)


HELPERS = (GENERAL,)
