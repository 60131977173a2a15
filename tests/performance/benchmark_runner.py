"""Measure every stage in fresh processes and show it beside its target.

    python tests/performance/benchmark_runner.py [--json] [--compare FILE] [--runs N] [STAGE ...]

Cold is the first run in a process that keeps nothing on disk; warm is a later run in the same process. Compare figures
of one machine only; ``--compare`` wants what ``--json`` printed there before.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from tests.performance.stages import STAGES  # noqa: E402

_FACTORS: Final = {"s": ("ms", 1000.0), "MB": ("MB", 1.0), "x": ("x", 1.0)}


def run_stage(name: str, runs: int) -> dict[str, Any]:
    """Measure a stage in ``runs`` processes; return the medians, the target and the unit."""
    results = [_in_a_process(name) for _ in range(runs)]
    medians = {kind: statistics.median(result[kind] for result in results) for kind in ("cold", "warm")}
    return {**medians, "target": STAGES[name].target, "unit": STAGES[name].unit}


def _in_a_process(name: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.performance.stages", name]
    environment = {**os.environ, "NEURAL_CACHE": "0"}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def measure(names: Iterable[str], runs: int) -> dict[str, Any]:
    """Return the figures of the stages with what is to be known of the machine."""
    return {
        "schema": 1,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": os.cpu_count(),
        "runs": runs,
        "stages": {name: run_stage(name, runs) for name in names},
    }


def table(figures: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> str:
    """Return the figures as text, the target beside each, and the ratio to earlier ones."""
    heading = ["stage", "cold", "warm", "cold/warm", "target", ""] + (["cold before", "ratio"] if before else [])
    rows = [heading]
    for name, figure in figures["stages"].items():
        rows.append(_row(name, figure) + (_compared(figure, before["stages"].get(name)) if before else []))
    widths = [max(len(row[column]) for row in rows) for column in range(len(heading))]
    machine = f"Python {figures['python']}, {figures['cpus']} CPUs, median of {figures['runs']} processes"
    return "\n".join([machine, *(_line(row, widths) for row in rows)])


def _line(row: list[str], widths: list[int]) -> str:
    first, *rest = (
        cell.ljust(width) if not index else cell.rjust(width)
        for index, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *rest]).rstrip()


def _row(name: str, figure: Mapping[str, Any]) -> list[str]:
    cold, warm, target, unit = figure["cold"], figure["warm"], figure["target"], figure["unit"]
    ratio = "" if unit != "s" else f"{cold / warm:.1f}x" if cold < 1000 * warm else "> 1000x"
    verdict = "" if target is None else "MISSED" if _misses(figure) else "ok"
    sign = ">" if unit == "x" else "<"
    return [
        name,
        _amount(cold, unit),
        _amount(warm, unit),
        ratio,
        f"{sign} {_amount(target, unit)}" if target else "",
        verdict,
    ]


def _compared(figure: Mapping[str, Any], before: Mapping[str, Any] | None) -> list[str]:
    if not before:
        return ["", ""]
    ratio = f"{figure['cold'] / before['cold']:.2f}x" if before["cold"] else ""
    return [_amount(before["cold"], before["unit"]), ratio]


def _amount(value: float, unit: str) -> str:
    shown, factor = _FACTORS[unit]
    return f"{value * factor:,.2f} {shown}"


def missed(figures: Mapping[str, Any]) -> list[str]:
    """Return the stages whose first run took more than the target, or whose ratio is less."""
    return [name for name, figure in figures["stages"].items() if _misses(figure)]


def _misses(figure: Mapping[str, Any]) -> bool:
    target, cold = figure["target"], figure["cold"]
    return bool(target) and (cold < target if figure["unit"] == "x" else cold >= target)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks; return 1 when a target is missed."""
    parser = argparse.ArgumentParser(description="Measure every stage and show it beside its target.")
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"of: {', '.join(STAGES)}")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="figures that --json printed before")
    parser.add_argument("--runs", type=int, default=3, help="processes a stage is measured in (default 3)")
    options = parser.parse_args(arguments)
    if unknown := set(options.stages) - STAGES.keys():
        parser.error(f"no stage {', '.join(sorted(unknown))}; there are: {', '.join(STAGES)}")
    before = json.loads(options.compare.read_text(encoding="utf-8")) if options.compare else None
    figures = measure(options.stages or STAGES, max(1, options.runs))
    print(json.dumps(figures, indent=2) if options.json else table(figures, before))
    return 1 if missed(figures) else 0


if __name__ == "__main__":
    sys.exit(main())
