"""Backends: every layer has a row in each, and what one cannot express is a diagnostic at its place."""

import pytest

from neural.code_generation.emitter import (
    BACKENDS,
    Refusals,
    UnsupportedError,
    backend_named,
    generate,
    shape_comment,
    unsupported,
)
from neural.compiler import default_compiler
from neural.diagnostics import LineIndex
from neural.errors import NeuralError
from neural.layers.catalogue import LAYERS
from neural.layers.custom import Custom
from tests.code_generation.plans import NO_LINES, plan_of_program

SOURCE = 'network N { input: (4) layers: Dense(8, activation="relu") Dense(2) }'


@pytest.mark.parametrize("name", BACKENDS)
def test_every_layer_has_a_row(name: str) -> None:
    assert set(backend_named(name).ROWS) - {Custom} == set(LAYERS.values())


def test_an_unknown_backend_is_named() -> None:
    with pytest.raises(ValueError, match="unknown backend 'jax': use one of pytorch, tensorflow"):
        generate(plan_of_program(SOURCE), "jax", NO_LINES)


def test_a_plan_with_errors_is_not_generated() -> None:
    analysis = default_compiler().plan("network N { input: (4) layers: Conv2D(8, 3) Dense(2) }")
    assert analysis.plan
    with pytest.raises(ValueError, match="plans without errors"):
        generate(analysis.plan, "pytorch", NO_LINES)


def test_refusals_stand_at_the_layer_or_its_argument() -> None:
    refusals = Refusals(LineIndex(SOURCE))
    first, second = plan_of_program(SOURCE).steps
    with refusals.of(first):
        raise UnsupportedError("no relu here", "use tanh", "activation")
    with refusals.of(second):
        unsupported("no Dense here", "use Output")(None)
    one, two = refusals.found
    assert (one.code, one.severity, one.message, one.help) == ("N601", "error", "no relu here", "use tanh")
    assert one.column == SOURCE.index('"relu"') + 1
    assert (two.message, two.help, two.column) == ("no Dense here", "use Output", SOURCE.rindex("Dense") + 1)


def test_only_what_outputs_depend_on_is_live() -> None:
    source = "network N { input: (4) layers: a = Dense(8) b = Dense(2)(a) Dense(3)(a)  output: b }"
    assert [step.key for step in plan_of_program(source).live()] == ["a", "b"]


def test_shape_comments() -> None:
    assert shape_comment((28, None, 3)) == "(batch, 28, ?, 3)"
    assert shape_comment(()) == "(batch,)"
    assert shape_comment((3,), "batch * 10") == "(batch * 10, 3)"


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_input_that_is_the_output_is_all_there_is(backend: str) -> None:
    source = "network N { input: { a: (4), b: (3) } layers: Dense(3)(a) output: b }"
    scope: dict[str, object] = {}
    code = default_compiler().generate(source, backend=backend)
    exec(compile(code.partition("\n\n\nif __name__")[0], "generated.py", "exec"), scope)
    assert "Linear" not in code
    assert "Dense" not in code


def test_a_normalization_that_pytorch_cannot_train_is_refused() -> None:
    source = "network N { input: (4) layers: BatchNormalization(epsilon=0) }"
    with pytest.raises(NeuralError, match="N601: PyTorch trains no normalization by batches without an epsilon"):
        default_compiler().generate(source, backend="pytorch")
    assert default_compiler().generate(source, backend="tensorflow")
