"""The networks of keras.applications, written in the language, against the models themselves.

Two authorities: the models that Keras builds, and `keras_applications.csv`, which holds their parameters and the
forward FLOPs that PyTorch's `FlopCounterMode` counts on the same layers at batch 1, a multiply-add as two.

A program holds the layers of its model, one for one: paddings, activations and rescalings are layers of their own where
they are in Keras. Layers correspond by what they are and what they are computed from (`graphs.py`): every layer's type,
arguments, output shape and weights are compared, and how they are joined. Where one layer reads another, that holds
their order; the order of parallel branches is free, since none is the right one. What may be spelt in another way is
listed in `graphs.py`. The generated code of both backends is held against the same authorities.

Keras builds its models in a `StatelessScope`, PyTorch on the meta device, where weights have shapes and no values: the
largest costs no memory.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import neural
from neural.compiler import default_compiler
from neural.cost.report import Report
from neural.syntax import NetworkItem

keras = pytest.importorskip("keras")
torch = pytest.importorskip("torch")

from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from tests.examples.graphs import Graph, Numbers, graph_of_model, graph_of_plan  # noqa: E402

EXAMPLES = Path(__file__).parents[2] / "examples"

FAMILIES: dict[str, tuple[str, ...]] = {
    "vgg": ("VGG16", "VGG19"),
    "resnet": ("ResNet50", "ResNet101", "ResNet152"),
    "resnet_v2": ("ResNet50V2", "ResNet101V2", "ResNet152V2"),
    "inception_v3": ("InceptionV3",),
    "inception_resnet_v2": ("InceptionResNetV2",),
    "xception": ("Xception",),
    "densenet": ("DenseNet121", "DenseNet169", "DenseNet201"),
    "nasnet": ("NASNetMobile", "NASNetLarge"),
    "mobilenet": ("MobileNet",),
    "mobilenet_v2": ("MobileNetV2",),
    "mobilenet_v3": ("MobileNetV3Small", "MobileNetV3Large"),
    "efficientnet": tuple(f"EfficientNetB{number}" for number in range(8)),
    "efficientnet_v2": tuple(f"EfficientNetV2{name}" for name in ("B0", "B1", "B2", "B3", "S", "M", "L")),
    "convnext": tuple(f"ConvNeXt{name}" for name in ("Tiny", "Small", "Base", "Large", "XLarge")),
}
NETWORKS = [pytest.param(family, name, id=name) for family, names in FAMILIES.items() for name in names]

with (Path(__file__).parent / "keras_applications.csv").open(encoding="utf-8") as file:
    NUMBERS = {row["name"]: row for row in csv.DictReader(file)}


SHARED = Numbers()


@cache
def source_of(family: str) -> str:
    return (EXAMPLES / f"{family}.neural").read_text(encoding="utf-8")


def analyze(family: str, name: str) -> Report:
    report = neural.analyze(source_of(family), network=name)
    assert report.network == name
    assert report.diagnostics == ()
    return report


def sizes(name: str) -> tuple[int, ...]:
    return tuple(map(int, NUMBERS[name]["input"].split("x")))


def without_values(build: Callable[[], Any]) -> Any:
    """Return the Keras model that a function builds, its weights without values."""
    keras.backend.clear_session()
    with keras.StatelessScope(initialize_variables=False):
        return build()


@cache
def application(name: str) -> Graph:
    """Return the graph of Keras's own model."""
    build = getattr(keras.applications, name)
    return graph_of_model(without_values(lambda: build(weights=None, input_shape=sizes(name))), SHARED)


def builder(code: str) -> Callable[[], Any]:
    """Return the function of a generated file that builds its model."""
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(compile(code, "generated.py", "exec"), scope)
    build: Callable[[], Any] = scope["build_model"]
    return build


def agree(ours: Graph, theirs: Graph) -> None:
    assert (ours.not_in(theirs), theirs.not_in(ours)) == ([], [])
    assert ours.counted() == theirs.counted()


def test_the_families_hold_every_application_once() -> None:
    assert sorted(name for names in FAMILIES.values() for name in names) == sorted(NUMBERS)
    assert len(NUMBERS) == 40


@pytest.mark.parametrize("family", FAMILIES)
def test_a_file_holds_its_family(family: str) -> None:
    source = source_of(family)
    assert source.startswith("# ")
    assert "https://arxiv.org/abs/" in source
    program = default_compiler().parse(source).program
    assert program is not None
    networks = [item.name.text for _, item in program.items if isinstance(item, NetworkItem)]
    assert tuple(networks) == FAMILIES[family]


@pytest.mark.parametrize(("family", "name"), NETWORKS)
def test_parameters_and_flops(family: str, name: str) -> None:
    totals, row = analyze(family, name).totals, NUMBERS[name]
    assert totals.parameters == int(row["parameters"])
    assert totals.trainable_parameters == int(row["trainable"])
    assert totals.non_trainable_parameters == int(row["non_trainable"])
    assert totals.flops == int(row["flops"])


@pytest.mark.parametrize(("family", "name"), NETWORKS)
def test_every_layer_is_that_of_keras(family: str, name: str) -> None:
    plan = default_compiler().plan(source_of(family), network=name).plan
    assert plan is not None
    agree(graph_of_plan(plan, SHARED), application(name))


@pytest.mark.parametrize(("family", "name"), NETWORKS)
def test_generated_keras_code_builds_the_model(family: str, name: str) -> None:
    build = builder(neural.generate(source_of(family), "tensorflow", network=name))
    agree(graph_of_model(without_values(build), SHARED), application(name))


@pytest.mark.parametrize(("family", "name"), NETWORKS)
def test_generated_pytorch_code_has_the_parameters_and_flops(family: str, name: str) -> None:
    """On the meta device, where tensors have shapes and no values."""
    build = builder(neural.generate(source_of(family), "pytorch", network=name))
    height, width, channels = sizes(name)
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        model = build().eval()
        result = model(torch.zeros(1, channels, height, width))
    assert tuple(result.shape) == (1, 1000)
    assert sum(weight.numel() for weight in model.parameters()) == int(NUMBERS[name]["trainable"])
    assert counter.get_total_flops() == int(NUMBERS[name]["flops"])
