"""Layers in Keras that leave the shape as it is, and those that change the sizes of an image."""

from __future__ import annotations

from collections.abc import Mapping

from neural.code_generation.keras_made import Made, Row, by_activation, same
from neural.code_generation.writer import Code, Helper
from neural.layers import activations_named, normalization_group, scaling
from neural.layers.base import Layer

LAYER_SCALE = Helper(
    "LayerScale",
    '''
@keras.saving.register_keras_serializable()
class LayerScale(layers.Layer):
    """Multiplies the last axis by learned factors."""

    def __init__(self, init_values=1e-6, **kwargs):
        super().__init__(**kwargs)
        self.init_values = init_values

    def build(self, input_shape):
        start = keras.initializers.Constant(self.init_values)
        self.gamma = self.add_weight(
            shape=(input_shape[-1],), initializer=start, name="gamma"
        )

    def call(self, x):
        return x * self.gamma

    def get_config(self):
        return {**super().get_config(), "init_values": self.init_values}
''',
    ("import keras", "from keras import layers"),
)


STOCHASTIC_DEPTH = Helper(
    "StochasticDepth",
    '''
@keras.saving.register_keras_serializable()
class StochasticDepth(layers.Dropout):
    """Sets whole samples to zero while training, and scales up the rest."""

    def call(self, inputs, training=False):
        samples = (keras.ops.shape(inputs)[0], *(1 for _ in inputs.shape[1:]))
        kept = keras.ops.ones(samples, dtype=inputs.dtype)
        return inputs * super().call(kept, training=training)
''',
    ("import keras", "from keras import layers"),
)


def _layer_scale(layer: Layer) -> Made:
    assert isinstance(layer, scaling.LayerScale)
    named = {} if layer.init_values == 1e-6 else {"init_values": layer.init_values}
    return Made("LayerScale", (), named, helper=LAYER_SCALE)


ONE_STEP = Helper(
    "OneStep",
    '''
@keras.saving.register_keras_serializable()
class OneStep(layers.Wrapper):
    """A recurrent cell applied once, from a state of zeros."""

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.layer.units)

    def call(self, x, training=False):
        states = self.layer.get_initial_state(batch_size=keras.ops.shape(x)[0])
        return self.layer(x, states, training=training)[0]
''',
    ("import keras", "from keras import layers"),
)


def _stochastic_depth(layer: Layer) -> Made:
    assert isinstance(layer, scaling.StochasticDepth)
    return Made("StochasticDepth", (layer.rate,), helper=STOCHASTIC_DEPTH)


def _slice(layer: Layer) -> Made:
    assert isinstance(layer, scaling.Slice)
    taken = f"{layer.start or ''}:{layer.start + layer.size}"
    marks = [":"] * layer.axis + [taken] if layer.axis > 0 else ["...", taken] + [":"] * (-layer.axis - 1)
    return Made("layers.Lambda", (Code(f"lambda x: x[{', '.join(marks)}]"),))


def _instance_normalization(layer: Layer) -> Made:
    made = same("GroupNormalization")(layer)
    return Made(made.function, (), {"groups": -1, **made.named})


ROWS: Mapping[type[Layer], Row] = {
    **{layer: by_activation(layer.function) for layer in activations_named.LAYERS},
    normalization_group.GroupNormalization: same(),
    normalization_group.InstanceNormalization: _instance_normalization,
    normalization_group.RMSNormalization: same(),
    normalization_group.UnitNormalization: same(),
    scaling.Identity: same(),
    scaling.LayerScale: _layer_scale,
    scaling.StochasticDepth: _stochastic_depth,
    scaling.Rescaling: same(),
    scaling.Normalization: same(),
    scaling.Resizing: same(),
    scaling.Slice: _slice,
}

HELPERS = (LAYER_SCALE, STOCHASTIC_DEPTH, ONE_STEP)
