"""Positions, rotary and biased attention, and windows, against layers written after their papers, and PyTorch."""

from typing import Any

import pytest

from neural.shapes import Shape
from tests.layers.checks import agrees_with_keras, both_refuse, costs_agree_with_torch, gives, only_we_refuse, refusal
from tests.layers.rows import Row, make, row
from tests.layers.test_saved import kept_bytes
from tests.layers.torch_oracle import F, saved_bytes, torch

SEQUENCES: list[Shape] = [(5, 8), (1, 2), (7, 3), (2, 5, 8), (12, 64)]


def grouped(*shapes: Shape, **arguments: Any) -> Row:
    return Row(
        "GroupQueryAttention", shapes, {"head_dim": 4, "num_query_heads": 4, "num_key_value_heads": 2, **arguments}
    )


def heads(*shapes: Shape, **arguments: Any) -> Row:
    return Row("MultiHeadAttention", shapes, {"num_heads": 2, "key_dim": 4, **arguments})


def windows(shape: Shape, **arguments: Any) -> Row:
    return Row("WindowAttention", (shape,), {"num_heads": 2, **arguments})


BIAS = (2, 5, 6)

AGREE = [
    *(row("PositionEmbedding", shape, sequence_length=12) for shape in (*SEQUENCES, (None, 8), (None, None, 8))),
    row("PositionEmbedding", (5, 8), sequence_length=5),
    *(row("SinePositionEncoding", shape) for shape in (*SEQUENCES, (None, 8))),
    row("SinePositionEncoding", (9, 6), max_wavelength=50),
    *(row("RotaryEmbedding", shape) for shape in ((5, 8), (1, 2), (9, 6), (5, 2, 8), (3, 2, 2, 4))),
    row("RotaryEmbedding", (9, 6), max_wavelength=50, scaling_factor=4),
    row("RotaryEmbedding", (6, 9), sequence_axis=2, feature_axis=1),
    row("RotaryEmbedding", (3, 5, 6), sequence_axis=-2),
    *(row("RelativePositionBias", shape, num_heads=4) for shape in ((5, 8), (1, 1), (40, 2))),
    row("RelativePositionBias", (5, 8), (7, 3), num_heads=2, num_buckets=8, max_distance=5),
    row("RelativePositionBias", (5, 8), (12, 3), num_heads=2, num_buckets=6, max_distance=5, bidirectional=False),
    row("RelativePositionBias", (12, 8), num_heads=1, num_buckets=4, max_distance=3),
    row("RelativePositionBias", (9, 2), num_heads=3, num_buckets=2, max_distance=8, bidirectional=False),
    *(row("ClassToken", shape) for shape in ((5, 8), (1, 1), (None, 8))),
    grouped((5, 8), rope_theta=10000),
    grouped((6, 8), rope_theta=100, use_bias=False, use_causal_mask=True),
    grouped((6, 8), rope_theta=100, use_bias=False, use_causal_mask=True, sliding_window=3),
    grouped((6, 8), (5, 8), rope_theta=10),
    grouped((6, 8), sliding_window=2),
    grouped((6, 8), (5, 8), sliding_window=3, use_causal_mask=True),
    grouped((6, 8), num_key_value_heads=4, rope_theta=1000),
    heads((5, 8), rope_theta=10000),
    heads((5, 8), rope_theta=10000, use_causal_mask=True),
    heads((5, 8), (6, 9), (6, 10), rope_theta=50, value_dim=3, output_dim=7),
    heads((6, 8), sliding_window=2),
    heads((6, 8), sliding_window=4, use_causal_mask=True, use_bias=False),
    heads((5, 8), scale=1),
    heads((5, 8), scale=0.3, use_bias=False, use_causal_mask=True),
    heads((5, 8), (6, 8), (6, 8), BIAS, scale=1.0, use_bias=False),
    heads((5, 8), (6, 8), (6, 8), BIAS, scale=0.5, use_causal_mask=True, sliding_window=2),
    heads((5, 8), (6, 8), (6, 8), BIAS, rope_theta=100),
    *(windows(shape) for shape in ((7, 7, 4), (14, 21, 4), (3, 3, 2), (9, 8, 6))),
    windows((8, 12, 6), window_size=4, shift_size=2),
    windows((7, 9, 6), window_size=(4, 2), shift_size=(2, 1), num_heads=3),
    windows((4, 9, 6), window_size=4, shift_size=2, use_bias=False),
    windows((5, 6, 4), window_size=(1, 3), num_heads=1),
    windows((6, 6, 4), window_size=3, shift_size=(0, 1), num_heads=4),
]


@pytest.mark.parametrize("each", AGREE, ids=str)
def test_agrees_with_the_papers(each: Row) -> None:
    agrees_with_keras(each)
    costs_agree_with_torch(each)


@pytest.mark.parametrize(
    ("each", "output", "parameters", "flops"),
    [
        (row("PositionEmbedding", (10, 768), sequence_length=1024), (10, 768), 1024 * 768, 0),
        (row("SinePositionEncoding", (10, 768)), (10, 768), 0, 0),
        (row("RotaryEmbedding", (10, 12, 64)), (10, 12, 64), 0, 0),
        (row("RelativePositionBias", (10, 512), num_heads=8), (8, 10, 10), 256, 0),
        (row("RelativePositionBias", (10, 512), (7, 512), num_heads=8), (8, 10, 7), 256, 0),
        (row("ClassToken", (196, 768)), (197, 768), 768, 0),
        # a layer of Mistral 7B: 4096 wide, 32 heads of 128 that share 8 keys
        (
            grouped((10, 4096), head_dim=128, num_query_heads=32, num_key_value_heads=8, use_bias=False),
            (10, 4096),
            2 * 4096 * 4096 + 2 * 4096 * 1024,
            2 * 10 * (2 * 4096 * 4096 + 2 * 4096 * 1024) + 4 * 10 * 10 * 4096,
        ),
        # a layer of Whisper's smallest: keys without a bias
        (
            heads((10, 384), num_heads=6, key_dim=64, use_key_bias=False),
            (10, 384),
            4 * 384 * 384 + 3 * 384,
            8 * 10 * 384 * 384 + 4 * 10 * 10 * 384,
        ),
        # the first attention of Swin-T
        (
            windows((56, 56, 96), num_heads=3),
            (56, 56, 96),
            96 * 288 + 288 + 96 * 96 + 96 + 169 * 3,
            2 * 3136 * 96 * (4 * 96 + 2 * 49),
        ),
    ],
    ids=str,
)
def test_literal_facts(each: Row, output: tuple[int, ...], parameters: int, flops: int) -> None:
    gives(each, output, parameters, flops)


@pytest.mark.parametrize(
    ("each", "output"),
    [
        (row("PositionEmbedding", (None, 8), sequence_length=4), (None, 8)),
        (row("RotaryEmbedding", (None, 8)), (None, 8)),
        (row("RelativePositionBias", (None, 8), num_heads=2), (2, None, None)),
        (row("RelativePositionBias", (5, None), (None, 8), num_heads=2), (2, 5, None)),
        (grouped((None, 8), rope_theta=10), (None, 8)),
        (heads((None, 8), (None, 8), (None, 8), (2, None, None)), (None, 8)),
    ],
    ids=str,
)
def test_unknown_sizes(each: Row, output: Shape) -> None:
    assert each.layer.output_shape(each.shapes) == output


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("PositionEmbedding", (5, 8), sequence_length=4), "5 > 4: (None, 5, 8) has more positions than there are"),
        (row("PositionEmbedding", (5, None), sequence_length=8), "the last axis to be known"),
        (row("PositionEmbedding", (5, 8), sequence_length=0), "got 0"),
        (row("RotaryEmbedding", (5, 7)), "7 % 2 = 1: rotary positions turn pairs of features, and 7 is odd"),
        (row("RotaryEmbedding", (5, 8), sequence_axis=3), "sequence_axis=3 is not an axis of (None, 5, 8)"),
        (row("RotaryEmbedding", (5, 8), feature_axis=-4), "feature_axis=-4 is not an axis"),
        (row("ClassToken", (5, None)), "the last axis to be known"),
        (grouped((5, 8), head_dim=3, rope_theta=10), "3 % 2 = 1"),
        (grouped((5, 8), sliding_window=0), "got 0"),
        (heads((5, 8), sliding_window=2.5), "got 2.5"),
        (heads((5, 8), key_dim=5, rope_theta=10), "5 % 2 = 1"),
        (heads((5, 8), (6, 8), (6, 8), (3, 5, 6), scale=1.0), "(None, 2, 5, 6); it received (None, 3, 5, 6)"),
        (heads((5, 8), (6, 8), (6, 8), (2, 6, 5), scale=1.0), "a bias has a value for each head, query and key"),
        (windows((8, 8, 5)), "5 % 2 = 1: 2 heads do not share out 5 channels"),
        (windows((8, 8)), "WindowAttention reads (height, width, channels)"),
        (windows((None, 8, 4)), "the size of its map to be known"),
        (windows((8, 8, 4), num_heads=0), "got 0"),
    ],
    ids=str,
)
def test_both_refuse(each: Row, says: str) -> None:
    both_refuse(each, says)


@pytest.mark.parametrize(
    ("each", "says"),
    [
        (row("PositionEmbedding", (8,), sequence_length=4), "reads (..., positions, features)"),
        (row("SinePositionEncoding", (8,)), "reads (..., positions, features)"),
        (row("SinePositionEncoding", (5, 8), max_wavelength=0), "got 0"),
        (row("RotaryEmbedding", (8,)), "axis 1 and axis -1 of (None, 8) are one"),
        (row("RelativePositionBias", (5, 6, 8), num_heads=2), "RelativePositionBias reads (positions, features)"),
        (row("RelativePositionBias", (5, 8), num_heads=2, num_buckets=3), "3 buckets hold 0 distances each"),
        (row("RelativePositionBias", (5, 8), num_heads=2, max_distance=8), "fewer than max_distance=8"),
        (row("ClassToken", (4, 5, 8)), "ClassToken reads (positions, features)"),
        (heads((4, 5, 8), rope_theta=10), "one axis of positions; the query (None, 4, 5, 8) has 2"),
        (heads((4, 5, 8), scale=2), "scale goes with one axis"),
        (heads((5, 8), scale=0), "expected a number above 0 or none, got 0"),
        (heads((5, 8), rope_theta=-1), "got -1"),
        (heads((4, 5, 8), sliding_window=2), "sliding_window goes with one axis"),
        (heads((4, 5, 8), use_key_bias=False), "use_key_bias goes with one axis"),
        (windows((8, 8, 4), window_size=4, shift_size=4), "4 >= 4: a shift moves the map by less than a window"),
    ],
    ids=str,
)
def test_we_refuse(each: Row, says: str) -> None:
    error = refusal(each)
    assert says in error.message
    assert error.help or "got" in error.message


def test_an_input_of_one_axis_is_no_sequence() -> None:
    """Keras takes the batch for the positions."""
    only_we_refuse(row("SinePositionEncoding", (8,)), "reads (..., positions, features)")


def test_a_key_without_a_bias_has_one_weight_less() -> None:
    names = [weight.name for weight in heads((5, 8), use_key_bias=False).layer.weights(((5, 8),))]
    assert names == [
        *("query/kernel", "query/bias", "key/kernel", "value/kernel", "value/bias"),
        *("attention_output/kernel", "attention_output/bias"),
    ]


def rotated(x: Any) -> Any:
    """Turn pairs of features of (batch, positions, heads, features); cosines and sines need no gradient."""
    half = x.shape[-1] // 2
    angles = torch.arange(x.shape[1])[:, None, None] / 100 ** (torch.arange(half) / half)
    cos, sin = angles.cos(), angles.sin()
    first, second = x.chunk(2, -1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), -1)


def test_a_rotation_keeps_its_angles_once() -> None:
    each = row("RotaryEmbedding", (6, 3, 8))
    assert kept_bytes(each.layer, each.shapes, batch=2) == saved_bytes(rotated, torch.randn(2, 6, 3, 8))


@pytest.mark.parametrize("turn", [False, True])
@pytest.mark.parametrize("window", [None, 3])
def test_attention_keeps_what_autograd_keeps(turn: bool, window: int | None) -> None:
    each = heads((6, 16), key_dim=8, rope_theta=100 if turn else None, sliding_window=window)
    projections = torch.nn.ModuleList(torch.nn.Linear(16, 16) for _ in range(4))

    def run(x: Any) -> Any:
        query, key, value = (p(x).unflatten(-1, (2, 8)) for p in projections[:3])
        if turn:
            query, key = rotated(query), rotated(key)
        query, key, value = (part.transpose(1, 2) for part in (query, key, value))
        with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.FLASH_ATTENTION):
            result = F.scaled_dot_product_attention(query, key, value, seen)
        return projections[3](result.transpose(1, 2).flatten(2))

    seen = None if window is None else torch.ones(6, 6, dtype=torch.bool).tril(window - 1).triu(1 - window)
    own = sum(p.nelement() * 4 for p in projections.parameters() if p.ndim == 2)
    assert kept_bytes(each.layer, each.shapes, batch=2) == saved_bytes(run, torch.randn(2, 6, 16)) - own


def test_a_table_of_biases_keeps_its_indices() -> None:
    each = row("RelativePositionBias", (5, 8), (7, 8), num_heads=3)
    table = torch.nn.Embedding(32, 3)
    buckets = torch.zeros(5, 7, dtype=torch.int64)
    saved = saved_bytes(lambda x: table(buckets).permute(2, 0, 1).expand(len(x), -1, -1, -1), torch.randn(2, 5, 8))
    assert kept_bytes(each.layer, each.shapes, batch=2) == saved


@pytest.mark.parametrize("dropped", [0.0, 0.5])
def test_windows_keep_what_autograd_keeps(dropped: float) -> None:
    layer = make("WindowAttention", {"num_heads": 2, "window_size": 4, "dropout": dropped})
    qkv, proj = torch.nn.Linear(8, 24), torch.nn.Linear(8, 8)
    bias = torch.zeros(2, 16, 16, requires_grad=True)

    def run(x: Any) -> Any:
        x = x.unflatten(2, (-1, 4)).unflatten(1, (-1, 4)).transpose(2, 3).reshape(-1, 16, 8)
        query, key, value = qkv(x).unflatten(-1, (3, 2, 4)).permute(2, 0, 3, 1, 4)
        weights = (query * 0.5 @ key.transpose(-1, -2) + bias).softmax(-1)
        weights = F.dropout(weights, dropped) if dropped else weights
        return proj((weights @ value).transpose(1, 2).flatten(2))

    own = 4 * (24 * 8 + 8 * 8)
    assert kept_bytes(layer, ((8, 12, 8),), batch=2) == saved_bytes(run, torch.randn(2, 8, 12, 8)) - own
