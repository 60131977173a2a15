"""From a plan to the two jobs that its verification is: sources, probes, seeded weights and inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, cast, final

from neural.code_generation import keras
from neural.code_generation.emitter import generated, without_results
from neural.code_generation.pytorch_layout import native
from neural.code_generation.pytorch_weights import states
from neural.code_generation.writer import Generated
from neural.diagnostics import LineIndex
from neural.layers.base import Layer, Weight
from neural.layers.core import Embedding, Input
from neural.layers.custom import Custom
from neural.layers.graphs import GraphLayer
from neural.layers.lambdas import Lambda
from neural.layers.pooling_adaptive import AdaptiveMaxPooling
from neural.lazy import get_module
from neural.network import Node
from neural.shape_propagation.plan import Plan, Step
from neural.shape_propagation.shape_propagator import ShapePropagator
from neural.shapes import Shape
from neural.verification.probing import Probe
from neural.verification.result import RefusalError

Array = Any

BATCH = 3
SEED = 0
#: What sizes that a program leaves open are taken as; the first that its layers accept.
SIZES = (12, 8, 32, 7, 64, 224)
LARGEST_PARAMETERS = 60_000_000
LARGEST_FLOPS = 20_000_000_000
"""For one sample: what fits in the time that a job may take, forward and backward, in float64."""

#: Arguments that make a layer random while training.
_NOISE = frozenset({"rate", "dropout", "recurrent_dropout", "stddev"})


@final
@dataclass(frozen=True, slots=True)
class Job:
    """What is verified: the plan with every size known, and what each backend is sent, with its arrays."""

    plan: Plan
    messages: Mapping[str, dict[str, Any]]
    arrays: Mapping[str, Mapping[str, Array]]
    trains: bool
    owners: frozenset[str]
    """The keys of the layers that own weights, the first of those that share some."""
    skipped: str = ""
    """What is not compared, and why."""


def make_job(plan: Plan, lines: LineIndex) -> Job:
    """Return the jobs of a plan without errors.

    Raises ``NeuralError`` where a backend cannot express it, ``RefusalError`` where it cannot be verified here.
    """
    for step in plan.steps:
        if isinstance(getattr(step.layer, "layer", step.layer), Custom | Lambda):
            raise RefusalError(f"{step.key}: it is code of the program's own, which is never run here", step.key)
    known, calm = with_sizes(plan, lines), _without_noise(plan, lines)
    _check_size(known)
    trains = any(step.facts and step.facts.trainable_parameters for step in plan.live())
    skipped = _WRONG_GRADIENT if any(_loses_gradient(step) for step in plan.live()) else ""
    trains = trains and not skipped
    numpy = get_module("numpy")
    random = numpy.random.default_rng(SEED)
    common = {f"input/{step.key}": input_of(step, known, random) for step in known.inputs}
    outputs = _outputs(known)
    common |= {f"cotangent/{i}": random.standard_normal((BATCH, *shape)) for i, shape in enumerate(outputs)}
    given = _weights(known, random)
    messages: dict[str, dict[str, Any]] = {}
    arrays: dict[str, dict[str, Array]] = {}
    for backend, prepare in (("pytorch", _for_torch), ("tensorflow", _for_keras)):
        made = _message(generated(plan, backend, lines, script=False))
        training = generated(calm, backend, lines, script=False).source if trains else None
        message, own = prepare(plan, calm, given)
        messages[backend] = {**made, "training": training, **message}
        arrays[backend] = common | own
    return Job(known, messages, arrays, trains, frozenset(given.weights), skipped)


def _for_torch(plan: Plan, calm: Plan, given: Given) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return where the weights go in the network, and in that for training, whose modules may be others."""
    inference, training = states(plan, given.weights), states(calm, given.weights)
    numpy = get_module("numpy")
    arrays: dict[str, Array] = {}
    for kind, found in (
        ("state", inference),
        ("training", training),
        ("direction", states(calm, given.directions)),
        ("moved", states(calm, given.moved)),
    ):
        for state in found.values():
            arrays |= {f"{kind}/{name}": numpy.array(array, "float64", order="C") for name, array in state.items()}
    return {
        "inputs": [[f"input/{step.key}", native(len(_shape(step)) + 1)] for step in plan.inputs],
        "outputs": [native(len(shape) + 1) for shape in _outputs(plan)],
        "owners": {name: key for key, state in inference.items() for name in state},
        "training_owners": {name: key for key, state in training.items() for name in state},
    }, arrays


def _for_keras(plan: Plan, calm: Plan, given: Given) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return what the layers are called, in the network and in that for training."""
    names, training = keras.names(plan), keras.names(calm)
    arrays = {
        f"{kind}/{key}/{index}": array
        for kind, each in zip(("weight", "direction", "moved"), given, strict=True)
        for key, found in each.items()
        for index, array in enumerate(found)
    }
    return {
        "inputs": [f"input/{step.key}" for step in plan.inputs],
        "names": {key: names[key] for key in given.weights},
        "training_names": {key: training[key] for key in given.weights},
    }, arrays


def _message(made: Generated) -> dict[str, Any]:
    probes = [
        Probe(place.first, place.mark.key, place.mark.variable, place.mark.order)
        for place in made.places
        if place.mark.variable
    ]
    return {"source": made.source, "probes": probes}


_WRONG_GRADIENT = "gradients are not compared: TensorFlow's of AdaptiveMaxPooling to a size of 1 is no number"


def _loses_gradient(step: Step) -> bool:
    """Whether Keras pools with windows larger than the map besides those it takes, whose gradient is left unset."""
    inner: Any = getattr(step.layer, "layer", step.layer)
    return isinstance(inner, AdaptiveMaxPooling) and 1 in inner.output_size


def _outputs(plan: Plan) -> list[Shape]:
    shapes = {step.key: _shape(step) for step in plan.all()}
    return [shapes[key] for key in plan.network.outputs]


def _shape(step: Step) -> Shape:
    return cast(Shape, step.output_shape)


# --- weights and inputs ---


class Given(NamedTuple):
    """By key and in Keras's order: weights, directions for gradients, and directions for moving statistics.

    A direction is zero where it is not meant: gradients are of trainable weights, moving averages are not.
    """

    weights: dict[str, list[Array]]
    directions: dict[str, list[Array]]
    moved: dict[str, list[Array]]


def _weights(plan: Plan, random: Any) -> Given:
    """Return seeded weights and directions for every layer that owns some."""
    weights: dict[str, list[Array]] = {}
    directions: dict[str, list[Array]] = {}
    moved: dict[str, list[Array]] = {}
    shared: set[str] = set()
    for step in without_results(plan.live())[0]:
        own = step.facts.weights if step.facts and step.node.shared not in shared else ()
        if step.node.shared is not None:
            shared.add(step.node.shared)
        if own:
            weights[step.key] = [_weight(each, random) for each in own]
            directions[step.key] = [random.standard_normal(each.shape) * each.trainable for each in own]
            if any(map(_moves, own)):
                moved[step.key] = [random.standard_normal(each.shape) * _moves(each) for each in own]
    return Given(weights, directions, moved)


def _weight(weight: Weight, random: Any) -> Array:
    """Return values at which signals neither vanish nor grow; a variance is positive."""
    value = random.standard_normal(weight.shape)
    name = weight.name.rpartition("/")[2]
    if "variance" in name:
        return abs(value) * 0.5 + 0.5
    if name in ("gamma", "scale"):
        return 1 + 0.2 * value
    if len(weight.shape) < 2:
        return 0.3 * value
    scale = 0.5 if "recurrent" in weight.name else 1.0  # so that long sequences do not fall into chaos
    return value * scale * (weight.size / weight.shape[-1]) ** -0.5


def _moves(weight: Weight) -> bool:
    """Whether a moving average is the same in both frameworks: PyTorch's of the variance is of the unbiased one."""
    return not weight.trainable and "variance" not in weight.name


def input_of(step: Step, plan: Plan, random: Any) -> Array:
    """Return a batch for an input: whole numbers below what an Embedding holds, joined nodes for a graph."""
    shape = (BATCH, *_shape(step))
    readers = [each for each in plan.steps if step.key in each.node.inputs]
    bounds = [rows for each in readers if (rows := _rows(each.layer))]
    if bounds:
        return random.integers(0, min(bounds), shape).astype("int32")
    if any(isinstance(each.layer, GraphLayer) and each.node.inputs[1] == step.key for each in readers):
        return random.integers(0, 2, shape).astype("float64")
    if step.dtype in (None, "float32", "float64"):
        return random.standard_normal(shape)
    whole = random.integers(0, 2, shape)  # which every type holds exactly
    return whole.astype("float64" if "float" in str(step.dtype) else step.dtype)


def _rows(layer: Layer) -> int:
    inner: Any = getattr(layer, "layer", layer)
    return inner.input_dim if isinstance(inner, Embedding) else 0


# --- the plan ---


def _check_size(plan: Plan) -> None:
    facts = [step.facts for step in plan.steps if step.facts]
    parameters = sum(each.parameters for each in facts)
    flops = sum(each.flops or 0 for each in facts)
    if parameters > LARGEST_PARAMETERS or flops > LARGEST_FLOPS:
        raise RefusalError(
            f"{parameters:,} parameters and {flops:,} FLOPs a sample are beyond what is verified here, "
            f"{LARGEST_PARAMETERS:,} and {LARGEST_FLOPS:,}: verify it with smaller values of its `let` constants"
        )


def with_sizes(plan: Plan, lines: LineIndex) -> Plan:
    """Return the plan with a size for every axis that the program leaves open."""
    if not any(None in _shape(step) for step in plan.inputs):
        return plan
    for size in SIZES:
        inputs = tuple(_sized(step.node, size) for step in plan.inputs)
        found, diagnostics = ShapePropagator().plan(replace(plan.network, inputs=inputs), lines)
        if not any(each.severity == "error" for each in diagnostics):
            return found
    raise RefusalError(f"none of the sizes {SIZES} fits where the inputs leave one open")


def _sized(node: Node, size: int) -> Node:
    layer = cast(Input, node.layer)
    shape = tuple(size if each is None else each for each in layer.shape)
    return replace(node, layer=replace(layer, shape=shape))


def _without_noise(plan: Plan, lines: LineIndex) -> Plan:
    """Return the plan without what is random while training."""
    nodes = tuple(replace(node, layer=calm(cast(Layer, node.layer))) for node in plan.network.nodes)
    return ShapePropagator().plan(replace(plan.network, nodes=nodes), lines)[0]


def calm(layer: Layer) -> Layer:
    """Return a layer with its rates of dropout and noise, and those of layers within, at zero."""
    changed: dict[str, Any] = {}
    for name, value in _values(layer):
        if name in _NOISE and value:
            changed[name] = 0.0
        elif isinstance(value, Layer):
            changed[name] = calm(value)
        elif isinstance(value, tuple) and value and all(isinstance(each, Layer) for each in value):
            changed[name] = tuple(map(calm, value))
    return replace(cast(Any, layer), **changed) if changed else layer


def _values(layer: Layer) -> Iterator[tuple[str, Any]]:
    for each in fields(cast(Any, layer)):
        yield each.name, getattr(layer, each.name)
