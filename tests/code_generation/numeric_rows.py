"""Configurations whose generated code is run: those of the layers' own tests, and more."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from tests.layers import (
    test_activations,
    test_activations_named,
    test_adaptive_pooling,
    test_attention,
    test_attention_plain,
    test_cells,
    test_convolution,
    test_core,
    test_dot,
    test_einsum,
    test_graphs,
    test_lambdas,
    test_merging,
    test_normalization,
    test_normalization_group,
    test_pooling,
    test_positions,
    test_recurrent,
    test_recurrent_convolution,
    test_recurrent_stack,
    test_regularization,
    test_reshaping,
    test_scaling,
    test_spectral,
    test_splitting,
    test_transposed,
    test_volumes,
)
from tests.layers.rows import Row, make, row

_MODULES = (
    *(test_positions, test_einsum, test_graphs),
    *(test_activations, test_attention, test_convolution, test_core, test_merging, test_normalization),
    *(test_pooling, test_recurrent, test_regularization, test_reshaping),
    *(test_transposed, test_volumes, test_activations_named, test_adaptive_pooling, test_normalization_group),
    *(test_scaling, test_attention_plain, test_cells, test_dot, test_splitting),
    *(test_lambdas, test_spectral, test_recurrent_convolution, test_recurrent_stack),
)

#: What Keras declares and TensorFlow then refuses to run on a processor.
NOT_IN_TENSORFLOW = {
    "DepthwiseConv2D(kernel_size=3, strides=(1, 2)) on (27, 28, 8)",
    "SeparableConv2D(filters=16, kernel_size=3, strides=(2, 1)) on (32, 31, 3)",
}

#: What PyTorch cannot train, and so is refused.
NOT_IN_PYTORCH = {"BatchNormalization(momentum=0, epsilon=0) on (1,)"}


def shared_rows() -> list[Row]:
    """Return the rows of the layers' own tests."""
    names = ("AGREE", "BIDIRECTIONAL", "TIME_DISTRIBUTED")
    found = [each for module in _MODULES for name in names for each in getattr(module, name, [])]
    return [each for each in found if str(each) not in NOT_IN_TENSORFLOW | NOT_IN_PYTORCH]


def windows() -> Iterator[Row]:
    """Yield windows of every kind over small sizes: each remainder of size by stride, odd and even windows."""
    for size, kernel, stride in product((1, 2, 5, 6, 7, 8), (1, 2, 3, 4, 5), (1, 2, 3)):
        yield row("Conv1D", (size, 2), filters=3, kernel_size=kernel, strides=stride, padding="same")
        yield row("Conv1D", (size, 2), filters=3, kernel_size=kernel, strides=stride, padding="causal")
        yield row("DepthwiseConv1D", (size, 2), kernel_size=kernel, strides=stride, padding="same", depth_multiplier=2)
        for kind in ("MaxPooling1D", "AveragePooling1D"):
            yield row(kind, (size, 2), pool_size=kernel, strides=stride, padding="same")
    for height, width, kernel, stride in product((5, 8), (6, 7), ((2, 3), (3, 3), (4, 2)), ((1, 1), (2, 2), (2, 1))):
        yield row("Conv2D", (height, width, 2), filters=3, kernel_size=kernel, strides=stride, padding="same")
        for kind in ("MaxPooling2D", "AveragePooling2D"):
            yield row(kind, (height, width, 2), pool_size=kernel, strides=stride, padding="same")
    for size, kernel, dilation in product((5, 8), (2, 3, 4), (2, 3)):
        options = {"kernel_size": kernel, "dilation_rate": dilation, "padding": "same"}
        yield row("Conv2D", (size, size + 1, 2), filters=3, **options)
        yield row("DepthwiseConv2D", (size, size + 1, 2), depth_multiplier=3, **options)
        yield row("SeparableConv2D", (size, size + 1, 2), filters=3, depth_multiplier=2, **options)


def transposed() -> Iterator[Row]:
    """Yield transposed convolutions of every parity of window and step, the added places among them."""
    for kernel, stride, padding in product((1, 2, 3, 4, 5), (1, 2, 3), ("valid", "same")):
        yield row("Conv1DTranspose", (4, 2), filters=3, kernel_size=kernel, strides=stride, padding=padding)
        for added in range(stride):
            if padding == "valid" or kernel % 2 + added:
                given = {"kernel_size": kernel, "strides": stride, "padding": padding, "output_padding": added}
                yield row("Conv2DTranspose", (3, 5, 2), filters=3, **given)
    for kernel, stride in product(((2, 3, 1), (4, 3, 2)), ((1, 2, 3), 2)):
        given = {"kernel_size": kernel, "strides": stride, "padding": "same"}
        yield row("Conv3DTranspose", (3, 2, 4, 2), filters=3, **given)


def unknown_sizes() -> Iterator[Row]:
    """Yield windows whose padding is worked out when the network runs."""
    for kernel, stride in product((2, 3, 4), (2, 3)):
        yield row("Conv1D", (None, 2), filters=3, kernel_size=kernel, strides=stride, padding="same")
        yield row("Conv2D", (None, None, 2), filters=3, kernel_size=kernel, strides=stride, padding="same")
        yield row("SeparableConv2D", (None, 5, 2), filters=3, kernel_size=kernel, strides=stride, padding="same")
        for kind in ("MaxPooling2D", "AveragePooling2D", "MaxPooling1D", "AveragePooling1D"):
            shape = (None,) * int(kind[-2]) + (2,)
            yield row(kind, shape, pool_size=kernel, strides=stride, padding="same")
    yield row("MultiHeadAttention", (None, None, 8), num_heads=2, key_dim=4)
    yield row("MultiHeadAttention", (None, None, 8), (None, None, 6), num_heads=2, key_dim=16)
    yield row("Reshape", (None, None, 4), target_shape=(-1, 2))
    yield row("TimeDistributed", (None, 8, 8, 1), layer=make("Conv2D", {"filters": 2, "kernel_size": 3}))


def loops() -> Iterator[Row]:
    """Yield recurrent layers in every form: PyTorch's own, and written out."""
    for kind, again, back in product(("SimpleRNN", "LSTM", "GRU"), (False, True), (False, True)):
        for options in ({}, {"activation": "softmax"}, {"dropout": 0.3}, {"recurrent_dropout": 0.3, "dropout": 0.2}):
            given = {"units": 4, "return_sequences": again, "go_backwards": back, **options}
            yield row(kind, (6, 3), **given)
    for kind, mode, again in product(("SimpleRNN", "LSTM", "GRU"), ("concat", "sum", "mul", "ave"), (False, True)):
        for options in ({}, {"activation": "elu"}, {"dropout": 0.3}, {"recurrent_dropout": 0.3}):
            inner = make(kind, {"units": 4, "return_sequences": again, **options})
            yield row("Bidirectional", (6, 3), layer=inner, merge_mode=mode)
    for after, bias, activation in product((False, True), (False, True), ("tanh", "leaky_relu")):
        options = {"reset_after": after, "use_bias": bias, "activation": activation}
        yield row("GRU", (6, 3), units=4, recurrent_activation="hard_sigmoid", **options)
        yield row("Bidirectional", (6, 3), layer=make("GRU", {"units": 4, **options}))


def maps() -> Iterator[Row]:
    """Yield layers on maps and volumes, where the order of the axes is visible."""
    for shape in ((4, 5, 3), (2, 4, 5, 3), (6, 3)):
        for axis in range(1, len(shape) + 1):
            yield row("BatchNormalization", shape, axis=axis)
            yield row("LayerNormalization", shape, axis=axis)
            yield row("Softmax", shape, axis=axis)
            yield row("Concatenate", shape, shape, axis=axis)
        yield row("LayerNormalization", shape, axis=(1, len(shape)), center=False)
        yield row("BatchNormalization", shape, center=False, momentum=0.5, epsilon=1e-5)
        yield row("BatchNormalization", shape, scale=False)
        yield row("Dense", shape, units=4, activation="softmax")
        yield row("Activation", shape, activation="log_softmax")
        yield row("Flatten", shape)
        yield row("Reshape", shape, target_shape=(-1, 2))
        yield row("Permute", shape, dims=(len(shape), *range(1, len(shape))))
        yield row("PReLU", shape, shared_axes=tuple(range(1, len(shape))))
        yield row("PReLU", shape, shared_axes=(1,))
        yield row("Multiply", shape, shape[-1:])
        yield row("Add", shape[-2:], shape)
        yield row("Average", shape, shape[-1:], shape)
    yield row("Reshape", (24,), target_shape=(2, 4, 3))
    yield row("UpSampling2D", (3, 4, 2), size=(3, 2))
    yield row("MultiHeadAttention", (4, 5, 8), num_heads=2, key_dim=4)
    yield row("ReLU", (4, 5, 3), max_value=1.5, negative_slope=0.25, threshold=0.5)
    yield row("ReLU", (9,), max_value=6)
    yield row("ReLU", (9,), threshold=0.75, max_value=1)


def all_rows() -> list[Row]:
    """Return every row, each once."""
    rows = [*shared_rows(), *windows(), *transposed(), *unknown_sizes(), *loops(), *maps()]
    return list({str(each): each for each in rows}.values())
