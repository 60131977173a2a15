"""The programs that are timed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

SIMPLE = """\
network Simple {
    input: (28, 28, 1)
    layers:
        Conv2D(32, (3, 3), "relu")
        MaxPooling2D((2, 2))
        Flatten()
        Dense(128, activation="relu")
        Dropout(0.5)
        Output(10, "softmax")
    loss: "sparse_categorical_crossentropy"
    optimizer: Adam(learning_rate=1e-3)
    metrics: ["accuracy"]
    train { epochs: 10  batch_size: 32 }
}
"""

_STAGE = """\
        stage{index} = Conv2D({filters}, (3, 3), strides=2, padding="same")
        Residual() {{
            ConvBlock({filters})
            ConvBlock({filters})
        }}
        Parallel(merge="concatenate") {{
            narrow: {{ Conv2D({filters}, 1, padding="same", activation="relu") }}
            wide: {{
                Conv2D({filters}, 1, padding="same", activation="relu")
                Conv2D({filters}, 5, padding="same", activation="relu")
            }}
        }}
"""

COMPLEX = (
    """\
define ConvBlock(filters, kernel=3) {
    Conv2D(filters, kernel, padding="same", use_bias=False)
    BatchNormalization()
    Activation("relu")
}

network Complex {
    input: (224, 224, 3)
    layers:
        ConvBlock(32, kernel=7)
        MaxPooling2D((3, 3), strides=2, padding="same")
"""
    + "".join(_STAGE.format(index=index, filters=32 * 2**index) for index in range(5))
    + """\
        GlobalAveragePooling2D()
        Dense(512, activation="relu") * 3
        Dropout(0.4)
        Output(1000, "softmax")
    loss: "categorical_crossentropy"
    optimizer: Adam(learning_rate=1e-4)
}
"""
)

#: 24 layers of a Transformer encoder, 1024 wide, on 128 tokens.
ENCODER = "network Encoder { input: (128, 1024)  layers: TransformerEncoder(16, 4096) * 24 }\n"

#: ResNet50, from the gallery.
RESNET50 = (Path(__file__).parents[2] / "examples" / "resnet.neural").read_text(encoding="utf-8")


def chain(length: int, rate: str = "0.1") -> str:
    """Return a network of ``length`` layers in a row, three kinds in turn with the same arguments every time."""
    kinds = ('Conv2D(16, 3, padding="same")', "BatchNormalization()", f"Dropout({rate})")
    return _network(f"Chain{length}", "32, 32, 16", (kinds[index % len(kinds)] for index in range(length)))


def wide(length: int, first: int = 1) -> str:
    """Return a network of ``length`` Dense layers no two of which are alike."""
    return _network(f"Wide{length}", "16", (f"Dense({units})" for units in range(first, first + length)))


def _network(name: str, shape: str, layers: Iterable[str]) -> str:
    # Not indented, so that 10,000 layers stay within the limit on a source.
    body = "\n".join(layers)
    # Named at the end too: texts that begin or end alike may be taken for edits of one another.
    return f"network {name} {{\n    input: ({shape})\n    layers:\n{body}\n}}\n# {name}\n"


#: Ten layers of a convolutional network in the dictionary form, for an input of (None, 28, 28, 3).
LAYERS: list[dict[str, object]] = [
    {"type": "Conv2D", "params": {"filters": 32, "kernel_size": (3, 3), "padding": "same"}},
    {"type": "BatchNormalization", "params": {}},
    {"type": "MaxPooling2D", "params": {"pool_size": (2, 2)}},
    {"type": "Conv2D", "params": {"filters": 64, "kernel_size": (3, 3), "padding": "same"}},
    {"type": "BatchNormalization", "params": {}},
    {"type": "MaxPooling2D", "params": {"pool_size": (2, 2)}},
    {"type": "Flatten", "params": {}},
    {"type": "Dense", "params": {"units": 128}},
    {"type": "Dropout", "params": {"rate": 0.5}},
    {"type": "Output", "params": {"units": 10}},
]

#: What ``chain`` repeats, in the dictionary form.
CHAIN: list[dict[str, object]] = [
    {
        "type": "Conv2D",
        "params": {"filters": 16, "kernel_size": (3, 3), "padding": "same"},
    },
    {"type": "BatchNormalization", "params": {}},
    {"type": "Dropout", "params": {"rate": 0.1}},
]
