"""Memory of training: what is kept for the backward pass, against autograd, and the peak, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import neural
from neural.compiler import default_compiler
from neural.cost.memory import saved_bytes
from tests.cost.reports import RESNET50, report
from tests.layers.torch_oracle import F, torch
from tests.layers.torch_oracle import saved_bytes as kept_by_autograd

nn = torch.nn


def kept(statements: str, input: str, batch: int, dtype: str = "float32", top: str = "") -> int | None:
    """Return the bytes that our rule keeps for a network."""
    analysis = default_compiler().plan(f"{top}network N {{ input: {input} layers: {statements} }}")
    assert analysis.plan is not None
    assert analysis.ok, analysis.diagnostics
    return saved_bytes(analysis.plan, batch, dtype)


class Run(nn.Module):
    """A network in PyTorch: modules, and a function over them and the inputs."""

    def __init__(self, function: Callable[..., Any], **modules: Any) -> None:
        super().__init__()
        self.parts = nn.ModuleDict(modules)
        self.function = function

    def forward(self, *inputs: Any) -> Any:
        return self.function(self.parts, *inputs)


def conv(inputs: int, filters: int, kernel: int = 3, **given: Any) -> Any:
    return nn.Conv2d(inputs, filters, kernel, padding=kernel // 2, **given)


def mean(x: Any) -> Any:
    return x.mean((2, 3))


CONVOLUTIONS = """
    Conv2D(4, 3, padding="same", use_bias=false) BatchNormalization() ReLU()
    Conv2D(5, 3, padding="same") BatchNormalization() ReLU()
    GlobalAveragePooling2D() Dense(6)
"""


def convolutions() -> Any:
    def run(parts: Any, x: Any) -> Any:
        x = F.relu(parts["bn1"](parts["conv1"](x)))
        x = F.relu(parts["bn2"](parts["conv2"](x)))
        return parts["head"](mean(x))

    parts = {"conv1": conv(3, 4, bias=False), "bn1": nn.BatchNorm2d(4), "conv2": conv(4, 5), "bn2": nn.BatchNorm2d(5)}
    return Run(run, **parts, head=nn.Linear(5, 6))


ACTIVATIONS = """
    Conv2D(4, 3, "relu", padding="same") Conv2D(5, 3, "gelu", padding="same") Conv2D(6, 3, "tanh", padding="same")
    GlobalAveragePooling2D() Dense(6, "sigmoid")
"""


def activations() -> Any:
    def run(parts: Any, x: Any) -> Any:
        x = F.gelu(parts["b"](F.relu(parts["a"](x))))
        return torch.sigmoid(parts["head"](mean(torch.tanh(parts["c"](x)))))

    return Run(run, a=conv(3, 4), b=conv(4, 5), c=conv(5, 6), head=nn.Linear(6, 6))


RESIDUAL = """
    Conv2D(4, 3, padding="same") BatchNormalization() ReLU()
    Residual() { Conv2D(4, 3, padding="same") BatchNormalization() ReLU() Conv2D(4, 3, padding="same") }
    ReLU() GlobalAveragePooling2D() Dense(6)
"""


def residual() -> Any:
    def run(parts: Any, x: Any) -> Any:
        x = F.relu(parts["bn1"](parts["conv1"](x)))
        y = F.relu(parts["bn2"](parts["conv2"](x)))
        return parts["head"](mean(F.relu(x + parts["conv3"](y))))

    parts = {"bn1": nn.BatchNorm2d(4), "conv2": conv(4, 4), "bn2": nn.BatchNorm2d(4), "conv3": conv(4, 4)}
    return Run(run, conv1=conv(3, 4), **parts, head=nn.Linear(4, 6))


BRANCHES = """
    Conv2D(4, 3, "relu", padding="same")
    Parallel() {
        a: { Conv2D(5, 1, "relu") }
        b: { Conv2D(6, 3, padding="same") }
        c: { MaxPooling2D(3, 1, "same") Conv2D(7, 1) }
    }
    GlobalAveragePooling2D() Dense(6, "softmax")
"""


def branches() -> Any:
    def run(parts: Any, x: Any) -> Any:
        x = F.relu(parts["conv1"](x))
        pooled = parts["conv4"](F.max_pool2d(x, 3, 1, 1))
        x = torch.cat([F.relu(parts["conv2"](x)), parts["conv3"](x), pooled], 1)
        return torch.softmax(parts["head"](mean(x)), -1)

    parts = {"conv2": conv(4, 5, 1), "conv3": conv(4, 6), "conv4": conv(4, 7, 1)}
    return Run(run, conv1=conv(3, 4), **parts, head=nn.Linear(18, 6))


POOLING = """
    Conv2D(4, 3, padding="same") MaxPooling2D()
    Conv2D(5, 3, padding="same") AveragePooling2D(2)
    Conv2D(6, 3, padding="same") GlobalMaxPooling2D() Dense(7)
"""


def pooling() -> Any:
    def run(parts: Any, x: Any) -> Any:
        x = F.max_pool2d(parts["a"](x), 2)
        x = F.avg_pool2d(parts["b"](x), 2)
        return parts["head"](parts["c"](x).amax((2, 3)))

    return Run(run, a=conv(3, 4), b=conv(4, 5), c=conv(5, 6), head=nn.Linear(6, 7))


DEPTHWISE = """
    Conv2D(4, 3, padding="same") BatchNormalization() ReLU(max_value=6)
    DepthwiseConv2D(3, padding="same") BatchNormalization() ReLU(max_value=6)
    Conv2D(6, 1) GlobalAveragePooling2D() Dense(7)
"""


def depthwise() -> Any:
    def run(parts: Any, x: Any) -> Any:
        x = F.relu6(parts["bn1"](parts["a"](x)))
        x = F.relu6(parts["bn2"](parts["b"](x)))
        return parts["head"](mean(parts["c"](x)))

    parts = {"bn1": nn.BatchNorm2d(4), "b": conv(4, 4, groups=4), "bn2": nn.BatchNorm2d(4), "c": conv(4, 6, 1)}
    return Run(run, a=conv(3, 4), **parts, head=nn.Linear(6, 7))


GATE = """
    a = Conv2D(4, 3, "silu", padding="same")
    b = Conv2D(4, 3, "sigmoid", padding="same")
    Multiply()(a, b) GlobalAveragePooling2D() Dense(7)
"""


def gate() -> Any:
    def run(parts: Any, x: Any) -> Any:
        x = F.silu(parts["conv1"](x))
        return parts["head"](mean(x * torch.sigmoid(parts["conv2"](x))))

    return Run(run, conv1=conv(3, 4), conv2=conv(4, 4), head=nn.Linear(4, 7))


PERCEPTRON = "Dense(9, 'relu') Dropout(0.5) Dense(8, 'tanh') Dense(3, 'softmax')"


def perceptron() -> Any:
    def run(parts: Any, x: Any) -> Any:
        x = F.dropout(F.relu(parts["a"](x)), 0.5)
        return torch.softmax(parts["b"](torch.tanh(parts["c"](x))), -1)

    return Run(run, a=nn.Linear(7, 9), c=nn.Linear(9, 8), b=nn.Linear(8, 3))


READERS = "Dense(9, 'relu') Parallel() { x: { Dense(3) } y: { Dense(4) } z: { } } Dense(5)"


def three_readers() -> Any:
    def run(parts: Any, x: Any) -> Any:
        x = F.relu(parts["a"](x))
        return parts["d"](torch.cat([parts["b"](x), parts["c"](x), x], -1))

    return Run(run, a=nn.Linear(7, 9), b=nn.Linear(9, 3), c=nn.Linear(9, 4), d=nn.Linear(16, 5))


NORMALISED = "LayerNormalization() Dense(9, 'gelu') LayerNormalization() Dense(8)"


def normalised() -> Any:
    def run(parts: Any, x: Any) -> Any:
        return parts["d"](parts["c"](F.gelu(parts["b"](parts["a"](x)))))

    return Run(run, a=nn.LayerNorm(8), b=nn.Linear(8, 9), c=nn.LayerNorm(9), d=nn.Linear(9, 8))


VIEWS = "Dense(8, 'relu') Reshape((2, 4)) Dense(3, 'relu') Flatten() Dense(2)"


def views() -> Any:
    def run(parts: Any, x: Any) -> Any:
        x = F.relu(parts["a"](x)).unflatten(1, (2, 4))
        return parts["c"](F.relu(parts["b"](x)).flatten(1))

    return Run(run, a=nn.Linear(8, 8), b=nn.Linear(4, 3), c=nn.Linear(6, 2))


FIRST = "LayerNormalization() Slice(axis=1, start=0, size=1) Flatten() Dense(3)"


def first_position() -> Any:
    return Run(lambda parts, x: parts["b"](parts["a"](x)[:, 0]), a=nn.LayerNorm(8), b=nn.Linear(8, 3))


NOTHING = "Dense(8, 'relu') Dropout(0) Activation('linear') Dense(2)"


def nothing_done() -> Any:
    return Run(lambda parts, x: parts["b"](F.relu(parts["a"](x))), a=nn.Linear(8, 8), b=nn.Linear(8, 2))


NETWORKS: list[tuple[str, str, Callable[[], Any], tuple[int, ...]]] = [
    # input, statements, the same in PyTorch, PyTorch's shape of the input
    ("(9, 8, 3)", CONVOLUTIONS, convolutions, (3, 9, 8)),
    ("(9, 8, 3)", ACTIVATIONS, activations, (3, 9, 8)),
    ("(9, 8, 3)", RESIDUAL, residual, (3, 9, 8)),
    ("(9, 8, 3)", BRANCHES, branches, (3, 9, 8)),
    ("(8, 8, 3)", POOLING, pooling, (3, 8, 8)),
    ("(9, 8, 3)", DEPTHWISE, depthwise, (3, 9, 8)),
    ("(9, 8, 3)", GATE, gate, (3, 9, 8)),
    ("(7,)", PERCEPTRON, perceptron, (7,)),
    ("(7,)", READERS, three_readers, (7,)),
    ("(5, 8)", NORMALISED, normalised, (5, 8)),
    ("(8,)", VIEWS, views, (8,)),
    ("(5, 8)", FIRST, first_position, (5, 8)),
    ("(8,)", NOTHING, nothing_done, (8,)),
]


@pytest.mark.parametrize(
    ("input", "statements", "module", "shape"), [pytest.param(*row, id=row[2].__name__) for row in NETWORKS]
)
@pytest.mark.parametrize("batch", [1, 3])
def test_what_is_kept_is_what_autograd_keeps(
    batch: int, input: str, statements: str, module: Callable[[], Any], shape: tuple[int, ...]
) -> None:
    assert kept(statements, input, batch) == kept_by_autograd(module(), torch.randn(batch, *shape))


def test_an_embedding_keeps_its_indices() -> None:
    """PyTorch's are int64, ours int32: the same number of them."""
    run = Run(lambda parts, x: parts["b"](parts["a"](x)), a=nn.Embedding(10, 4), b=nn.Linear(4, 3))
    indices = torch.zeros((2, 7), dtype=torch.int64)
    assert kept_by_autograd(run, indices) == 2 * 7 * 8 + 2 * 7 * 4 * 4
    assert kept("Embedding(10, 4) Dense(3)", "(7,)", 2) == 2 * 7 * 4 + 2 * 7 * 4 * 4
    assert kept("Embedding(10, 4) Dense(3)", "(7,) int64", 2) == 2 * 7 * 8 + 2 * 7 * 4 * 4


def test_resnet50_keeps_just_what_saved_tensor_hooks_measure() -> None:
    analysis = default_compiler().plan(RESNET50)
    assert analysis.plan is not None
    assert saved_bytes(analysis.plan, 8, "float32") == 687_488_512


HALF: list[tuple[str, str, int, int]] = [
    # statements, input: bytes kept of a batch of 2 in float32 and in float16
    ("Dense(4)", "(3,)", 24, 12),
    ("Dense(4, 'relu')", "(3,)", 24 + 32, 12 + 16),
    ("BatchNormalization()", "(3,)", 24 + 24, 12 + 24),
    ("LayerNormalization()", "(5, 3)", 120 + 80, 60 + 80),
    ("Dropout(0.5)", "(3,)", 24, 12),
    ("MaxPooling1D()", "(4, 3)", 96 + 96, 48 + 96),
    ("Add()(input, input)", "(3,)", 0, 0),
    ("Multiply()(input, input)", "(3,)", 24, 12),
    ("Flatten()", "(3, 2)", 0, 0),
]


@pytest.mark.parametrize(("statements", "input", "single", "half"), HALF)
def test_half_precision_halves_what_is_of_the_compute_type(statements: str, input: str, single: int, half: int) -> None:
    for dtype, expected in (("float32", single), ("float16", half), ("bfloat16", half), ("mixed", half)):
        assert kept(statements, input, 2, dtype) == expected


PEAKS: list[tuple[str, dict[str, Any], int]] = [
    # of Dense(4, use_bias=false) on (3,): 12 weights, an input of 3 that is kept. (weights + state + gradients + kept)
    ("optimizer: SGD", {}, 48 + 0 + 48 + 12),
    ("optimizer: SGD(momentum=0.9)", {}, 48 + 48 + 48 + 12),
    ("optimizer: SGD(momentum=0)", {}, 48 + 0 + 48 + 12),
    ("", {}, 48 + 96 + 48 + 12),
    ("optimizer: Adam", {}, 48 + 96 + 48 + 12),
    ("optimizer: AdamW", {}, 48 + 96 + 48 + 12),
    ("optimizer: Nadam", {}, 48 + 96 + 48 + 12),
    ("optimizer: Adamax", {}, 48 + 96 + 48 + 12),
    ("optimizer: Adadelta", {}, 48 + 96 + 48 + 12),
    ("optimizer: RMSprop", {}, 48 + 48 + 48 + 12),
    ("optimizer: RMSprop(momentum=0.5)", {}, 48 + 96 + 48 + 12),
    ("optimizer: RMSprop(centered=true)", {}, 48 + 96 + 48 + 12),
    ("optimizer: Adagrad", {}, 48 + 48 + 48 + 12),
    ("optimizer: Adam(amsgrad=true)", {}, 48 + 144 + 48 + 12),
    ("optimizer: SGD", {"batch": 10}, 48 + 0 + 48 + 120),
    ("optimizer: SGD", {"optimizer": "Adam"}, 48 + 96 + 48 + 12),
    ("optimizer: Adam", {"optimizer": "SGD"}, 48 + 0 + 48 + 12),
    ("", {"optimizer": "adagrad"}, 48 + 48 + 48 + 12),
    ("", {"dtype": "float64"}, 96 + 192 + 96 + 24),
    # float16 weights and gradients, a float32 master copy and float32 state: 2 + 2 + 4 + 4 + 4 bytes a parameter
    ("", {"dtype": "bfloat16"}, 24 + 48 + 96 + 24 + 6),
    ("", {"dtype": "float16"}, 24 + 48 + 96 + 24 + 6),
    ("optimizer: SGD", {"dtype": "bfloat16"}, 24 + 48 + 0 + 24 + 6),
    # float32 weights, gradients and state; half the activations
    ("", {"dtype": "mixed"}, 48 + 96 + 48 + 6),
]


@pytest.mark.parametrize(("rest", "settings", "expected"), PEAKS)
def test_peak_of_one_layer(rest: str, settings: dict[str, Any], expected: int) -> None:
    assert report("Dense(4, use_bias=false)", "(3,)", rest, **settings).totals.training_bytes == expected


WALKS: list[tuple[str, str, int, int]] = [
    # statements, input, batch; with SGD: weights, then the largest of (gradients so far + what is still kept)
    # two layers: after the second 20 + (12 + 16), after the first 68 + 12
    ("Dense(4, use_bias=false) Dense(5, use_bias=false)", "(3,)", 1, 4 * 32 + max(80 + 28, 128 + 12)),
    # a large batch: what is kept outweighs the gradients
    ("Dense(4, use_bias=false) Dense(5, use_bias=false)", "(3,)", 100, 4 * 32 + max(80 + 2800, 128 + 1200)),
    # weights that do not train have no gradient
    ("BatchNormalization()", "(3,)", 2, 4 * 12 + (24 + 24 + 24)),
    # shared weights are held once
    ('a = Dense(3, use_bias=false, shared="t") Dense(3, use_bias=false, shared="t")', "(3,)", 1, 36 + (36 + 24)),
    # a tied head: its matrix has a gradient from the head on, of 4 weights; 5 indices and an input of 5 are kept
    ('w = Embedding(2, 2) Dense(tied="w")', "(5,)", 1, 16 + (16 + 20 + 40)),
    # no weights at all
    ("ReLU()", "(3,)", 1, 12),
    ("Flatten()", "(3,)", 1, 0),
]


@pytest.mark.parametrize(("statements", "input", "batch", "expected"), WALKS)
def test_peak_of_the_walk_backwards(statements: str, input: str, batch: int, expected: int) -> None:
    assert report(statements, input, batch=batch, optimizer="SGD").totals.training_bytes == expected


def test_training_never_takes_less_than_weights_gradients_and_state() -> None:
    found = neural.analyze(RESNET50, batch=1)
    own = 4 * (found.totals.parameters + 3 * found.totals.trainable_parameters)
    assert (found.totals.training_bytes or 0) > own
    many = neural.analyze(RESNET50, batch=8)
    assert own < (found.totals.training_bytes or 0) < (many.totals.training_bytes or 0) < own + 687_488_512


def test_unknown_sizes_leave_the_peak_unknown() -> None:
    assert kept("Conv2D(4, 3) GlobalAveragePooling2D() Dense(3)", "(None, None, None, 3)", 1) is None
