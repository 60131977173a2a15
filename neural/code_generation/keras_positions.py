"""Vectors, angles and biases that tell positions apart, in Keras."""

from __future__ import annotations

from collections.abc import Mapping

from neural.code_generation.keras_made import Made, Row, arguments
from neural.code_generation.writer import Helper
from neural.layers import positions
from neural.layers.base import Layer, type_name

_IMPORTS = ("import keras", "from keras import layers")

POSITION_EMBEDDING = Helper(
    "PositionEmbedding",
    '''
@keras.saving.register_keras_serializable()
class PositionEmbedding(layers.Layer):
    """Returns a learned vector for each position, the same for every sample."""

    def __init__(self, sequence_length, **kwargs):
        super().__init__(**kwargs)
        self.sequence_length = sequence_length

    def build(self, input_shape):
        shape = (self.sequence_length, input_shape[-1])
        self.embeddings = self.add_weight(shape=shape, name="embeddings")

    def call(self, x):
        shape = keras.ops.shape(x)
        return keras.ops.broadcast_to(self.embeddings[: shape[-2]], shape)

    def get_config(self):
        return {**super().get_config(), "sequence_length": self.sequence_length}
''',
    _IMPORTS,
)

CLASS_TOKEN = Helper(
    "ClassToken",
    '''
@keras.saving.register_keras_serializable()
class ClassToken(layers.Layer):
    """Puts a learned token before the others."""

    def build(self, input_shape):
        shape = (1, input_shape[-1])
        self.token = self.add_weight(shape=shape, initializer="zeros", name="token")

    def call(self, x):
        shape = (keras.ops.shape(x)[0], 1, x.shape[-1])
        return keras.ops.concatenate(
            [keras.ops.broadcast_to(self.token, shape), x], axis=1
        )
''',
    _IMPORTS,
)

SINES = Helper(
    "SinePositionEncoding",
    '''
@keras.saving.register_keras_serializable()
class SinePositionEncoding(layers.Layer):
    """Returns sines and cosines of each position in turn, the same for every sample."""

    def __init__(self, max_wavelength=10000.0, **kwargs):
        super().__init__(**kwargs)
        self.max_wavelength = max_wavelength

    def compute_output_shape(self, input_shape):
        return input_shape

    def call(self, x):
        shape = keras.ops.shape(x)
        dtype = keras.backend.result_type(x.dtype, "float32")
        steps = keras.ops.arange(shape[-2], dtype=dtype)
        feature = keras.ops.arange(x.shape[-1])
        even = feature - feature % 2
        powers = keras.ops.cast(even, dtype) / x.shape[-1]
        angles = steps[:, None] * self.max_wavelength**-powers
        waves = keras.ops.where(
            feature == even, keras.ops.sin(angles), keras.ops.cos(angles)
        )
        return keras.ops.broadcast_to(keras.ops.cast(waves, x.dtype), shape)

    def get_config(self):
        return {**super().get_config(), "max_wavelength": self.max_wavelength}
''',
    _IMPORTS,
)

ROTATED = Helper(
    "rotated",
    '''
def rotated(x, theta, scaling=1.0):
    """Turn pairs of features, the last axis, by the angle of their position, axis 1."""
    half = x.shape[-1] // 2
    dtype = keras.backend.result_type(x.dtype, "float32")
    steps = keras.ops.arange(keras.ops.shape(x)[1], dtype=dtype) / scaling
    angles = steps[:, None] * theta ** (-keras.ops.arange(half, dtype=dtype) / half)
    angles = keras.ops.reshape(angles, (-1, *[1] * (len(x.shape) - 3), half))
    cos = keras.ops.cast(keras.ops.cos(angles), x.dtype)
    sin = keras.ops.cast(keras.ops.sin(angles), x.dtype)
    first, second = keras.ops.split(x, 2, axis=-1)
    return keras.ops.concatenate(
        [first * cos - second * sin, second * cos + first * sin], axis=-1
    )
''',
    ("import keras",),
)

ROTARY = Helper(
    "RotaryEmbedding",
    '''
@keras.saving.register_keras_serializable()
class RotaryEmbedding(layers.Layer):
    """Turns pairs of features by an angle that grows with the position."""

    def __init__(
        self,
        max_wavelength=10000.0,
        scaling_factor=1.0,
        sequence_axis=1,
        feature_axis=-1,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.max_wavelength = max_wavelength
        self.scaling_factor = scaling_factor
        self.axes = (sequence_axis, feature_axis)

    def call(self, x):
        moved = keras.ops.moveaxis(x, self.axes, (1, -1))
        turned = rotated(moved, self.max_wavelength, self.scaling_factor)
        return keras.ops.moveaxis(turned, (1, -1), self.axes)

    def get_config(self):
        return {
            **super().get_config(),
            "max_wavelength": self.max_wavelength,
            "scaling_factor": self.scaling_factor,
            "sequence_axis": self.axes[0],
            "feature_axis": self.axes[1],
        }
''',
    _IMPORTS,
    (ROTATED,),
)

RELATIVE_BIAS = Helper(
    "RelativePositionBias",
    '''
@keras.saving.register_keras_serializable()
class RelativePositionBias(layers.Layer):
    """Returns a bias of attention's scores for each head, by distance."""

    def __init__(
        self,
        num_heads,
        num_buckets=32,
        max_distance=128,
        bidirectional=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_heads = num_heads
        self.num_buckets = num_buckets
        self.max_distance = max_distance
        self.bidirectional = bidirectional

    def build(self, query_shape, key_shape=None):
        shape = (self.num_buckets, self.num_heads)
        self.embeddings = self.add_weight(shape=shape, name="embeddings")

    def call(self, query, key=None):
        key = query if key is None else key
        steps = keras.ops.arange(keras.ops.shape(query)[1])[:, None]
        ahead = keras.ops.arange(keras.ops.shape(key)[1]) - steps
        bias = keras.ops.take(self.embeddings, self.bucket(ahead), axis=0)
        bias = keras.ops.transpose(bias, (2, 0, 1))
        samples = keras.ops.shape(query)[0]
        return keras.ops.broadcast_to(bias, (samples, *keras.ops.shape(bias)))

    def bucket(self, ahead):
        """Return which bias belongs to a distance: small ones apart, large in ranges."""
        both = self.bidirectional
        buckets = self.num_buckets // 2 if both else self.num_buckets
        exact = buckets // 2
        far = keras.ops.abs(ahead) if both else keras.ops.maximum(-ahead, 0)
        ratio = keras.ops.cast(keras.ops.maximum(far, exact), "float32") / exact
        growth = keras.ops.log(ratio) / math.log(self.max_distance / exact)
        grown = exact + keras.ops.cast(growth * (buckets - exact), far.dtype)
        grown = keras.ops.minimum(grown, buckets - 1)
        bucket = keras.ops.where(far < exact, far, grown)
        return bucket + buckets * keras.ops.cast(ahead > 0, far.dtype) * both

    def get_config(self):
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "num_buckets": self.num_buckets,
            "max_distance": self.max_distance,
            "bidirectional": self.bidirectional,
        }
''',
    ("import math", *_IMPORTS),
)


def own(helper: Helper) -> Row:
    """Return the row of a layer whose class goes into the file, with the arguments of the program."""

    def row(layer: Layer) -> Made:
        positional, named = arguments(layer, {})
        return Made(type_name(layer), positional, named, helper=helper)

    return row


ROWS: Mapping[type[Layer], Row] = {
    positions.PositionEmbedding: own(POSITION_EMBEDDING),
    positions.SinePositionEncoding: own(SINES),
    positions.RotaryEmbedding: own(ROTARY),
    positions.RelativePositionBias: own(RELATIVE_BIAS),
    positions.ClassToken: own(CLASS_TOKEN),
}

HELPERS = (POSITION_EMBEDDING, SINES, ROTATED, ROTARY, RELATIVE_BIAS, CLASS_TOKEN)
