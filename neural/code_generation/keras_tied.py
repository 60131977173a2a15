"""Layers tied to an Embedding in Keras: the Embedding itself called in reverse, then a bias and an activation."""

from __future__ import annotations

from collections.abc import Iterator

from neural.code_generation.keras_made import Made
from neural.code_generation.writer import Helper
from neural.layers.core import Affine

BIAS = Helper(
    "Bias",
    '''
@keras.saving.register_keras_serializable()
class Bias(layers.Layer):
    """Adds a learned vector along the last axis."""

    def build(self, input_shape):
        self.bias = self.add_weight(
            shape=(input_shape[-1],), initializer="zeros", name="bias"
        )

    def call(self, x):
        return x + self.bias
''',
    ("import keras", "from keras import layers"),
)


def after_product(layer: Affine) -> Iterator[Made]:
    """Yield what follows the product with the transposed matrix."""
    if layer.use_bias:
        yield Made("Bias", helper=BIAS)
    if layer.activation != "linear":
        yield Made("layers.Activation", (layer.activation,))
