"""ConvLSTM against Keras, and its FLOPs and memory against the generated PyTorch."""

from typing import Any

import pytest

from tests.code_generation.plans import plan_of
from tests.code_generation.torch_modules import module_of
from tests.layers.checks import agrees_with_keras, both_refuse, gives, only_we_refuse
from tests.layers.rows import Row, row
from tests.layers.torch_oracle import FlopCounterMode, saved_bytes, torch

OPTIONS: list[dict[str, Any]] = [
    {},
    {"padding": "same"},
    {"strides": 2},
    {"strides": 2, "padding": "same"},
    {"dilation_rate": 2},
    {"dilation_rate": 2, "padding": "same"},
    {"kernel_size": 2},
    {"kernel_size": 4, "padding": "same", "strides": 3},
    {"use_bias": False},
    {"activation": "relu", "recurrent_activation": "hard_sigmoid"},
    {"dropout": 0.2},
    {"recurrent_dropout": 0.3},
    {"dropout": 0.2, "recurrent_dropout": 0.3, "return_sequences": True},
    {"return_sequences": True},
    {"return_sequences": True, "go_backwards": True},
    {"return_state": True},
    {"return_state": True, "return_sequences": True, "padding": "same"},
]

AGREE = [
    *(row("ConvLSTM1D", (4, 9, 2), filters=3, **({"kernel_size": 3} | options)) for options in OPTIONS),
    *(row("ConvLSTM2D", (3, 8, 7, 2), filters=3, **({"kernel_size": 3} | options)) for options in OPTIONS),
    row("ConvLSTM1D", (1, 1, 1), filters=1, kernel_size=1),
    row("ConvLSTM1D", (None, 9, 2), filters=2, kernel_size=3, return_sequences=True),
    row("ConvLSTM1D", (4, 9, 2), (7, 3), (7, 3), filters=3, kernel_size=3, return_state=True),
    row("ConvLSTM2D", (None, 8, 7, 2), filters=2, kernel_size=(3, 2), padding="same"),
    row("ConvLSTM2D", (3, 8, 7, 2), filters=3, kernel_size=(1, 5), strides=(2, 1), padding="same"),
    row("ConvLSTM2D", (3, 8, 7, 2), (8, 7, 3), (8, 7, 3), filters=3, kernel_size=3, padding="same", return_state=True),
    row("ConvLSTM3D", (2, 5, 4, 6, 2), filters=3, kernel_size=2),
    row("ConvLSTM3D", (2, 5, 4, 6, 2), filters=3, kernel_size=3, padding="same", return_sequences=True),
    row("ConvLSTM3D", (2, 5, 4, 6, 1), filters=2, kernel_size=(1, 2, 3), return_state=True, strides=(1, 2, 1)),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_keras(each: Row) -> None:
    agrees_with_keras(each)


@pytest.mark.parametrize("each", [each for each in AGREE if None not in each.shapes[0]], ids=str)
def test_flops_are_those_of_the_generated_code(each: Row) -> None:
    plan = plan_of(each.layer, each.shapes)
    model = module_of(plan, {}).to("meta")
    inputs = [torch.empty((1, *stored), device="meta", dtype=torch.float64) for stored in channels_first(each)]
    with FlopCounterMode(display=False) as counter:
        model(*inputs)
    assert each.layer.flops(each.shapes, each.layer.output_shape(each.shapes)) == counter.get_total_flops()


def channels_first(each: Row) -> list[tuple[int | None, ...]]:
    """Return the sizes of the inputs as the generated code takes them."""
    return [(shape[-1], *shape[:-1]) if len(shape) in (3, 4) else shape for shape in each.shapes]


@pytest.mark.parametrize(
    ("each", "output", "parameters", "flops"),
    [
        (row("ConvLSTM1D", (10, 32, 8), filters=16, kernel_size=3), (30, 16), 4672, 2_764_800),
        (
            row("ConvLSTM2D", (10, 32, 32, 1), filters=16, kernel_size=3, padding="same"),
            (32, 32, 16),
            9856,
            200_540_160,
        ),
        (row("ConvLSTM3D", (4, 8, 8, 8, 1), filters=4, kernel_size=3), (6, 6, 6, 4), 2176, 3_732_480),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...], parameters: int, flops: int) -> None:
    gives(each, output, parameters, flops)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"padding": "same"},
        {"kernel_size": 2},
        {"kernel_size": 2, "padding": "same", "strides": 2},
        {"dropout": 0.2},
        {"recurrent_dropout": 0.2},
        {"kernel_size": 4, "padding": "same", "dropout": 0.2, "recurrent_dropout": 0.2},
    ],
    ids=str,
)
def test_what_a_step_keeps_agrees_with_autograd(options: dict[str, Any]) -> None:
    """The growth from 3 to 9 steps of the generated module, its input left out where it is kept as it is."""
    kept, stated = [], []
    for steps in (3, 9):
        each = row("ConvLSTM2D", (steps, 8, 7, 2), filters=3, **({"kernel_size": 3} | options))
        module = module_of(plan_of(each.layer, each.shapes), {}).float().train().layer
        saved = each.layer.saved(each.shapes, each.layer.output_shape(each.shapes))
        x = torch.randn(2, steps, 2, 8, 7)
        kept.append(saved_bytes(module, x) - (4 * x.nelement() if saved.inputs else 0))
        stated.append(2 * 4 * saved.elements)
    assert kept[1] - kept[0] == stated[1] - stated[0]


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("ConvLSTM1D", (9, 2), filters=3, kernel_size=3), "ConvLSTM1D reads (steps, size, channels)"),
        (row("ConvLSTM2D", (3, 8, 2), filters=3, kernel_size=3), "ConvLSTM2D reads (steps, height, width, channels)"),
        (row("ConvLSTM3D", (3, 8, 8, 2), filters=3, kernel_size=3), "5 axes"),
        (row("ConvLSTM2D", (3, 8, 8, None), filters=3, kernel_size=3), "the channel axis to be known"),
        (row("ConvLSTM2D", (3, None, 8, 2), filters=3, kernel_size=3), "needs all sizes but the number of steps"),
        (row("ConvLSTM2D", (3, 2, 8, 2), filters=3, kernel_size=3), "2 - 3 + 1 = 0"),
        (row("ConvLSTM1D", (3, 9, 2), filters=0, kernel_size=3), "got 0"),
        (row("ConvLSTM1D", (3, 9, 2), filters=3, kernel_size=3, padding="causal"), 'got "causal"'),
        (row("ConvLSTM2D", (3, 9, 9, 2), filters=3, kernel_size=3, strides=2, dilation_rate=2), "cannot both"),
        (row("ConvLSTM2D", (3, 9, 9, 2), filters=3, kernel_size=(3, 3, 3)), "got (3, 3, 3)"),
        (row("ConvLSTM1D", (3, 9, 2), (7, 3), filters=3, kernel_size=3), "starts from 2 states"),
        (
            row("ConvLSTM1D", (3, 9, 2), (7, 2), (7, 2), filters=3, kernel_size=3),
            "a state of ConvLSTM1D is (None, 7, 3)",
        ),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


def test_only_we_refuse_a_share_above_one() -> None:
    only_we_refuse(row("ConvLSTM1D", (3, 9, 2), filters=3, kernel_size=3, dropout=1.5), "at most 1, got 1.5")
