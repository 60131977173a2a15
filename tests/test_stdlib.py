"""The blocks of the standard library: their parameters by formula and by published models, and their code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import neural
from neural.binding.macros import STANDARD_LIBRARY, macro_names
from neural.parser.formatter import canonical
from tests.generation.statements import READING_TWO, STANDARD_CALLS

DOCS = Path(__file__).parents[1] / "docs" / "blocks.md"


def network(layers: str, shape: str) -> str:
    return f"network Net {{ input: {shape} layers: {layers} }}"


def convolution(window: int, ins: int, outs: int, *, bias: bool = True) -> int:
    return window * ins * outs + (outs if bias else 0)


def attention(width: int, heads: int, size: int) -> int:
    return 3 * (width * heads * size + heads * size) + heads * size * width + width


FEED = 8 * 32 + 32 + 32 * 8 + 8
ENCODER = attention(8, 2, 4) + FEED + 4 * 8
DECODER = 2 * attention(8, 2, 4) + FEED + 6 * 8

#: layers, input, output of one sample, parameters in all, parameters that are trained
ROWS: list[tuple[str, str, tuple[int, ...], int, int]] = [
    ("FeedForward(32)", "(5, 8)", (5, 8), FEED, FEED),
    ('FeedForward(32, "gelu", dropout=0.5)', "(8)", (8,), FEED, FEED),
    ("SwiGLU(20)", "(5, 8)", (5, 8), 3 * 8 * 20, 3 * 8 * 20),
    ("TransformerEncoder(2, 32)", "(5, 8)", (5, 8), ENCODER, ENCODER),
    ("PreNormTransformerEncoder(2, 32)", "(5, 8)", (5, 8), ENCODER, ENCODER),
    ("PreNormTransformerEncoder(4, 32, key_dim=3, causal=true)", "(5, 8)", (5, 8), attention(8, 4, 3) + FEED + 4 * 8,
     attention(8, 4, 3) + FEED + 4 * 8),
    ("memory = Dense(8) TransformerDecoder(2, 32)(input, memory)", "(5, 8)", (5, 8),
     72 + DECODER, 72 + DECODER),
    ("memory = Dense(8) Transformer(2, 32, 3, 2)(memory, input)", "(5, 8)", (5, 8),
     72 + 3 * ENCODER + 2 * DECODER + 4 * 8, 72 + 3 * ENCODER + 2 * DECODER + 4 * 8),
    ("SqueezeExcitation()", "(6, 6, 32)", (6, 6, 32), 32 * 2 + 2 + 2 * 32 + 32, 32 * 2 + 2 + 2 * 32 + 32),
    ("SqueezeExcitation(ratio=4)", "(6, 6, 32)", (6, 6, 32), 32 * 8 + 8 + 8 * 32 + 32, 32 * 8 + 8 + 8 * 32 + 32),
    ("SqueezeExcitation()", "(6, 6, 3)", (6, 6, 3), 3 + 1 + 3 + 3, 3 + 1 + 3 + 3),
    ("InvertedResidual(8)", "(6, 6, 8)", (6, 6, 8), 8 * 48 + 4 * 48 + 9 * 48 + 4 * 48 + 48 * 8 + 4 * 8,
     8 * 48 + 2 * 48 + 9 * 48 + 2 * 48 + 48 * 8 + 2 * 8),
    ("InvertedResidual(12, expansion=1, kernel=5, stride=2)", "(6, 6, 8)", (3, 3, 12),
     25 * 8 + 4 * 8 + 8 * 12 + 4 * 12, 25 * 8 + 2 * 8 + 8 * 12 + 2 * 12),
    ("MBConv(8, squeeze=0)", "(6, 6, 8)", (6, 6, 8), 8 * 48 + 4 * 48 + 9 * 48 + 4 * 48 + 48 * 8 + 4 * 8,
     8 * 48 + 2 * 48 + 9 * 48 + 2 * 48 + 48 * 8 + 2 * 8),
    ("MBConv(8, dropout=0.2)", "(6, 6, 8)", (6, 6, 8),
     8 * 48 + 4 * 48 + 9 * 48 + 4 * 48 + 48 * 2 + 2 + 2 * 48 + 48 + 48 * 8 + 4 * 8,
     8 * 48 + 2 * 48 + 9 * 48 + 2 * 48 + 48 * 2 + 2 + 2 * 48 + 48 + 48 * 8 + 2 * 8),
    ("MBConv(12, stride=2, kernel=5, expansion=1)", "(6, 6, 8)", (3, 3, 12),
     25 * 8 + 4 * 8 + 8 * 2 + 2 + 2 * 8 + 8 + 8 * 12 + 4 * 12,
     25 * 8 + 2 * 8 + 8 * 2 + 2 + 2 * 8 + 8 + 8 * 12 + 2 * 12),
    ("ResidualBlock(8)", "(6, 6, 8)", (6, 6, 8), 2 * (9 * 8 * 8 + 4 * 8), 2 * (9 * 8 * 8 + 2 * 8)),
    ("ResidualBlock(8, stride=2)", "(6, 6, 8)", (3, 3, 8), 2 * 9 * 8 * 8 + 8 * 8 + 3 * 4 * 8, 2 * 9 * 64 + 64 + 3 * 16),
    ("ResidualBlock(12)", "(6, 6, 8)", (6, 6, 12), 9 * 8 * 12 + 9 * 12 * 12 + 8 * 12 + 3 * 4 * 12,
     9 * 8 * 12 + 9 * 12 * 12 + 8 * 12 + 3 * 2 * 12),
    ("BottleneckBlock(2)", "(6, 6, 8)", (6, 6, 8), 8 * 2 + 9 * 2 * 2 + 2 * 8 + 4 * 12,
     8 * 2 + 9 * 2 * 2 + 2 * 8 + 2 * 12),
    ("BottleneckBlock(2, stride=2, use_bias=true)", "(6, 6, 8)", (3, 3, 8), 18 + 38 + 24 + 72 + 4 * 20,
     18 + 38 + 24 + 72 + 40),
    ("BottleneckBlock(4, expansion=3)", "(6, 6, 8)", (6, 6, 12), 32 + 144 + 48 + 96 + 4 * 32, 32 + 144 + 48 + 96 + 64),
    ("ConvNeXtBlock()", "(6, 6, 8)", (6, 6, 8), 49 * 8 + 8 + 16 + 8 * 32 + 32 + 32 * 8 + 8 + 8, 976),
    ("DenseBlock(2, 4)", "(6, 6, 8)", (6, 6, 16), 32 + 8 * 16 + 64 + 9 * 64 + 48 + 12 * 16 + 64 + 9 * 64,
     16 + 8 * 16 + 32 + 9 * 64 + 24 + 12 * 16 + 32 + 9 * 64),
    ("InceptionBlock(64, 96, 128, 16, 32, 32)", "(28, 28, 192)", (28, 28, 256), 163_696, 163_696),
    ("PatchEmbedding(4, 12)", "(16, 8, 3)", (8, 12), 16 * 3 * 12 + 12, 16 * 3 * 12 + 12),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "shape", "output", "total", "trained"), ROWS, ids=range(1, len(ROWS) + 1))
def test_shapes_and_parameters(layers: str, shape: str, output: tuple[int, ...], total: int, trained: int) -> None:
    report = neural.analyze(network(layers, shape))
    assert report.diagnostics == ()
    assert report.layers[-1].output_shape == (None, *output)
    assert (report.totals.parameters, report.totals.trainable_parameters) == (total, trained)


def repeated(block: str, arguments: str, count: int, stride: int) -> str:
    more = f" {block}({arguments}) * {count - 1}" if count > 1 else ""
    return f"{block}({arguments}, stride={stride}){more}"


def resnet(block: str, counts: tuple[int, ...], stem: str, more: str = "") -> str:
    stages = [
        repeated(block, f"{64 * 2**stage}{more}", count, 1 if stage == 0 else 2) for stage, count in enumerate(counts)
    ]
    return (
        f"{stem} BatchNormalization() ReLU() MaxPooling2D(3, 2) {' '.join(stages)} GlobalAveragePooling2D() Dense(1000)"
    )


STEM = 'Conv2D(64, 7, strides=2, padding="same", use_bias={})'
MOBILE = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
EFFICIENT = ((3, 1, 16, 1, 1), (3, 2, 24, 6, 2), (5, 2, 40, 6, 2), (3, 3, 80, 6, 2), (5, 3, 112, 6, 1),
             (5, 4, 192, 6, 2), (3, 1, 320, 6, 1))  # fmt: skip
TRANSITION = "BatchNormalization() ReLU() Conv2D({}, 1, use_bias=false) AveragePooling2D(2)"
NARROW = "Conv2D(32, 3, strides=2, padding='same', use_bias=false) BatchNormalization() ReLU()"
WIDE = "Conv2D(1280, 1, use_bias=false) BatchNormalization() ReLU() GlobalAveragePooling2D() Dense(1000)"

#: Layers on (224, 224, 3) and the parameters of the published model, those that are not trained among them.
PUBLISHED: dict[str, tuple[str, int]] = {
    # torchvision.models.resnet18 has 11,689,512 that are trained; Keras counts the 9,600 of the normalisations too
    "ResNet18": (resnet("ResidualBlock", (2, 2, 2, 2), STEM.format("false")), 11_689_512 + 9_600),
    # torchvision.models.resnet50, and keras.applications.ResNet50, whose convolutions have biases
    "ResNet50 of torchvision": (resnet("BottleneckBlock", (3, 4, 6, 3), STEM.format("false")), 25_557_032 + 53_120),
    "ResNet50": (resnet("BottleneckBlock", (3, 4, 6, 3), STEM.format("true"), ", use_bias=true"), 25_636_712),
    "MobileNetV2": (
        " ".join([NARROW, *(repeated("InvertedResidual", f"{c}, expansion={t}", n, s) for t, c, n, s in MOBILE), WIDE]),
        3_538_984,
    ),
    # of keras.applications.EfficientNetB0, 7 belong to the normalisation of its input
    "EfficientNetB0": (
        " ".join(
            [
                NARROW,
                *(repeated("MBConv", f"{c}, expansion={t}, kernel={k}", n, s) for k, n, c, t, s in EFFICIENT),
                WIDE,
            ]
        ),
        5_330_571 - 7,
    ),
    "DenseNet121": (
        "Conv2D(64, 7, strides=2, padding='same', use_bias=false) BatchNormalization() ReLU() MaxPooling2D(3, 2) "
        + "".join(
            f"DenseBlock({steps}, 32) {TRANSITION.format(half)} " for steps, half in ((6, 128), (12, 256), (24, 512))
        )
        + "DenseBlock(16, 32) BatchNormalization() ReLU() GlobalAveragePooling2D() Dense(1000)",
        8_062_504,
    ),
    "ConvNeXtTiny": (
        "Conv2D(96, 4, strides=4) LayerNormalization() ConvNeXtBlock() * 3 "
        + " ".join(
            f"LayerNormalization() Conv2D({width}, 2, strides=2) ConvNeXtBlock() * {count}"
            for width, count in ((192, 3), (384, 9), (768, 3))
        )
        + " GlobalAveragePooling2D() LayerNormalization() Dense(1000)",
        28_589_128,
    ),
    # torchvision.models.vit_b_16 has 86,567,656, of which 768 are its class token and 197 * 768 its positions;
    # it reads the class token alone, where this one reads all 196 vectors
    "ViT": (
        "PatchEmbedding(16, 768) PreNormTransformerEncoder(12, 3072) * 12 LayerNormalization() Flatten() Dense(1000)",
        86_567_656 - 768 - 197 * 768 + 195 * 768 * 1000,
    ),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_models_have_as_many_parameters(name: str) -> None:
    layers, total = PUBLISHED[name]
    report = neural.analyze(network(layers, "(224, 224, 3)"))
    assert [each.message for each in report.diagnostics if each.severity == "error"] == []
    assert report.totals.parameters == total


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("TransformerEncoder(4, 64)", "TransformerEncoderLayer"),
        ("PreNormTransformerEncoder(4, 64)", "TransformerEncoderLayer"),
        ("TransformerDecoder(4, 64)(input, input)", "TransformerDecoderLayer"),
    ],
)
def test_transformers_have_as_many_parameters_as_torch(ours: str, theirs: str) -> None:
    torch = pytest.importorskip("torch")
    module = getattr(torch.nn, theirs)(16, 4, 64)
    count = sum(each.numel() for each in module.parameters())
    assert neural.analyze(network(ours, "(10, 16)")).totals.parameters == count


def test_the_whole_transformer_has_as_many_parameters_as_torch() -> None:
    torch = pytest.importorskip("torch")
    module = torch.nn.Transformer(16, 4, 3, 2, 64, batch_first=True, norm_first=False, device="meta")
    count = sum(each.numel() for each in module.parameters())
    assert neural.analyze(network("Transformer(4, 64, 3, 2)(input, input)", "(10, 16)")).totals.parameters == count


# --- code ---


def called(name: str, arguments: str) -> str:
    sequence = "Transformer" in name or name in ("FeedForward", "SwiGLU")
    references = "(input, input)" if name in READING_TWO else ""
    return network(f"{name}({arguments}){references}", "(6, 8)" if sequence else "(8, 8, 4)")


CALLS = [(name, arguments) for name in macro_names() for arguments in STANDARD_CALLS.get(name, ())]


@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_every_block_compiles_to_both_backends_and_builds_in_keras(name: str, arguments: str) -> None:
    pytest.importorskip("keras")
    source = called(name, arguments)
    compile(neural.generate(source, "pytorch"), "generated.py", "exec")
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(compile(neural.generate(source, "tensorflow"), "generated.py", "exec"), scope)
    model, report = scope["build_model"](), neural.analyze(source)
    assert model.count_params() == report.totals.parameters
    assert model.output_shape == report.layers[-1].output_shape


# --- what a block looks like from outside ---


def test_every_block_has_calls_that_the_generator_uses() -> None:
    assert set(STANDARD_CALLS) == set(macro_names())


@pytest.mark.parametrize("name", macro_names())
def test_a_block_is_one_group_that_stands_where_it_is_called(name: str) -> None:
    report = neural.analyze(called(name, STANDARD_CALLS[name][0]))
    assert {layer.group[0].rsplit("_", 1)[0] for layer in report.layers} == {name}
    assert {layer.line for layer in report.layers} == {1}


@pytest.mark.parametrize("name", macro_names())
def test_a_block_says_what_it_is_and_where_it_comes_from(name: str) -> None:
    text = (STANDARD_LIBRARY / f"{name}.neural").read_text(encoding="utf-8")
    comment = text[: text.index("define ")]
    assert comment.startswith("# ")
    assert re.search(r"https://arxiv\.org/abs/\d{4}\.\d{4,5}\n", comment)
    assert canonical(text)


@pytest.mark.parametrize("name", macro_names())
def test_every_parameter_is_documented(name: str) -> None:
    page = DOCS.read_text(encoding="utf-8")
    section = page.split(f"## {name}\n", 1)[1].split("\n## ", 1)[0]
    text = (STANDARD_LIBRARY / f"{name}.neural").read_text(encoding="utf-8")
    head = re.search(rf"define {name}\((.*?)\) \{{\n", text, re.DOTALL)
    assert head is not None
    for parameter in re.findall(r"(?:^|,\s)\s*(\w+)(?:=|,|$)", head[1], re.MULTILINE):
        assert f"`{parameter}`" in section or f"`{parameter}=" in section, parameter
    assert f"{name}(" in section.split("```neural\n", 1)[1].split("```", 1)[0]
    assert "https://arxiv.org/" in section


WRONG: list[tuple[str, str, str]] = [
    ("SqueezeExcitation()", "(8, 4)", "N401"),
    ("TransformerDecoder(2, 8)", "(6, 8)", "N307"),
    ("TransformerEncoder(3)", "(6, 8)", "N204"),
    ("MBConv(8, squeze=0.5)", "(8, 8, 4)", "N202"),
    ("DenseBlock(2, 4, 5, 6, 7)", "(8, 8, 4)", "N205"),
    ("InceptionBlock(1, 2, 3, 4, 5, 0)", "(8, 8, 4)", "N203"),
]


@pytest.mark.parametrize(("layers", "shape", "code"), WRONG)
def test_a_wrong_call_has_one_report_at_the_call(layers: str, shape: str, code: str) -> None:
    source = network(layers, shape)
    (found,) = [each for each in neural.analyze(source).diagnostics if each.severity == "error"]
    assert (found.code, found.line) == (code, 1)
    start = source.index(layers) + 1
    assert start <= found.column <= start + len(layers)
