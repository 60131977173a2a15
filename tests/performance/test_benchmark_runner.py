"""The benchmark runner and the profiler run, and say when a target is missed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.performance import benchmark_runner, profile_cli
from tests.performance.stages import STAGES

README = Path(__file__).with_name("README.md").read_text(encoding="utf-8")


def figures(cold: float = 0.5, target: float | None = 1.0, unit: str = "s") -> dict[str, Any]:
    stage = {"cold": cold, "warm": 0.1, "target": target, "unit": unit}
    return {"python": "3.11", "cpus": 2, "runs": 3, "stages": {"parse": stage}}


def test_a_stage_is_measured_in_a_process_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmark_runner.main(["--json", "--runs", "1", "propagate 10 layers"]) == 0
    told = json.loads(capsys.readouterr().out)
    stage = told["stages"]["propagate 10 layers"]
    assert stage["unit"] == "s"
    assert 0 < stage["warm"] < stage["target"]
    assert 0 < stage["cold"] < stage["target"]


def test_figures_are_compared_with_earlier_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tmp_path / "before.json"
    before.write_text(json.dumps({"stages": {"parse, simple": {"cold": 1.0, "warm": 1.0, "unit": "s"}}}))
    assert benchmark_runner.main(["--runs", "1", "--compare", str(before), "parse, simple"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[-3:] == ["cold", "before", "ratio"]
    assert "1,000.00 ms" in lines[2]


@pytest.mark.parametrize(
    ("cold", "target", "unit", "row"),
    [
        (0.5, 1.0, "s", "parse  500.00 ms  100.00 ms       5.0x  < 1,000.00 ms  ok"),
        (2.0, 1.0, "s", "parse  2,000.00 ms  100.00 ms      20.0x  < 1,000.00 ms  MISSED"),
        (200.0, None, "s", "parse  200,000.00 ms  100.00 ms    > 1000x"),
        (3.0, 100.0, "MB", "parse  3.00 MB  0.10 MB             < 100.00 MB  ok"),
        (8.0, 5.0, "x", "parse  8.00 x  0.10 x             > 5.00 x  ok"),
        (4.0, 5.0, "x", "parse  4.00 x  0.10 x             > 5.00 x  MISSED"),
    ],
)
def test_the_target_stands_beside_the_figure(cold: float, target: float | None, unit: str, row: str) -> None:
    assert benchmark_runner.table(figures(cold, target, unit)).splitlines()[-1] == row


def test_a_missed_target_is_named() -> None:
    assert benchmark_runner.missed(figures(0.5)) == []
    assert benchmark_runner.missed(figures(1.0)) == ["parse"]
    assert benchmark_runner.missed(figures(9.0, None)) == []


def test_an_unknown_stage_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as stopped:
        benchmark_runner.main(["no such stage"])
    assert stopped.value.code == 2


@pytest.mark.parametrize("name", [name for name, stage in STAGES.items() if stage.target])
def test_every_target_is_listed(name: str) -> None:
    target = STAGES[name].target
    sign = ">" if STAGES[name].unit == "x" else "<"
    assert f"| {sign} {target:g} {STAGES[name].unit} |" in README


def test_the_profiler_names_imports_and_functions() -> None:
    imports = profile_cli.import_times(["--version"])
    assert "click" in {each.module for each in imports}
    assert imports == sorted(imports, key=lambda each: each.alone, reverse=True)
    assert "cumulative" in profile_cli.function_times(["--version"], 5)
