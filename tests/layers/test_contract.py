"""One contract for every layer of the catalogue."""

import dataclasses
import inspect
import re
from typing import Any

import pytest

from neural.layers.base import Layer
from neural.layers.catalogue import LAYERS, find, is_alias
from neural.layers.fields import Argument, show
from tests.layers.oracle import ATTENTION, BY_ACTIVATION, NOT_IN_KERAS, keras

TYPES = list(LAYERS.values())
ARGUMENTS = [(layer, name, each) for layer in TYPES for name, each in layer.arguments().items()]

#: Arguments that Keras has under another name or elsewhere.
RENAMED = {
    ("MultiHeadAttention", "output_dim"): "output_shape",
    ("Lambda", "shape"): "output_shape",
    ("Output", "units"): "units",
    ("EinsumDense", "output_dim"): "output_shape",
}
NOT_OF_KERAS = {(name, "use_causal_mask") for name in ATTENTION} | {("Dense", "tied"), ("Output", "tied")}
NOT_OF_KERAS |= {(name, more) for name in ATTENTION for more in ("rope_theta", "scale", "use_key_bias")}


def every(layer: type[Layer]) -> str:
    return layer.__name__


def named(value: Any) -> str:
    return value.__name__ if inspect.isclass(value) else value if isinstance(value, str) else ""


def section(layer: type[Layer], name: str) -> str:
    match = re.search(rf"^ *{name}: (.+)$", layer.__doc__ or "", re.MULTILINE)
    assert match, f"{layer.__name__} has no {name} line"
    return match[1]


def keras_defaults(layer: type[Layer]) -> dict[str, Any]:
    """Return the arguments of Keras's constructor in order, each with its default."""
    name = {"Output": "Dense"}.get(layer.__name__, layer.__name__)
    given = inspect.signature(getattr(keras.layers, name).__init__).parameters.values()
    return {p.name: p.default for p in given if p.kind is p.POSITIONAL_OR_KEYWORD and p.name != "self"}


@pytest.mark.parametrize("layer", TYPES, ids=every)
def test_is_a_final_frozen_slotted_dataclass(layer: type[Layer]) -> None:
    assert getattr(layer, "__final__", False)
    assert dataclasses.is_dataclass(layer)
    parameters = layer.__dataclass_params__
    assert parameters.frozen
    assert parameters.eq
    assert all("__slots__" in vars(base) for base in layer.__mro__[:-2])
    assert not layer.__subclasses__()


@pytest.mark.parametrize("layer", TYPES, ids=every)
def test_docstring_has_a_sentence_a_shape_an_example_and_a_source(layer: type[Layer]) -> None:
    first = (layer.__doc__ or "").splitlines()[0]
    assert first.endswith(".")
    assert first[0].isupper()
    assert "->" in section(layer, "Shape")
    assert section(layer, "Source").startswith("https://")
    assert re.fullmatch(r"`network Net \{ input: .+  layers: .+ \}`", section(layer, "Example"))
    if layer.__name__ != "Input":
        assert re.search(rf"\b{layer.__name__}\b", section(layer, "Example"))


@pytest.mark.parametrize("layer", TYPES, ids=every)
def test_example_is_a_program_without_fault(layer: type[Layer]) -> None:
    neural = pytest.importorskip("neural")
    if not hasattr(neural, "analyze"):
        pytest.skip("the parser is not there")
    report = neural.analyze(section(layer, "Example").strip("`"))
    assert report.diagnostics == ()
    types = {each.type for each in report.layers}
    assert layer.__name__ in types or layer.__name__ == "Input"


@pytest.mark.parametrize(("layer", "name", "each"), ARGUMENTS, ids=named)
def test_argument_is_documented_and_reads_its_own_default(layer: type[Layer], name: str, each: Argument) -> None:
    assert each.doc.endswith(".")
    assert len(each.doc) < 100
    assert each.kind.words
    if not each.required:
        assert each.kind.read(each.default) == each.default
        hash(each.default)
        assert show(each.default)


@pytest.mark.parametrize("layer", TYPES, ids=every)
def test_required_arguments_come_first(layer: type[Layer]) -> None:
    required = [each.required for each in layer.arguments().values()]
    assert required == sorted(required, reverse=True)


@pytest.mark.parametrize("layer", TYPES, ids=every)
def test_spellings_of_arguments_are_unique(layer: type[Layer]) -> None:
    spellings = [spelling for name, each in layer.arguments().items() for spelling in (name, *each.aliases)]
    assert len(spellings) == len(set(spellings))


def test_spellings_of_layers_are_unique() -> None:
    spellings = [spelling.lower() for name, layer in LAYERS.items() for spelling in (name, *layer.aliases)]
    assert len(spellings) == len(set(spellings))


@pytest.mark.parametrize("layer", TYPES, ids=every)
def test_is_found_by_every_spelling_in_any_case(layer: type[Layer]) -> None:
    for spelling in (layer.__name__, *layer.aliases):
        assert find(spelling) is find(spelling.upper()) is find(spelling.lower()) is layer
    assert not is_alias(layer.__name__)
    assert all(is_alias(spelling) for spelling in layer.aliases)


@pytest.mark.parametrize(
    "layer", [each for each in TYPES if every(each) not in {*BY_ACTIVATION, *NOT_IN_KERAS, "Input"}], ids=every
)
def test_names_order_and_defaults_are_keras_s(layer: type[Layer]) -> None:
    theirs = keras_defaults(layer)
    names = [
        RENAMED.get((layer.__name__, name), name)
        for name in layer.arguments()
        if (layer.__name__, name) not in NOT_OF_KERAS
    ]
    assert set(names) - set(theirs) - {"dropout", "recurrent_dropout"} <= {"rate"}
    assert names == sorted(names, key=list(theirs).index)
    for name, each in zip(names, layer.arguments().values(), strict=False):
        if theirs[name] is inspect.Parameter.empty:
            assert each.required
        else:
            assert each.default == each.kind.read(theirs[name])


@pytest.mark.parametrize("layer", TYPES, ids=every)
def test_equal_layers_are_one_key(layer: type[Layer]) -> None:
    example = {"shape": (3,), "layer": LAYERS["LSTM"](units=3), "activation": "relu", "function": "lambda x: x"}
    example |= {"cell": LAYERS["LSTMCell"](units=3), "cells": (LAYERS["LSTMCell"](units=3),)}
    example |= {"equation": "ab,bc->ac"}
    required = {name: example.get(name) or _some(each) for name, each in layer.arguments().items() if each.required}
    first, second = layer(**required), layer(**required)
    assert first == second
    assert hash(first) == hash(second)
    assert [name for name, _ in first.given()] == list(layer.arguments())
    for name in [*layer.arguments(), "anything"]:
        with pytest.raises((dataclasses.FrozenInstanceError, TypeError)):
            setattr(first, name, None)


def _some(each: Argument) -> Any:
    """Return a value that an argument accepts."""
    for value in (1, 2, 0.5, "relu"):
        try:
            return each.kind.read(value)
        except Exception:
            continue
    raise AssertionError(each)


@pytest.mark.parametrize("layer", TYPES, ids=every)
def test_arity_and_constants_are_sound(layer: type[Layer]) -> None:
    least, most = layer.arity
    assert 0 <= least <= most
    assert layer.ops_per_output >= 0
    assert isinstance(layer.ops_per_output, int)


@pytest.mark.parametrize("layer", TYPES, ids=every)
def test_concrete_methods_are_not_overridden(layer: type[Layer]) -> None:
    """A rule is stated once between a layer and what its family shares; Layer's own are the neutral ones."""
    shared = [base for base in layer.__mro__ if base not in (Layer, object) and "ABC" not in base.__name__]
    rules = ("output_shape", "weights", "flops", "saved", "advice")
    for rule in rules:
        assert len([base for base in shared if rule in vars(base)]) <= 1, rule
