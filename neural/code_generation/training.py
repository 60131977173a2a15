"""What the training parts of all backends share: the data, what is measured on each output, and the settings.

A generated file trains on the arrays of an ``.npz`` file, laid out as in the program, or on synthetic data: noisy
copies of a few patterns, each with its target, which a network that works learns in a few epochs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

from neural.code_generation.emitter import UnsupportedError
from neural.code_generation.training_text import display, plain_word
from neural.code_generation.writer import Names, Writer, call, literal
from neural.layers.activations import Activation, Sigmoid, Softmax
from neural.layers.base import Layer, type_name
from neural.layers.core import Embedding
from neural.layers.wrappers import TimeDistributed
from neural.network import Setting, Training
from neural.shape_propagation.plan import Plan, Step
from neural.training_names import TRAIN

#: Names at the top level of files that train.
DATA_NAMES = ("argparse", "load_data", "make_data", "np", "train")

SPARSE = "sparse_categorical_crossentropy"
CATEGORICAL = "categorical_crossentropy"
BINARY = "binary_crossentropy"
#: Losses whose result may be probabilities or logits.
CROSSENTROPIES = frozenset({SPARSE, CATEGORICAL, BINARY})

_PROBABILITIES = frozenset({"softmax", "sigmoid", "hard_sigmoid"})
_ONE_HOT = frozenset({CATEGORICAL, "kl_divergence"})
#: Metrics that compare a class with scores, and those that compare tensors of one shape.
_SPARSE_METRICS = frozenset({"sparse_categorical_accuracy", "sparse_top_k_categorical_accuracy"})
_DENSE_METRICS = frozenset(
    {
        "binary_accuracy",
        "categorical_accuracy",
        "top_k_categorical_accuracy",
        "mean_squared_error",
        "mean_absolute_error",
        "root_mean_squared_error",
        "precision",
        "recall",
        "auc",
    }
)
_PATTERNS, _UNKNOWN, _MOST_VALUES = 8, 32, 4_000_000
_LONGEST, _INDENT = 20, 4


@final
@dataclass(frozen=True, slots=True)
class Source:
    """An input as an array: its key, the shape of a sample, its type, and the bound of whole numbers."""

    key: str
    shape: tuple[int, ...]
    dtype: str
    bound: int | None


@final
@dataclass(frozen=True, slots=True)
class Head:
    """An output as it is trained: its key, the shape of a sample, its activation, its loss and its metrics."""

    key: str
    shape: tuple[int, ...]
    activation: str
    loss: Setting
    metrics: tuple[Setting, ...]

    @property
    def sparse(self) -> bool:
        """Whether a target is a class instead of a tensor of the output's shape."""
        return self.loss.name == SPARSE

    @property
    def logits(self) -> bool:
        """Whether a crossentropy reads logits: where the program says so, or the output is no probability."""
        given = self.loss.arguments.get("from_logits")
        return bool(given) or self.activation not in _PROBABILITIES

    @property
    def threshold(self) -> float:
        """What an element must exceed to count as a yes."""
        return 0.0 if self.loss.name in CROSSENTROPIES and self.logits else 0.5

    def metric(self, setting: Setting) -> str:
        """Return the name of a metric, ``accuracy`` resolved as Keras does it."""
        if setting.name != "accuracy":
            return setting.name
        if self.shape[-1:] == (1,):
            return "binary_accuracy"
        return "sparse_categorical_accuracy" if self.sparse else "categorical_accuracy"


@final
@dataclass(frozen=True, slots=True)
class Recipe:
    """All that a training part is written from."""

    sources: tuple[Source, ...]
    heads: tuple[Head, ...]
    optimizer: Setting
    settings: Mapping[str, Any]
    device: str
    precision: str

    @property
    def single(self) -> bool:
        """Whether there is one input and one output."""
        return len(self.sources) == len(self.heads) == 1


def has_training(plan: Plan) -> bool:
    """Whether the program has a `train` section."""
    return plan.network.training.settings is not None


def recipe_of(plan: Plan) -> Recipe:
    """Return what to write; raise ``UnsupportedError`` for what does not fit together."""
    training = plan.network.training
    settings = {key: argument.default for key, argument in TRAIN.items() if not argument.required}
    optimizer = training.optimizer or Setting("Adam")
    clips = [key for key in ("clipnorm", "clipvalue", "global_clipnorm") if optimizer.arguments.get(key) is not None]
    if len(clips) > 1:
        raise UnsupportedError(f"{optimizer.name} clips gradients in one way, got {' and '.join(clips)}", "give one")
    return Recipe(
        tuple(_source(plan, step) for step in plan.inputs),
        tuple(_heads(plan, training)),
        optimizer,
        {**settings, **(training.settings or {})},
        str(training.execution.get("device", "auto")),
        str(training.execution.get("precision", "auto")),
    )


def _source(plan: Plan, step: Step) -> Source:
    readers = [_inner(reader.layer) for reader in plan.live() if step.key in reader.node.inputs]
    rows = [layer.input_dim for layer in readers if isinstance(layer, Embedding)]
    dtype = step.dtype or "float32"
    whole = "int" in dtype or dtype == "bool"
    return Source(step.key, _sizes(step), dtype, min(rows, default=2) if whole else None)


def _inner(layer: Layer) -> Layer:
    return _inner(layer.layer) if isinstance(layer, TimeDistributed) else layer


def _sizes(step: Step) -> tuple[int, ...]:
    return tuple(_UNKNOWN if size is None else size for size in step.output_shape or ())


def _heads(plan: Plan, training: Training) -> Iterator[Head]:
    steps = {step.key: step for step in plan.all()}
    outputs = plan.network.outputs
    for setting in (*training.loss, *training.metrics):
        if setting.output is not None and setting.output not in outputs:
            known = ", ".join(outputs)
            raise UnsupportedError(f"no output is called {setting.output}", f"the outputs are {known}")
    for index, key in enumerate(outputs):
        activation = _activation(_inner(steps[key].layer))
        losses = _of_output(training.loss, index, key, len(outputs))
        loss = losses[0] if losses else Setting(_usual_loss(activation))
        metrics = [each for each in training.metrics if each.output in (None, key)]
        head = Head(key, _sizes(steps[key]), activation, loss, tuple(metrics))
        _check(head)
        yield head


def _of_output(losses: Sequence[Setting], index: int, key: str, outputs: int) -> list[Setting]:
    """Return the losses of an output: those by its name, else the one for all, else the one at its place."""
    named = [each for each in losses if each.output == key]
    plain = [each for each in losses if each.output is None]
    if named or len(plain) < 2:
        return named or plain
    if len(plain) != outputs:
        raise UnsupportedError(f"{len(plain)} losses do not go with {outputs} outputs", "give one, or one for each")
    return [plain[index]]


def _activation(layer: Layer) -> str:
    if isinstance(layer, Softmax | Sigmoid):
        return type_name(layer).lower()
    if isinstance(layer, Activation):
        return layer.activation
    return str(getattr(layer, "activation", "linear"))


def _usual_loss(activation: str) -> str:
    return {"softmax": SPARSE, "log_softmax": SPARSE, "sigmoid": BINARY}.get(activation, "mean_squared_error")


def _check(head: Head) -> None:
    """Raise where a metric compares other targets than the loss does."""
    for setting in head.metrics:
        name = head.metric(setting)
        if head.sparse and name in _DENSE_METRICS:
            help = f'use the loss "{CATEGORICAL}", or the metric "accuracy"'
            raise UnsupportedError(f"{setting.name} compares tensors, and the targets of {SPARSE} are classes", help)
        if not head.sparse and name in _SPARSE_METRICS:
            help = f'use the metric "{name.removeprefix("sparse_")}", or the loss "{SPARSE}"'
            raise UnsupportedError(f"{name} compares classes, and the targets of {head.loss.name} are tensors", help)
    if not head.shape:
        raise UnsupportedError(f"the output {head.key} has no axis besides the batch", "give it one with Reshape((1,))")


# --- the data, as both backends read and make it ---


def write_data(writer: Writer, recipe: Recipe) -> None:
    """Write ``load_data`` and ``make_data``."""
    writer.use("import numpy as np")
    kind = "np.ndarray" if recipe.single else "list[np.ndarray]"
    result = f"tuple[{kind}, {kind}]"
    writer.section()
    with writer.block(f"def load_data(path: str) -> {result}:"):
        writer.line('"""Return the inputs and targets of an .npz file, laid out as in the program."""')
        _write_loading(writer, recipe)
    writer.section()
    with writer.block(f"def make_data() -> {result}:"):
        writer.line('"""Return synthetic data that can be learned: noisy copies of a few patterns."""')
        _write_synthetic(writer, recipe)


def _write_loading(writer: Writer, recipe: Recipe) -> None:
    if recipe.single:
        result = 'data["x"], data["y"]'
    else:
        for name, parts in (("inputs", recipe.sources), ("targets", recipe.heads)):
            writer.lines(display(f"{name} = [", [literal(plain_word(part.key)) for part in parts], "]", _INDENT))
        result = "[data[name] for name in inputs], [data[name] for name in targets]"
    with writer.block("with np.load(path) as data:"):
        writer.line(f"return {result}")


def array_names(recipe: Recipe) -> str:
    """Return, in words, which arrays a data file holds; keys are words of ASCII letters."""
    return "x and y" if recipe.single else "one array for each input and output, by its name"


def _write_synthetic(writer: Writer, recipe: Recipe) -> None:
    names = Names(("np", "random", "kind", "inputs", "targets"))
    values = max(sum(_count(source.shape) for source in recipe.sources), 1)
    samples = min(max(_MOST_VALUES // values, 32), 512)
    writer.line(f"random = np.random.default_rng({literal(recipe.settings['seed'])})")
    writer.line(f"kind = random.integers({_PATTERNS}, size={samples})")
    inputs = [names.take("x" if recipe.single else source.key[:_LONGEST]) for source in recipe.sources]
    targets = [names.take("y" if recipe.single else head.key[:_LONGEST]) for head in recipe.heads]
    for name, source in zip(inputs, recipe.sources, strict=True):
        writer.lines(_inputs(name, source, samples))
    for name, head in zip(targets, recipe.heads, strict=True):
        writer.lines(_targets(name, head))
    if recipe.single:
        writer.line("return x, y")
        return
    writer.lines(display("inputs = [", inputs, "]", _INDENT))
    writer.lines(display("targets = [", targets, "]", _INDENT))
    writer.line("return inputs, targets")


def _inputs(name: str, source: Source, samples: int) -> Iterator[str]:
    if source.bound is not None:
        yield f"{name} = random.integers({source.bound}, size={literal((_PATTERNS, *source.shape))})[kind]"
        if source.dtype != "int64":
            yield f'{name} = {name}.astype("{source.dtype}")'
        return
    yield f"{name} = random.normal(size={literal((_PATTERNS, *source.shape))})[kind]"
    yield f"{name} += random.normal(scale=0.1, size={literal((samples, *source.shape))})"
    yield f'{name} = {name}.astype("float32")'


def _targets(name: str, head: Head) -> Iterator[str]:
    shape, classes = (_PATTERNS, *head.shape), head.shape[-1]
    if head.sparse:
        yield f"{name} = {call('random.integers', (classes,), {'size': shape[:-1]})}[kind]"
        return
    if head.loss.name in _ONE_HOT:
        yield f"{name} = {call('random.integers', (classes,), {'size': shape[:-1]})}[kind]"
        yield f'{name} = np.eye({classes}, dtype="float32")[{name}]'
        return
    made = {
        BINARY: call("random.integers", (2,), {"size": shape}),
        "hinge": call("random.choice", ((-1, 1),), {"size": shape}),
    }
    yield f"{name} = {made.get(head.loss.name) or call('random.uniform', (), {'size': shape})}[kind]"
    yield f'{name} = {name}.astype("float32")'


def _count(shape: Sequence[int]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count
