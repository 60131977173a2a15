"""Nodes of further results: their shapes, what they cost, and whose storage they are."""

from __future__ import annotations

import pytest

import neural
from neural.cost.memory import saved_bytes
from tests.code_generation.plans import plan_of_program
from tests.code_generation.torch_modules import module_of
from tests.layers.torch_oracle import saved_bytes as kept_by_autograd
from tests.layers.torch_oracle import torch


def program(layers: str, output: str, shape: str = "(6, 8)") -> str:
    return f"network Net {{ input: {shape} layers: {layers} output: {output} }}"


ROWS = [
    ("a, b = Split(2)", ["a Split (6, 4)", "b Result (6, 4)"]),
    ("a, b, c = Split((1, 2, 5))", ["a Split (6, 1)", "b Result (6, 2)", "c Result (6, 5)"]),
    ("a, b = Split(4)", ["a Split (6, 2)", "b Result (6, 2)"]),
    ("a = Split(4)", ["a Split (6, 2)"]),
    ("x, h = GRU(3, return_state=true, return_sequences=true)", ["x GRU (6, 3)", "h Result (3,)"]),
    ("x, h, c = LSTM(3, return_state=true)", ["x LSTM (3,)", "h Result (3,)", "c Result (3,)"]),
    ("a, b = Bidirectional(LSTM(3), merge_mode=none)", ["a Bidirectional (3,)", "b Result (3,)"]),
    ("a, b = Split(2) * 2", ["split Split (6, 4)", "a Split (6, 2)", "b Result (6, 2)"]),
]


@pytest.mark.parametrize(("layers", "expected"), ROWS)
def test_each_label_has_a_node(layers: str, expected: list[str]) -> None:
    plan = plan_of_program(program(layers, layers[0]))
    assert [f"{step.key} {step.node.type} {step.output_shape}" for step in plan.steps] == expected


def test_a_result_is_named_once_and_costs_nothing() -> None:
    source = "define Half { left, right = Split(2) } " + program("a, b = Half() c = Add()(a, b)", "c", "(8,)")
    report = neural.analyze(source)
    assert [(layer.key, layer.type, layer.inputs) for layer in report.layers] == [
        ("left", "Split", ("input",)),
        ("right", "Result", ("left",)),
        ("c", "Add", ("left", "right")),
    ]
    right = report.layers[1]
    assert (right.parameters, right.flops, right.other_ops, right.activation_bytes) == (0, 0, 0, 16)
    assert right.input_shapes == ((None, 4),)


def test_what_depends_on_a_broken_layer_is_unknown() -> None:
    report = neural.analyze(program("a, b = Split(3) c = Dense(2)(b)", "c"))
    assert [(layer.key, layer.status) for layer in report.layers] == [
        ("a", "error"),
        ("b", "unknown"),
        ("c", "unknown"),
    ]
    assert [each.code for each in report.diagnostics] == ["N401"]


@pytest.mark.parametrize(
    ("layers", "output"),
    [
        # Parts are views of what is split, which both layers keep once.
        ("a, b = Split(2) c = Dense(3)(a) d = Dense(3)(b)", "c, d"),
        ("a, b = Split((1, 5), axis=1) c = Multiply()(b, b)", "c"),
        ("a, b = Split(2) c = Multiply()(a, b)", "c"),
        ("a, b = Split(2) p, q = Split(2)(b) c = Dense(3)(q) d = Dense(2)(a)", "c, d"),
    ],
)
def test_parts_share_the_storage_of_what_is_split(layers: str, output: str) -> None:
    plan = plan_of_program(program(layers, output))
    model = module_of(plan, {}).float().train()
    assert saved_bytes(plan, 2, "float32") == kept_by_autograd(model, torch.randn(2, 6, 8))


def test_states_have_a_storage_of_their_own() -> None:
    alone = plan_of_program(program("x, h = GRU(3, return_state=true, return_sequences=true) d = Dense(5)(x)", "d"))
    states = plan_of_program(program("x, h = GRU(3, return_state=true, return_sequences=true) d = Dense(5)(h)", "d"))
    assert (saved_bytes(alone, 1, "float32") or 0) - (saved_bytes(states, 1, "float32") or 0) == 4 * (6 * 3 - 3)
