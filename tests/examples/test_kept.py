"""What training keeps for the backward pass at batch 8, against autograd on the models themselves."""

from __future__ import annotations

from typing import Any

import pytest

from neural.compiler import default_compiler
from neural.cost.memory import saved_bytes
from tests.examples.references import built, kept, real, source_of, whole
from tests.examples.test_transformers import bert, vit
from tests.layers.torch_oracle import torch

nn = torch.nn

#: Expansion, channels, repetitions and first stride: https://arxiv.org/abs/1801.04381, table 2.
MOBILE = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))


def unit(inputs: int, filters: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> list[Any]:
    convolution = nn.Conv2d(inputs, filters, kernel, stride, kernel // 2, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(filters), nn.ReLU6()]


class Inverted(nn.Module):  # type: ignore[misc]
    """An inverted residual, with its input added where the shapes are one."""

    def __init__(self, inputs: int, filters: int, expansion: int, stride: int) -> None:
        super().__init__()
        width = inputs * expansion
        widen = unit(inputs, width) if expansion > 1 else []
        narrow = unit(width, filters)[:2]
        self.steps = nn.Sequential(*widen, *unit(width, width, 3, stride, width), *narrow)
        self.alike = stride == 1 and inputs == filters

    def forward(self, x: Any) -> Any:
        return x + self.steps(x) if self.alike else self.steps(x)


def mobilenet_v2() -> Any:
    """Return the network of torchvision.models.mobilenet_v2."""
    layers, inputs = unit(3, 32, 3, 2), 32
    for expansion, filters, count, first in MOBILE:
        for number in range(count):
            layers.append(Inverted(inputs, filters, expansion, 1 if number else first))
            inputs = filters
    pool = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2)]
    return nn.Sequential(*layers, *unit(inputs, 1280), *pool, nn.Linear(1280, 1000))


IMAGES = {"input": real(8, 3, 224, 224)}
MODELS: list[tuple[str, Any, dict[str, Any], int, float]] = [
    # example, the model, what it reads: bytes that saved-tensor hooks measure, and how far from them we may be
    # that of Keras pads with layers of their own, whose results are kept
    ("mobilenet_v2", lambda: built(mobilenet_v2), IMAGES, 625_812_736, 0.004),
    ("vit", lambda: vit(16, 768, 12, 12), {"pixel_values": IMAGES["input"]}, 945_285_440, 0),
    # Hugging Face looks up positions by indices, in 1,024 bytes
    ("bert", lambda: bert(768, 12, 12), {"input_ids": whole(8, 128)}, 915_645_440, 1024 / 915_645_440),
]


@pytest.mark.parametrize(("name", "make", "inputs", "measured", "tolerance"), MODELS, ids=[row[0] for row in MODELS])
def test_training_keeps_what_autograd_keeps(
    name: str, make: Any, inputs: dict[str, Any], measured: int, tolerance: float
) -> None:
    plan = default_compiler().plan(source_of(name)).plan
    assert plan is not None
    assert kept(make(), **inputs) == measured
    assert saved_bytes(plan, 8, "float32") == pytest.approx(measured, rel=tolerance)
