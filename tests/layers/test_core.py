"""Inputs, dense layers and embeddings against Keras."""

import pytest

from neural.layers.core import Matrix
from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, only_we_refuse, refusal
from tests.layers.oracle import keras
from tests.layers.rows import Row, row

AFFINE = [
    ((784,), {"units": 10}),
    ((784,), {"units": 10, "activation": "relu"}),
    ((784,), {"units": 10, "use_bias": False}),
    ((784,), {"units": 10, "activation": None}),
    ((1,), {"units": 1}),
    ((10, 64), {"units": 7, "activation": "softmax"}),
    ((5, 6, 7, 8), {"units": 3}),
    ((None, 64), {"units": 3}),
    ((None, None, 64), {"units": 3, "use_bias": False}),
    ((2048,), {"units": 1000, "activation": "SOFTMAX".lower()}),
]

AGREE = [
    *(row(name, shape, **given) for name in ("Dense", "Output") for shape, given in AFFINE),
    row("Embedding", (100,), input_dim=10000, output_dim=64),
    row("Embedding", (None,), input_dim=10000, output_dim=64),
    row("Embedding", (1,), input_dim=1, output_dim=1),
    row("Embedding", (), input_dim=5, output_dim=3),
    row("Embedding", (128,), input_dim=30522, output_dim=768),
    row("Embedding", (7,), input_dim=2, output_dim=300),
    row("Embedding", (1000,), input_dim=3, output_dim=2),
    row("Embedding", (12,), input_dim=50_000, output_dim=8),
    *(row("Masking", shape) for shape in ((20, 8), (8,), (None, 8), (2, 3, 4), (1, 1), (5, 6, 7, 8), (None, None, 3))),
    *(row("Masking", (20, 8), mask_value=value) for value in (-1, 0.5, 1e-3, 0, -99.5)),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output", "parameters", "flops"),
    [
        (row("Dense", (5408,), units=128, activation="relu"), (128,), 692_352, 1_384_448),
        (row("Output", (128,), units=10, activation="softmax"), (10,), 1290, 2560),
        (row("Dense", (128, 768), units=3072), (128, 3072), 2_362_368, 603_979_776),
        (row("Embedding", (100,), input_dim=10000, output_dim=64), (100, 64), 640_000, 0),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...], parameters: int, flops: int) -> None:
    gives(each, output, parameters, flops)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("Dense", (), units=3), "at least one axis besides the batch"),
        (row("Dense", (None,), units=3), "the last axis to be known"),
        (row("Output", (4, None), units=3), "the last axis to be known"),
        (row("Dense", (8,), units=0), "expected an integer of at least 1, got 0"),
        (row("Dense", (8,), units=-4), "got -4"),
        (row("Dense", (8,), units=2.5), "got 2.5"),
        (row("Dense", (8,), units=3, activation="softmx"), 'got "softmx"'),
        (row("Output", (8,), units="ten"), 'got "ten"'),
        (row("Embedding", (8,), input_dim=10, output_dim=-1), "got -1"),
        (row("Embedding", (8,), input_dim="many", output_dim=1), 'got "many"'),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


def test_an_embedding_of_what_is_embedded_is_refused() -> None:
    each = row("Embedding", (100, 300), input_dim=10_000, output_dim=300)
    only_we_refuse(each, "it received (None, 100, 300), which looks embedded already")
    assert [repair.action for repair in refusal(each).repairs] == ["remove"]


def test_a_misspelt_activation_suggests_the_nearest() -> None:
    error = refusal(row("Dense", (8,), units=3, activation="softmx"))
    assert error.argument == "activation"
    assert error.help == 'did you mean "softmax"?'
    assert error.repairs[0].value == '"softmax"'


def test_a_head_on_a_map_gets_a_hint() -> None:
    head = row("Output", (7, 7, 64), units=10)
    advice = head.layer.advice(head.shapes)
    assert advice is not None
    assert "acts on the last axis of (None, 7, 7, 64)" in advice.message
    assert [(r.action, r.value) for r in advice.repairs] == [("insert", "Flatten()")]
    assert head.layer.advice(((64,),)) is None
    assert head.layer.advice(((20, 64),)) is None


def test_input_states_its_shape() -> None:
    layer = row("Input", shape=(28, 28, 1)).layer
    assert layer.output_shape(()) == (28, 28, 1)
    assert layer.weights(()) == ()


WORDS = Matrix("words", 50, 8)


@pytest.mark.parametrize("shape", [(6, 8), (8,), (None, 8), (2, 3, 8), (None, None, 8)])
@pytest.mark.parametrize("name", ["Dense", "Output"])
def test_a_tied_layer_is_an_embedding_in_reverse(name: str, shape: tuple[int | None, ...]) -> None:
    each = row(name, shape, units=50, use_bias=False, tied=WORDS)
    table = keras.layers.ReversibleEmbedding(50, 8)
    assert each.layer.output_shape(each.shapes) == table(keras.Input(shape), reverse=True).shape[1:]
    assert each.layer.weights(each.shapes) == ()
    costs_agree_with_torch(each)


def test_a_tied_layer_owns_its_bias() -> None:
    gives(row("Output", (6, 8), units=50, tied=WORDS), (6, 50), 50, 4800)
    gives(row("Output", (6, 8), units=50, tied=WORDS, use_bias=False), (6, 50), 0, 4800)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("Dense", (6, 8), units=49, tied=WORDS), "49 != 50: a layer tied to the Embedding `words` has a unit"),
        (row("Dense", (6, 7), units=50, tied=WORDS), "7 != 8: the rows of the Embedding `words` hold 8 numbers"),
        (row("Dense", (6, None), units=50, tied=WORDS), "the last axis to be known"),
        (
            row("Dense", (6, 8), units=50, tied="words"),
            'expected the label of an Embedding in quotes, or none, got "words"',
        ),
        (row("Dense", (6, 8), units=50, tied=3), "expected the label of an Embedding in quotes, or none, got 3"),
    ],
    ids=str,
)
def test_a_tied_layer_that_does_not_fit_is_refused(each: Row, says: str) -> None:
    assert says in refusal(each).message


def test_masking_wants_an_axis_of_features() -> None:
    only_we_refuse(row("Masking", ()), "it needs an axis of features")
    both_refuse(row("Masking", (20, 8), mask_value="none"), 'got "none"')
