"""Reports of programs, and the programs that several tests share."""

from __future__ import annotations

from typing import Any

import neural
from neural.cost.report import LayerReport, Report


def report(statements: str, input: str = "(6,)", rest: str = "", top: str = "", **settings: Any) -> Report:
    """Return the report of a network that has no error."""
    source = f"{top}network N {{\n  input: {input}\n  layers:\n    {statements}\n  {rest}\n}}\n"
    found = neural.analyze(source, **settings)
    assert [each for each in found.diagnostics if each.severity == "error"] == []
    return found


def only(statements: str, input: str = "(6,)", **settings: Any) -> LayerReport:
    """Return the row of a network of one layer."""
    (layer,) = report(statements, input, **settings).layers
    return layer


#: ResNet50 with strides in the 3x3 convolutions: https://arxiv.org/abs/1512.03385
RESNET50 = """
define Unit(filters, kernel=1, stride=1) {
    Conv2D(filters, kernel, strides=stride, padding="same", use_bias=false)
    BatchNormalization(epsilon=1e-5)
}
define Branch(width, stride) {
    Unit(width)
    ReLU()
    Unit(width, 3, stride)
    ReLU()
    Unit(4 * width)
}
define First(width, stride) {
    Parallel(merge="add") {
        long: { Branch(width, stride) }
        short: { Unit(4 * width, 1, stride) }
    }
    ReLU()
}
define Next(width) {
    Residual() { Branch(width, 1) }
    ReLU()
}
network ResNet50 {
    input: (224, 224, 3)
    layers:
        Unit(64, 7, 2)
        ReLU()
        MaxPooling2D(3, 2, "same")
        First(64, 1)
        Next(64) * 2
        First(128, 2)
        Next(128) * 3
        First(256, 2)
        Next(256) * 5
        First(512, 2)
        Next(512) * 2
        GlobalAveragePooling2D()
        Dense(1000)
}
"""
