"""Attention within the windows of a map, in Keras."""

from __future__ import annotations

from collections.abc import Mapping

from neural.code_generation.keras_made import Row
from neural.code_generation.keras_positions import own
from neural.code_generation.writer import Helper
from neural.layers.attention_windows import WindowAttention
from neural.layers.base import Layer

WINDOWS = Helper(
    "WindowAttention",
    '''
@keras.saving.register_keras_serializable()
class WindowAttention(layers.Layer):
    """Attention within the windows of a map, biased by distance."""

    def __init__(
        self,
        num_heads,
        window_size=7,
        shift_size=0,
        dropout=0.0,
        use_bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_heads, self.dropout, self.use_bias = num_heads, dropout, use_bias
        self.window_size, self.shift_size = (
            (size, size) if isinstance(size, int) else tuple(size)
            for size in (window_size, shift_size)
        )

    def build(self, input_shape):
        channels = input_shape[-1]
        height, width = self.window_size
        self.table = self.add_weight(
            shape=((2 * height - 1) * (2 * width - 1), self.num_heads),
            name="relative_position_bias_table",
        )
        self.qkv = layers.Dense(3 * channels, use_bias=self.use_bias, name="qkv")
        self.proj = layers.Dense(channels, name="proj")
        self.drop = layers.Dropout(self.dropout)
        self.qkv.build((None, None, channels))
        self.proj.build((None, None, channels))

    def call(self, x, training=False):
        _, height, width, channels = x.shape
        tall, wide = self.window_size
        below, right = -height % tall, -width % wide
        x = keras.ops.pad(x, ((0, 0), (0, below), (0, right), (0, 0)))
        down, along = x.shape[1:3]
        first, second = self.shift_size
        shift = (first * (down > tall), second * (along > wide))
        x = keras.ops.roll(x, (-shift[0], -shift[1]), (1, 2))
        x = self.attend(self.windows(x), self.apart(down, along, shift), training)
        rows, columns = down // tall, along // wide
        x = keras.ops.reshape(x, (-1, rows, columns, tall, wide, channels))
        x = keras.ops.transpose(x, (0, 1, 3, 2, 4, 5))
        x = keras.ops.reshape(x, (-1, down, along, channels))
        return keras.ops.roll(x, shift, (1, 2))[:, :height, :width]

    def windows(self, x):
        """Cut maps into (batch, windows, positions, channels)."""
        tall, wide = self.window_size
        _, down, along, channels = x.shape
        rows, columns = down // tall, along // wide
        x = keras.ops.reshape(x, (-1, rows, tall, columns, wide, channels))
        x = keras.ops.transpose(x, (0, 1, 3, 2, 4, 5))
        return keras.ops.reshape(x, (-1, rows * columns, tall * wide, channels))

    def attend(self, x, apart, training):
        """Let the positions of each window look at each other."""
        _, count, places, channels = x.shape
        size = channels // self.num_heads
        split = (-1, count, places, 3, self.num_heads, size)
        q, k, v = keras.ops.unstack(keras.ops.reshape(self.qkv(x), split), axis=3)
        scores = keras.ops.einsum("bwqhs,bwkhs->bwhqk", q * size**-0.5, k)
        bias = keras.ops.take(self.table, self.distance(), axis=0)
        scores = scores + keras.ops.transpose(bias, (2, 0, 1))
        scores = keras.ops.where(apart[:, None], float("-inf"), scores)
        weights = self.drop(keras.ops.softmax(scores), training=training)
        x = keras.ops.einsum("bwhqk,bwkhs->bwqhs", weights, v)
        return self.proj(keras.ops.reshape(x, (-1, count, places, channels)))

    def distance(self):
        """Return the row of the table for each pair of a window."""
        height, width = self.window_size
        place = keras.ops.arange(height * width)
        rows, columns = place // width, place % width
        down = rows[:, None] - rows + height - 1
        along = columns[:, None] - columns + width - 1
        return down * (2 * width - 1) + along

    def apart(self, down, along, shift):
        """Return which pairs of a window were not side by side before the shift."""
        rows = keras.ops.cast(keras.ops.arange(down) >= down - shift[0], "int32")
        columns = keras.ops.cast(keras.ops.arange(along) >= along - shift[1], "int32")
        parts = self.windows((2 * rows[:, None] + columns)[None, ..., None])[0, ..., 0]
        return parts[:, :, None] != parts[:, None]

    def get_config(self):
        names = ("num_heads", "window_size", "shift_size", "dropout", "use_bias")
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
''',
    ("import keras", "from keras import layers"),
)

ROWS: Mapping[type[Layer], Row] = {WindowAttention: own(WINDOWS)}

HELPERS = (WINDOWS,)
