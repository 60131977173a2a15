"""Layers of the program's own in Keras: a class to fill in, called with the arguments of the program."""

from __future__ import annotations

from neural.code_generation.writer import Helper

_SOURCE = '''
class {name}(layers.Layer):
    """A layer to fill in.

    Without ``output_shape`` it returns its first input as it is.
    """

    def __init__(self, output_shape=None, name=None, **settings):
        super().__init__(name=name)
        self.result_shape = output_shape
        self.settings = settings

    def call(self, x, *others):
        if self.result_shape is None:
            return x
        raise NotImplementedError("{name}.call is to be filled in")

    def compute_output_shape(self, shape, *others):
        if self.result_shape is None:
            return shape
        return (shape[0], *self.result_shape)

    def compute_output_spec(self, x, *others):
        shape = self.compute_output_shape(x.shape)
        return keras.KerasTensor(shape, dtype=self.compute_dtype)
'''


def custom_class(name: str) -> Helper:
    """Return the class of a custom layer."""
    return Helper(name, _SOURCE.format(name=name), ("import keras", "from keras import layers"))
