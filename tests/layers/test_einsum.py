"""EinsumDense against Keras and PyTorch."""

from typing import Any

import pytest

from neural.shapes import Shape
from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, only_we_refuse, refusal
from tests.layers.oracle import keras_facts, keras_run
from tests.layers.rows import Row
from tests.layers.test_saved import kept_bytes
from tests.layers.torch_oracle import saved_bytes, torch


def einsum(equation: Any, shape: Shape, output_dim: Any, **arguments: Any) -> Row:
    return Row("EinsumDense", (shape,), {"equation": equation, "output_dim": output_dim, **arguments})


AGREE = [
    einsum("ab,bc->ac", (8,), 5),
    einsum("ab,bc->ac", (8,), (5,), bias_axes="c"),
    einsum("ab,bc->ac", (8,), 5, bias_axes="c", activation="relu"),
    einsum("abc,cd->abd", (6, 8), (6, 5)),
    einsum("abc,cd->abd", (None, 8), (None, 5), bias_axes="d"),
    einsum("abc,cde->abde", (6, 8), (6, 2, 4), bias_axes="de"),
    einsum("abc,cde->abde", (6, 8), (6, 2, 4), bias_axes="d"),
    einsum("abc,cde->abde", (6, 8), (6, 2, 4), bias_axes="e"),
    einsum("abde,dec->abc", (6, 2, 4), (6, 8), bias_axes="c"),
    einsum("abc,bd->adc", (6, 8), (5, 8)),
    einsum("abc,bd->acd", (6, 8), (8, 5), bias_axes="c"),
    einsum("abc,bc->abc", (6, 8), (6, 8), bias_axes="bc"),
    einsum("abc,bcd->abd", (6, 8), (6, 5)),
    einsum("abc,bcd->ad", (6, 8), 5, bias_axes="d", activation="gelu"),
    einsum("...x,xy->...y", (8,), 5, bias_axes="y"),
    einsum("...x,xy->...y", (6, 8), 5),
    einsum("...x,xy->...y", (6, 6, 8), 5, bias_axes="y"),
    einsum("...x,xy->...y", (None, None, 8), 5),
    einsum("...ab,bc->...ac", (4, 6, 8), (6, 5), bias_axes="c"),
    einsum("ab...,bc->ac...", (8, 6), 5, bias_axes="c"),
    einsum("ab...,bc->ac...", (8, 4, 6), 5),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output", "parameters", "flops"),
    [
        (einsum("...x,xy->...y", (20, 64), 32, bias_axes="y"), (20, 32), 64 * 32 + 32, 2 * 20 * 64 * 32),
        # the queries of a BERT layer
        (
            einsum("abc,cde->abde", (10, 768), (10, 12, 64), bias_axes="de"),
            (10, 12, 64),
            768 * 768 + 768,
            2 * 10 * 768**2,
        ),
        (einsum("abc,bc->abc", (6, 8), (6, 8)), (6, 8), 48, 0),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...], parameters: int, flops: int) -> None:
    gives(each, output, parameters, flops)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (einsum("ab->ac", (8,), 5), 'expected an equation such as "abc,cd->abd"'),
        (einsum("a1,1c->ac", (8,), 5), "expected an equation"),
        (einsum("...ab...,bc->...ac...", (8, 4), 5), "expected an equation"),
        (einsum("...x,xy->y", (6, 8), 5), "expected an equation"),
        (einsum("ab,bc->ac", (6, 8), 5), "names 2 axes of the input, and (None, 6, 8) has 3"),
        (einsum("abc,cd->abd", (8,), (6, 5)), "names 3 axes of the input, and (None, 8) has 2"),
        (einsum("abc,cd->abd", (6, 8), (7, 5)), 'gives axis "b" the sizes 6 and 7'),
        (einsum("abc,cd->abd", (None, 8), (6, 5)), 'gives axis "b" the sizes None and 6'),
        (einsum("abc,cd->abd", (6, 8), 5), "has 2 axes in the result besides the batch, and 1 sizes are given"),
        (einsum("ab,bcd->ac", (8,), 5), 'has no axis "d" in input or result, which the kernel has'),
        (einsum("ab,bc->acd", (8,), (5, 3)), 'has no axis "d" in input or kernel, which the result has'),
        (einsum("ab,bc->ac", (None,), 5), 'axis "b" to be known'),
        (einsum("ab,bc->ac", (8,), (None,)), 'axis "c" to be known'),
        (einsum("ab,bc->ac", (8,), 5, bias_axes="b"), 'has no axis "b" in the result, which the bias has'),
        (einsum("abc,cd->abd", (6, 8), (None, 5), bias_axes="bd"), 'axis "b" to be known'),
        (einsum("ab,bc->ca", (8,), 5), "must keep the batch, its first letter, first in the result"),
        (einsum("ab,abc->ac", (8,), 5), "must keep the batch"),
        (einsum("ab,bc->ac", (8,), 5, bias_axes=""), 'expected letters of the result such as "d", or none'),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)
    assert refusal(each).argument or "to be known" in says


def test_a_letter_twice_is_no_axis_of_its_own() -> None:
    assert "the same letter" in refusal(einsum("abb,bc->abc", (8, 8), (8, 5))).message


@pytest.mark.parametrize("activation", [None, "relu", "gelu"])
def test_keeps_what_autograd_keeps(activation: str | None) -> None:
    each = einsum("abc,cde->abde", (6, 8), (6, 2, 4), activation=activation)
    kernel = torch.nn.Parameter(torch.randn(8, 2, 4))
    after = {None: lambda x: x, "relu": torch.relu, "gelu": torch.nn.functional.gelu}[activation]
    own = 4 * kernel.nelement()
    saved = saved_bytes(lambda x: after(torch.einsum("abc,cde->abde", x, kernel)), torch.randn(2, 6, 8))
    assert kept_bytes(each.layer, each.shapes, batch=2) == saved - own


def test_a_size_of_nothing() -> None:
    only_we_refuse(einsum("ab,bc->ac", (8,), 0), "got 0")


@pytest.mark.parametrize("size", [6, None])
def test_a_size_that_is_left_open_is_unknown(size: int | None) -> None:
    agrees_with_keras(einsum("abc,cd->abd", (size, 8), (None, 5), bias_axes="d"))


def test_several_axes_before_the_letters_keep_their_order() -> None:
    """Keras states them the other way round, and then computes what we say."""
    each = einsum("...x,xy->...y", (4, 6, 8), 5, bias_axes="y")
    assert keras_facts(each.type, each.arguments, each.shapes).output_shapes == ((6, 4, 5),)
    assert each.layer.output_shape(each.shapes) == (4, 6, 5) == keras_run(each)
    costs_agree_with_torch(each)
