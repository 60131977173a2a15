"""Convolutional networks against the same written in PyTorch, and the knobs of families that Keras has."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from neural.compiler import default_compiler
from tests.examples.graphs import Numbers, graph_of_model, graph_of_plan
from tests.examples.references import built, flops, owned, real, report, source_of
from tests.examples.test_keras_applications import keras, without_values
from tests.layers.torch_oracle import F, torch

nn = torch.nn


def convolutions(inputs: int, filters: int) -> Any:
    return nn.Sequential(nn.Conv2d(inputs, filters, 3), nn.ReLU(), nn.Conv2d(filters, filters, 3), nn.ReLU())


class UNet(nn.Module):  # type: ignore[misc]
    """The network of figure 1 in https://arxiv.org/abs/1505.04597."""

    def __init__(self) -> None:
        super().__init__()
        widths = (64, 128, 256, 512, 1024)
        pairs = list(pairwise(widths))
        self.down = nn.ModuleList(convolutions(*pair) for pair in ((1, 64), *pairs))
        self.raising = nn.ModuleList(nn.ConvTranspose2d(wide, narrow, 2, 2) for narrow, wide in pairs[::-1])
        self.up = nn.ModuleList(convolutions(wide, narrow) for narrow, wide in pairs[::-1])
        self.head = nn.Conv2d(64, 2, 1)

    def forward(self, x: Any) -> Any:
        x = self.down[0](x)
        across = []
        for step in self.down[1:]:
            across.append(x)
            x = step(F.max_pool2d(x, 2))
        for raising, step in zip(self.raising, self.up, strict=True):
            x = raising(x)
            other = across.pop()
            margin = (other.shape[-1] - x.shape[-1]) // 2
            x = step(torch.cat([other[..., margin:-margin, margin:-margin], x], 1))
        assert x.shape[-2:] == (388, 388)
        return self.head(x)


def generator() -> Any:
    """Return the generator of https://docs.pytorch.org/tutorials/beginner/dcgan_faces_tutorial.html."""

    def larger(inputs: int, filters: int, stride: int = 2, padding: int = 1) -> list[Any]:
        convolution = nn.ConvTranspose2d(inputs, filters, 4, stride, padding, bias=False)
        return [convolution, nn.BatchNorm2d(filters), nn.ReLU()]

    first, last = larger(100, 512, 1, 0), nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False)
    return nn.Sequential(*first, *larger(512, 256), *larger(256, 128), *larger(128, 64), last, nn.Tanh())


def discriminator() -> Any:
    """Return the discriminator of the same page."""

    def smaller(inputs: int, filters: int) -> list[Any]:
        convolution = nn.Conv2d(inputs, filters, 4, 2, 1, bias=False)
        return [convolution, nn.BatchNorm2d(filters), nn.LeakyReLU(0.2)]

    first, last = nn.Conv2d(3, 64, 4, 2, 1, bias=False), nn.Conv2d(512, 1, 4, bias=False)
    between = [*smaller(64, 128), *smaller(128, 256), *smaller(256, 512)]
    return nn.Sequential(first, nn.LeakyReLU(0.2), *between, last, nn.Sigmoid())


class WaveNet(nn.Module):  # type: ignore[misc]
    """Figure 4 of https://arxiv.org/abs/1609.03499, with the sizes of github.com/ibab/tensorflow-wavenet."""

    def __init__(self, channels: int = 32, skipped: int = 512) -> None:
        super().__init__()
        self.dilations = [2**step for step in range(10)] * 5
        self.first = nn.Conv1d(256, channels, 2, bias=False)
        gates = [nn.Conv1d(channels, 2 * channels, 2, dilation=dilation) for dilation in self.dilations]
        self.gates = nn.ModuleList(gates)
        self.said = nn.ModuleList(nn.Conv1d(channels, skipped, 1) for _ in gates)
        self.onward = nn.ModuleList(nn.Conv1d(channels, channels, 1) for _ in gates[1:])
        self.last = nn.ModuleList([nn.Conv1d(skipped, skipped, 1), nn.Conv1d(skipped, 256, 1)])

    def forward(self, x: Any) -> Any:
        x, total = self.first(F.pad(x, (1, 0))), 0
        for index, (dilation, gate) in enumerate(zip(self.dilations, self.gates, strict=True)):
            signal, share = gate(F.pad(x, (dilation, 0))).chunk(2, 1)
            let_through = signal.tanh() * share.sigmoid()
            total = total + self.said[index](let_through)
            if index < len(self.onward):
                x = x + self.onward[index](let_through)
        return self.last[1](self.last[0](total.relu()).relu())


NETWORKS: list[tuple[str, str, Any, tuple[int, ...], int, int]] = [
    # example, network, the same in PyTorch, its input: its parameters, FLOPs that FlopCounterMode counts at batch 1
    ("unet", "UNet", UNet, (1, 1, 572, 572), 31_030_658, 300_856_848_896),
    ("dcgan", "Generator", generator, (1, 100, 1, 1), 3_576_704, 209_256_448),
    ("dcgan", "Discriminator", discriminator, (1, 3, 64, 64), 2_765_568, 207_634_432),
    ("wavenet", "WaveNet", WaveNet, (1, 256, 16_000), 1_514_912, 47_480_832_000),
]


@pytest.mark.parametrize(
    ("name", "network", "make", "shape", "parameters", "counted"), NETWORKS, ids=[row[1] for row in NETWORKS]
)
def test_parameters_and_flops(
    name: str, network: str, make: Any, shape: tuple[int, ...], parameters: int, counted: int
) -> None:
    module, totals = built(make), report(name, network).totals
    assert owned(module) == (totals.parameters, totals.trainable_parameters) == (parameters, parameters)
    assert flops(module, real(*shape)) == totals.flops == counted


KNOBS: list[tuple[str, str, dict[str, Any]]] = [
    ("mobilenet", "MobileNet", {"alpha": 0.25, "size": 129}),
    ("mobilenet", "MobileNet", {"alpha": 1.5, "size": 160}),
    ("mobilenet_v2", "MobileNetV2", {"alpha": 0.35, "size": 97}),
    ("mobilenet_v2", "MobileNetV2", {"alpha": 1.4, "size": 260}),
    ("mobilenet_v3", "MobileNetV3Small", {"alpha": 0.75, "size": 139}),
    ("mobilenet_v3", "MobileNetV3Large", {"alpha": 0.75, "size": 301}),
    ("convnext", "ConvNeXtTiny", {"size": 63}),
    ("vgg", "VGG19", {"size": 97}),
    ("resnet", "ResNet50", {"size": 71}),
    ("resnet_v2", "ResNet50V2", {"size": 101}),
    ("densenet", "DenseNet121", {"size": 115}),
    ("inception_v3", "InceptionV3", {"size": 150}),
    ("inception_resnet_v2", "InceptionResNetV2", {"size": 139}),
    ("xception", "Xception", {"size": 128}),
]


@pytest.mark.parametrize(("name", "network", "values"), KNOBS, ids=[f"{row[1]} {row[2]}" for row in KNOBS])
def test_knobs_are_the_arguments_of_keras(name: str, network: str, values: dict[str, Any]) -> None:
    given = {"alpha": values["alpha"]} if "alpha" in values else {}
    shape = (values["size"], values["size"], 3)
    model = without_values(lambda: getattr(keras.applications, network)(weights=None, input_shape=shape, **given))
    plan = default_compiler().plan(source_of(name), network=network, values=values).plan
    assert plan is not None
    numbers = Numbers()
    assert graph_of_plan(plan, numbers).counted() == graph_of_model(model, numbers).counted()
