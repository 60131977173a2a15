"""Programs of networks that no library holds in this form, against the same networks written in PyTorch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.examples.references import built, flops, owned, real, report, whole
from tests.layers.torch_oracle import F, torch

nn = torch.nn


def lenet() -> Any:
    def stage(channels: int, filters: int) -> list[Any]:
        return [nn.Conv2d(channels, filters, 5), nn.Tanh(), nn.AvgPool2d(2)]

    dense = [nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10)]
    return nn.Sequential(*stage(1, 6), *stage(6, 16), nn.Flatten(), *dense)


def alexnet() -> Any:
    """Return the network of torchvision.models.alexnet."""

    def convolution(channels: int, filters: int, kernel: int, padding: int, **given: int) -> list[Any]:
        return [nn.Conv2d(channels, filters, kernel, padding=padding, **given), nn.ReLU()]

    def dense(inputs: int) -> list[Any]:
        return [nn.Dropout(0.5), nn.Linear(inputs, 4096), nn.ReLU()]

    return nn.Sequential(
        *convolution(3, 64, 11, 2, stride=4),
        nn.MaxPool2d(3, 2),
        *convolution(64, 192, 5, 2),
        nn.MaxPool2d(3, 2),
        *convolution(192, 384, 3, 1),
        *convolution(384, 256, 3, 1),
        *convolution(256, 256, 3, 1),
        nn.MaxPool2d(3, 2),
        nn.AdaptiveAvgPool2d(6),
        nn.Flatten(),
        *dense(256 * 6 * 6),
        *dense(4096),
        nn.Linear(4096, 1000),
    )


class Luong(nn.Module):  # type: ignore[misc]
    """An encoder and a decoder of stacked LSTMs with global attention, score "general": https://arxiv.org/abs/1508.04025"""

    def __init__(self, vocabulary: int = 50000, cells: int = 1000, depth: int = 4) -> None:
        super().__init__()
        self.source, self.target = nn.Embedding(vocabulary, cells), nn.Embedding(vocabulary, cells)
        self.encoder = nn.LSTM(cells, cells, depth, batch_first=True)
        self.decoder = nn.LSTM(cells, cells, depth, batch_first=True)
        self.score = nn.Linear(cells, cells, bias=False)
        self.combine = nn.Linear(2 * cells, cells, bias=False)
        self.head = nn.Linear(cells, vocabulary)

    def forward(self, source: Any, target: Any) -> Any:
        read, state = self.encoder(self.source(source))
        written, _ = self.decoder(self.target(target), state)
        weights = torch.softmax(self.score(written) @ read.transpose(1, 2), -1)
        return self.head(torch.tanh(self.combine(torch.cat([weights @ read, written], -1))))


class GraphConvolutions(nn.Module):  # type: ignore[misc]
    """Two graph convolutions, ``A X W + b``, on a normalised adjacency: https://arxiv.org/abs/1609.02907"""

    def __init__(self, features: int = 1433, hidden: int = 16, classes: int = 7) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(features, hidden, bias=False), nn.Linear(hidden, classes, bias=False)
        self.biases = nn.ParameterList([torch.zeros(hidden), torch.zeros(classes)])

    def forward(self, features: Any, adjacency: Any) -> Any:
        hidden = F.relu(adjacency @ self.first(features) + self.biases[0])
        return adjacency @ self.second(hidden) + self.biases[1]


class GraphAttentions(nn.Module):  # type: ignore[misc]
    """Two graph attentions, eight heads side by side and one for the classes: https://arxiv.org/abs/1710.10903"""

    def __init__(self, features: int = 1433, classes: int = 7) -> None:
        super().__init__()
        self.sizes = ((8, 8), (1, classes))
        inputs = (features, 64)
        self.words = nn.ModuleList(
            nn.Linear(i, h * u, bias=False) for i, (h, u) in zip(inputs, self.sizes, strict=True)
        )
        self.scores = nn.ParameterList([torch.zeros(2, *size) for size in self.sizes])
        self.biases = nn.ParameterList([torch.zeros(64), torch.zeros(classes)])

    def forward(self, x: Any, adjacency: Any) -> Any:
        for size, words, (own, other), bias in zip(self.sizes, self.words, self.scores, self.biases, strict=True):
            h = words(x).unflatten(-1, size).transpose(1, 2)
            pairs = (h * own[:, None]).sum(-1)[..., None] + (h * other[:, None]).sum(-1)[:, :, None]
            weights = torch.softmax(F.leaky_relu(pairs, 0.2).masked_fill(adjacency[:, None] == 0, -torch.inf), -1)
            x = F.elu((weights @ h).transpose(1, 2).flatten(2) + bias)
        return x


CORA = (real(1, 2708, 1433), real(1, 2708, 2708))

NETWORKS: list[tuple[str, str, Any, tuple[Any, ...], int, int]] = [
    # example, network, the same in PyTorch, its inputs: its parameters, FLOPs that FlopCounterMode counts at batch 1
    ("lenet", "LeNet5", lenet, (real(1, 1, 32, 32),), 61_706, 833_040),
    ("alexnet", "AlexNet", alexnet, (real(1, 3, 224, 224),), 61_100_840, 1_428_376_960),
    ("seq2seq", "Luong", Luong, (whole(1, 50), whole(1, 50)), 217_114_000, 11_710_000_000),
    ("gcn", "GCN", GraphConvolutions, CORA, 23_063, 462_114_784),
    ("gcn", "GAT", GraphAttentions, CORA, 92_373, 1_540_462_048),
]


@pytest.mark.parametrize(
    ("name", "network", "make", "inputs", "parameters", "counted"), NETWORKS, ids=[row[1] for row in NETWORKS]
)
def test_parameters_and_flops(
    name: str, network: str, make: Any, inputs: tuple[Any, ...], parameters: int, counted: int
) -> None:
    module, totals = built(make), report(name, network).totals
    assert owned(module) == (totals.parameters, totals.trainable_parameters) == (parameters, parameters)
    assert flops(module, *inputs) == totals.flops == counted
