"""The public surface: what a user imports, calls and reads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import neural

ROOT = Path(__file__).parents[1]

SOURCE = """network MNIST {
    input: (28, 28, 1)
    layers:
        Conv2D(32, (3, 3), "relu")
        Block(2)
        Output(10, "softmax")
}
define Block(size) {
    MaxPooling2D(size)
    Flatten()
}
let width = 64 in 16..256
"""


def test_names() -> None:
    assert set(neural.__all__) <= set(dir(neural))
    assert neural.__version__.count(".") == 2
    for name in neural.__all__:
        assert getattr(neural, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'wobble'"):
        _ = neural.wobble


def test_nothing_is_loaded_before_it_is_used() -> None:
    script = (
        "import sys, neural\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('neural', 'lark', 'torch', 'keras')))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['neural', 'neural.version']"


def test_analyzing_loads_no_framework() -> None:
    script = (
        "import sys, neural\n"
        "neural.analyze('network N { input: (6,) layers: Dense(2) }')\n"
        "print([name for name in ('torch', 'tensorflow', 'keras', 'numpy', 'flask') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_json_form_of_a_report() -> None:
    report = neural.analyze(SOURCE).to_dict()
    assert list(report)[:6] == ["schema", "network", "framework", "batch", "dtype", "optimizer"]
    assert {name: report[name] for name in ("schema", "network", "framework", "batch", "dtype")} == {
        "schema": 1, "network": "MNIST", "framework": "tensorflow", "batch": 1, "dtype": "float32",
    }  # fmt: skip
    first = report["layers"][0]
    expected: dict[str, Any] = {
        "key": "conv2d",
        "name": "conv2d",
        "type": "Conv2D",
        "group": [],
        "line": 4,
        "column": 9,
        "inputs": ["input"],
        "input_shapes": [[None, 28, 28, 1]],
        "output_shape": [None, 26, 26, 32],
        "output_dtype": "float32",
        "parameters": {"total": 320, "trainable": 320},
        "flops": 389376,
        "macs": 194688,
        "other_ops": 21632,
        "weight_bytes": 1280,
        "activation_bytes": 86528,
        "status": "ok",
    }
    assert {name: first[name] for name in expected} == expected
    assert first["arguments"]["filters"] == 32
    assert first["arguments"]["kernel_size"] == [3, 3]
    assert [layer["group"] for layer in report["layers"]] == [[], ["Block_1"], ["Block_1"], []]
    assert [layer["line"] for layer in report["layers"]] == [4, 9, 10, 6]
    assert report["outputs"] == ["output"]
    assert report["values"] == {"width": {"value": 64, "low": 16, "high": 256}}
    assert report["diagnostics"] == []
    assert set(report["totals"]) == {
        "parameters", "trainable_parameters", "non_trainable_parameters", "flops", "macs", "other_ops",
        "weight_bytes", "activation_bytes", "training_bytes", "time",
    }  # fmt: skip
    inputs = report["inputs"]
    assert inputs == [{"name": "input", "shape": [None, 28, 28, 1], "dtype": "float32", "line": 2, "column": 12}]


def test_the_json_form_of_broken_and_unknown_layers() -> None:
    layers = neural.analyze("network N { input: (6,) layers: Dense(-1) Dense(2) }").to_dict()["layers"]
    assert [layer["status"] for layer in layers] == ["error", "unknown"]
    for layer in layers:
        assert layer["output_shape"] is None
        assert layer["parameters"] is None
        assert layer["flops"] is None


@pytest.mark.parametrize("source", ["", "network", "network N { }", "\x00", "let a = 1", "}"])
def test_a_bad_program_has_a_report(source: str) -> None:
    report = neural.analyze(source)
    assert not report.ok
    assert report.layers == ()
    assert report.totals.parameters == 0
    assert report.to_dict()["layers"] == []


def test_positional_settings() -> None:
    report = neural.analyze(SOURCE, "pytorch", 4, "float16", "SGD", {"width": 32}, "MNIST")
    assert (report.framework, report.batch, report.dtype, report.optimizer, report.network) == (
        "pytorch", 4, "float16", "SGD", "MNIST",
    )  # fmt: skip
    assert report.values["width"]["value"] == 32
    assert report.convention == "1 MAC = 2 FLOPs, batch 4, float16"


@pytest.mark.parametrize(
    ("source", "settings", "optimizer"),
    [
        (SOURCE, {}, "Adam"),
        (SOURCE, {"optimizer": "sgd"}, "SGD"),
        ("network N { input: (6,) layers: Dense(2) optimizer: rmsprop }", {}, "RMSprop"),
        ("network N { input: (6,) layers: Dense(2) optimizer: rmsprop }", {"optimizer": "Adam"}, "Adam"),
        ("", {"optimizer": "sgd"}, "SGD"),
        ("", {}, "Adam"),
    ],
)
def test_the_optimizer_of_a_report(source: str, settings: dict[str, Any], optimizer: str) -> None:
    assert neural.analyze(source, **settings).optimizer == optimizer


@pytest.mark.parametrize(("backend", "words"), [("pytorch", "class MNIST(nn.Module)"), ("tensorflow", "keras.Model(")])
def test_generate(backend: str, words: str) -> None:
    code = neural.generate(SOURCE, backend)
    assert words in code
    assert "def build_model(" in code
    compile(code, "generated", "exec")


def test_generate_says_what_is_wrong() -> None:
    with pytest.raises(neural.NeuralError, match="N203") as caught:
        neural.generate("network N { input: (6,) layers: Dense(-1) }", "pytorch")
    (found,) = caught.value.diagnostics
    assert isinstance(found, neural.Diagnostic)
    assert found.span == neural.Span(1, 39, 1, 41)


def test_generate_refuses_other_backends() -> None:
    with pytest.raises(ValueError, match="pytorch"):
        neural.generate("network N { input: (6,) layers: Dense(1) }", "jax")


def test_values_of_constants_reach_the_code() -> None:
    source = "let width = 4\nnetwork N { input: (6,) layers: Dense(width) }"
    assert "nn.Linear(6, 9)" in neural.generate(source, "pytorch", values={"width": 9})
    assert "nn.Linear(6, 4)" in neural.generate(source, "pytorch")
