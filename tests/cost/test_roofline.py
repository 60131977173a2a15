"""Least times on a device, worked out by hand from the stated figures."""

from __future__ import annotations

import pytest

import neural
from neural.cost.devices import DEVICES, find_device
from neural.cost.memory import DTYPES
from tests.cost.reports import RESNET50, only, report

T4, H100 = DEVICES["T4"], DEVICES["H100"]

#: Device, peak TFLOP/s of float32 and bfloat16, bandwidth in GB/s, memory in GB, as the vendors state them.
STATED = [
    ("H200", 67, 989.4, 4800, 141),
    ("H100", 67, 989.4, 3350, 80),
    ("A100", 19.5, 312, 2039, 80),
    ("V100", 15.7, None, 900, 32),
    ("L4", 30.3, 121, 300, 24),
    ("T4", 8.1, None, 320, 16),
    ("RTX4090", 82.6, 165.2, 1008, 24),
    ("MI300X", 163.4, 1307.4, 5300, 192),
]


@pytest.mark.parametrize(("key", "full", "half", "bandwidth", "memory"), STATED)
def test_stated_figures(key: str, full: float, half: float | None, bandwidth: int, memory: int) -> None:
    device = DEVICES[key]
    assert device.rate("float32") == full * 10**12
    assert device.rate("bfloat16") == (None if half is None else half * 10**12)
    assert device.rate("mixed") == device.rate("float16") > full * 10**12
    assert (device.bandwidth, device.memory) == (bandwidth * 10**9, memory * 10**9)
    assert device.source.startswith("https://")


def test_every_device_is_stated() -> None:
    assert [row[0] for row in STATED] == list(DEVICES)
    assert all(set(device.peak) <= set(DTYPES) for device in DEVICES.values())


@pytest.mark.parametrize(("name", "key"), [("h100", "H100"), ("rtx 4090", "RTX4090"), ("RTX-4090", "RTX4090")])
def test_a_device_is_found_in_any_spelling(name: str, key: str) -> None:
    assert find_device(name) is DEVICES[key]


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match=r"device is one of H200, H100, .* got 'H10'; did you mean H100"):
        neural.analyze("", device="H10")


#: Statement, input, settings, FLOPs, bytes moved: inputs, results, weights.
MOVED = [
    ("Dense(4)", "(6,)", {}, 48, 4 * (6 + 4 + 28)),
    ("Dense(4)", "(6,)", {"batch": 5}, 240, 4 * (5 * 6 + 5 * 4 + 28)),
    ("Dense(4)", "(6,)", {"dtype": "float16"}, 48, 2 * (6 + 4 + 28)),
    ("Dense(4)", "(6,)", {"dtype": "mixed"}, 48, 2 * (6 + 4) + 4 * 28),
    ("Conv2D(8, 3)", "(6, 6, 2)", {}, 2 * 128 * 9 * 2, 4 * (72 + 128 + 152)),
    ("ReLU()", "(6,)", {}, 0, 4 * 12),
    ("Flatten()", "(6, 2)", {}, 0, 0),
    ("Embedding(1000, 4)", "(3,)", {}, 0, 4 * 3 + 2 * 4 * 12),
    ("Embedding(2, 4)", "(3,)", {}, 0, 4 * 3 + 4 * 12 + 4 * 8),
]


@pytest.mark.parametrize(("statement", "shape", "settings", "flops", "moved"), MOVED)
def test_bytes_moved(statement: str, shape: str, settings: dict[str, object], flops: int, moved: int) -> None:
    layer = only(statement, shape, device="T4", **settings)
    rate = T4.rate(str(settings.get("dtype", "float32")))
    assert rate is not None
    assert layer.time == max(flops / rate, moved / T4.bandwidth)
    assert layer.bound == ("compute" if flops / rate > moved / T4.bandwidth else "memory")


def test_a_tensor_that_is_read_twice_moves_once() -> None:
    layer = report("a = Dense(6) Add()(a, a)", device="T4").layers[-1]
    assert layer.time == 4 * 12 / T4.bandwidth


def test_a_tied_head_reads_the_matrix_of_its_embedding() -> None:
    layer = report('w = Embedding(10, 4) Dense(tied="w")', "(5,)", device="T4").layers[-1]
    assert layer.parameters == 0
    assert layer.time == 4 * (5 * 4 + 5 * 10 + 10 * 4) / T4.bandwidth


def test_large_products_are_bound_by_compute_and_small_ones_by_memory() -> None:
    large = only("Dense(4096)", "(4096, 4096)", device="H100")
    assert (large.bound, large.time) == ("compute", 2 * 4096**3 / (67 * 10**12))
    assert only("Dense(4096)", "(4096,)", device="H100").bound == "memory"


def test_the_sum_is_of_the_layers_one_after_the_other() -> None:
    found = neural.analyze(RESNET50, device="H100", batch=32)
    assert found.totals.time == pytest.approx(sum(layer.time or 0 for layer in found.layers))
    assert found.totals.flops is not None
    assert found.totals.time >= found.totals.flops / (67 * 10**12)
    assert {layer.bound for layer in found.layers} == {"compute", "memory"}


@pytest.mark.parametrize(("batch", "fits"), [(8, True), (64, True), (1024, False)])
def test_whether_training_fits(batch: int, fits: bool) -> None:
    found = neural.analyze(RESNET50, device="H100", batch=batch)
    assert found.totals.training_bytes is not None
    assert found.fits is fits is (found.totals.training_bytes <= 80 * 10**9)


def test_without_a_rate_there_is_no_time() -> None:
    found = report("Dense(4)", device="T4", dtype="bfloat16")
    assert (found.layers[0].time, found.layers[0].bound, found.totals.time) == (None, None, None)
    assert "states no rate for bfloat16" in found.explain("dense", "time").note


def test_without_a_device_there_is_no_time() -> None:
    found = report("Dense(4)")
    assert (found.layers[0].time, found.totals.time, found.fits) == (None, None, None)
    assert found.to_dict()["device"] is None
    assert found.explain("dense", "time").note == "A time needs a device."


def test_a_time_is_explained() -> None:
    found = report("Dense(4)", device="H100")
    explained = found.explain("dense", "time")
    assert (explained.formula, explained.values) == ("bytes moved / bytes a second", "152 / 3,350,000,000,000")
    assert (explained.result, explained.source) == (152 / (3350 * 10**9), H100.source)


def test_the_json_form_names_the_device() -> None:
    device = report("Dense(4)", device="t4").to_dict()["device"]
    assert (device["key"], device["memory_bytes"], device["fits"]) == ("T4", 16 * 10**9, True)
