"""``neural summary``: one report in four formats."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from neural.compiler import default_compiler
from neural.cost.tables import CSV_COLUMNS, count, shape, size
from tests.cli.conftest import BAD, GOOD, Neural


def test_json_is_the_report(good: Path, neural: Neural) -> None:
    result = neural("summary", good, "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    told = json.loads(result.stdout)
    assert told == json.loads(json.dumps(default_compiler().analyze(GOOD).to_dict()))
    assert [layer["parameters"]["total"] for layer in told["layers"]] == [320, 0, 216_330]
    assert told["layers"][0]["flops"] == 389_376
    assert told["layers"][0]["output_shape"] == [None, 26, 26, 32]


def test_csv_has_the_keys_of_the_json(good: Path, neural: Neural) -> None:
    rows = list(csv.DictReader(io.StringIO(neural("summary", good, "--format", "csv").stdout)))
    layers = json.loads(neural("summary", good, "--format", "json").stdout)["layers"]
    assert tuple(rows[0]) == CSV_COLUMNS
    assert len(rows) == len(layers) == 3
    for row, layer in zip(rows, layers, strict=True):
        assert row["key"] == layer["key"]
        assert json.loads(row["output_shape"]) == layer["output_shape"]
        assert json.loads(row["arguments"]) == layer["arguments"]
        assert int(row["parameters"]) == layer["parameters"]["total"]
        assert int(row["trainable_parameters"]) == layer["parameters"]["trainable"]
        assert int(row["activation_bytes"]) == layer["activation_bytes"]


def test_markdown(good: Path, neural: Neural) -> None:
    lines = neural("summary", good, "--format", "markdown").stdout.splitlines()
    assert lines[0].startswith("| Layer | Type | Output shape | Parameters | FLOPs |")
    assert "| Conv2D | (None, 26, 26, 32) | 320 | 389,376 |" in lines[2]
    assert all(line.count("|") == lines[0].count("|") for line in lines[:5])
    assert "- Parameters: 216,650 (216,650 trainable, 0 not)" in lines


def test_table(good: Path, neural: Neural) -> None:
    result = neural("summary", good)
    assert result.exit_code == 0
    for text in ("Small", "Conv2D", "(None, 26, 26, 32)", "389,376", "216,650", "1 MAC = 2 FLOPs, batch 1, float32"):
        assert text in result.stdout
    assert "\x1b" not in result.stdout


def test_a_table_that_is_piped_is_never_cut(tmp_path: Path, neural: Neural) -> None:
    path = tmp_path / "long.neural"
    name = "a_name_" * 20
    path.write_text(f'network N {{ input: (4) layers: Dense(2, name="{name}") }}')
    assert name in neural("summary", path).stdout


def test_groups_stand_above_their_layers(tmp_path: Path, neural: Neural) -> None:
    path = tmp_path / "group.neural"
    path.write_text("define Block(n) { Dense(n) ReLU() }\nnetwork N { input: (4) layers: Block(2) Block(3) Dense(1) }")
    lines = [line for line in neural("summary", path).stdout.splitlines() if "Block" in line or "ense" in line]
    assert len([line for line in lines if "Block" in line]) >= 2
    assert "  dense" in lines[1]


@pytest.mark.parametrize(
    ("options", "key", "value"),
    [
        (("--batch", "8"), "batch", 8),
        (("--dtype", "float16"), "dtype", "float16"),
        (("--framework", "pytorch"), "framework", "pytorch"),
        (("--optimizer", "SGD"), "optimizer", "SGD"),
    ],
)
def test_settings(options: tuple[str, ...], key: str, value: object, good: Path, neural: Neural) -> None:
    result = neural("summary", good, "--format", "json", *options)
    assert result.exit_code == 0
    assert json.loads(result.stdout)[key] == value


def test_batch_and_dtype_change_the_costs(good: Path, neural: Neural) -> None:
    layer = json.loads(neural("summary", good, "--format", "json", "--batch", "2", "--dtype", "float16").stdout)[
        "layers"
    ]
    assert (layer[0]["flops"], layer[0]["activation_bytes"], layer[0]["weight_bytes"]) == (778_752, 86_528, 640)


def test_a_program_with_errors_is_still_summarised(bad: Path, neural: Neural) -> None:
    result = neural("summary", bad, "--format", "json")
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert told["layers"][0]["parameters"]["total"] == 320
    assert [each["code"] for each in told["diagnostics"]] == ["N201"]
    assert f"{bad}:5:9: error N201" in result.stderr


@pytest.mark.parametrize("pair", ["width", "=3", "width=", "width=wide", "width=nan", "width=1e999", "3=3"])
def test_a_wrong_value_is_wrong_usage(pair: str, good: Path, neural: Neural) -> None:
    result = neural("summary", good, "--set", pair)
    assert result.exit_code == 2
    assert "--set" in result.stderr


def test_a_let_is_given_another_value(tmp_path: Path, neural: Neural) -> None:
    path = tmp_path / "knob.neural"
    path.write_text("let width = 3\nnetwork N { input: (4) layers: Dense(width) }")
    told = json.loads(neural("summary", path, "--format", "json", "--set", "width=7").stdout)
    assert told["values"]["width"]["value"] == 7
    assert told["layers"][0]["output_shape"] == [None, 7]


def test_a_let_that_is_not_there_is_wrong_usage(good: Path, neural: Neural) -> None:
    result = neural("summary", good, "--set", "width=3")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "Error: --set: the program has no let called width\n"


@pytest.mark.parametrize("option", ["--optimizer", "--framework", "--dtype", "--batch"])
def test_a_setting_outside_its_choices_is_wrong_usage(option: str, good: Path, neural: Neural) -> None:
    assert neural("summary", good, option, "nothing").exit_code == 2


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (None, "?"),
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (2_775_848, "2.6 MiB"),
        (5 * 2**30, "5.0 GiB"),
        (2**80, "1,048,576.0 EiB"),
    ],
)
def test_size(octets: int | None, text: str) -> None:
    assert size(octets) == text


def test_counts_and_shapes() -> None:
    assert (count(None), count(1_234_567)) == ("?", "1,234,567")
    assert (shape(None), shape((None, 4)), shape((None,))) == ("?", "(None, 4)", "(None,)")


def test_the_standard_input(neural: Neural) -> None:
    assert neural("summary", "-", "--format", "csv", input=GOOD).exit_code == 0
    assert neural("summary", "-", input=BAD).exit_code == 1
