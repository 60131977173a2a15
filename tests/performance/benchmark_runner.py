"""Measure every stage, from 10 to 10,000 layers and beside peers, and hold the figures against the bars.

    python tests/performance/benchmark_runner.py [--only PART ...] [--json FILE] [--charts]
    python tests/performance/benchmark_runner.py --revisions A B [--only PART ...]

Each part is taken in processes of its own, and what is compared is taken in turns within one. Compare figures of one
machine only. Exits with 1 when a bar is missed or a part fails.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from tests.performance import bars, browser, docs_page, revisions, tables  # noqa: E402
from tests.performance.figures import Figure, Figures, Results, joined  # noqa: E402
from tests.performance.parts import PARTS, Options  # noqa: E402

_FAILED: Final = "failed: "


def take(name: str, options: Options, runs: int = 0, tree: Path = ROOT) -> tuple[Figures, str]:
    """Take a part in ``runs`` processes (0: as many as it wants) in a checkout; return it, and what was skipped."""
    taken: list[Figures] = []
    for _ in range(runs or PARTS[name].processes):
        figures, reason = _in_a_process(name, options, tree)
        taken.append(figures)
        if reason:
            return joined(taken), reason
    return joined(taken), ""


def _in_a_process(name: str, options: Options, tree: Path) -> tuple[Figures, str]:
    command = [sys.executable, "-W", "ignore", "-m", "tests.performance.parts", name, json.dumps(asdict(options))]
    environment = {**os.environ, "PYTHONPATH": str(tree), "NEURAL_CACHE": "0"}
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)
    if done.returncode:
        return {}, _FAILED + (done.stderr.strip().splitlines() or ["?"])[-1]
    for line in done.stderr.splitlines():
        if line.startswith("  "):  # what the part itself says
            print(line, file=sys.stderr)
    told = json.loads(done.stdout.splitlines()[-1])
    return {key: Figure(**values) for key, values in told["figures"].items()}, told["skipped"]


def measure(
    names: Sequence[str], options: Options, runs: int = 0, keep: Callable[[Results], object] = lambda _: None
) -> Results:
    """Return the figures of parts, with what is to be known of the machine; ``keep`` is given them after each part."""
    results = Results(machine())
    for name in names:
        start = time.monotonic()
        figures, reason = take(name, options, runs)
        _progress(name, reason, time.monotonic() - start)
        results.figures |= figures
        if reason:
            results.skipped[name] = reason
        keep(results)
    return results


def measure_two(names: Sequence[str], options: Options, runs: int, trees: Sequence[Path]) -> list[Results]:
    """Return the figures of parts in two checkouts, taken in turns."""
    both = [Results(machine()) for _ in trees]
    for name in names:
        rounds: list[list[Figures]] = [[] for _ in trees]
        for _ in range(max(2, runs)):
            for tree, results, taken in zip(trees, both, rounds, strict=True):
                start = time.monotonic()
                figures, reason = take(name, options, 1, tree)
                _progress(f"{name} [{tree.name}]", reason, time.monotonic() - start)
                taken.append(figures)
                if reason:
                    results.skipped[name] = reason
        for results, taken in zip(both, rounds, strict=True):
            results.figures |= joined(taken)
    return both


def machine() -> dict[str, Any]:
    """Return what is to be known of the machine."""
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
    }


def _progress(name: str, reason: str, seconds: float) -> None:
    print(f"{name}: {reason or f'{seconds:.0f} s'}", file=sys.stderr, flush=True)


def chosen(only: Sequence[str]) -> list[str]:
    """Return the parts whose names begin with one of the names given, or all; raise ``ValueError`` for none."""
    if unknown := [name for name in only if not any(part.startswith(name) for part in PARTS)]:
        raise ValueError(f"no part {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    return [part for part in PARTS if not only or part.startswith(tuple(only))]


def told(results: Results, *, everything: bool) -> str:
    """Return every table that has a row, what was skipped, and the bars at the end."""
    shown = [
        tables.stage_rows(results.figures),
        tables.growth_rows(results.figures),
        tables.peer_rows(results.figures),
        tables.other_rows(results.figures, ("real", "starts", "sent", "browser", "worker", "repeated")),
        bars.bar_rows(results.figures, everything=everything),
    ]
    parts = [tables.text(rows) for rows in shown if len(rows) > 1]
    parts[-1:-1] = [f"skipped: {name}: {reason}" for name, reason in results.skipped.items()]
    return "\n\n".join([docs_page.heading(results), *parts])


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks; return 1 when a bar is missed or a part fails."""
    options = _arguments(arguments)
    choices = Options(options.edits, options.peers_venv)
    if options.revisions:
        return _compare_revisions(options, choices)
    before = Results.read(options.compare).figures if options.compare else None
    if options.read:
        results = Results.read(options.read)
    else:
        results = measure(options.parts, choices, options.runs, lambda sofar: _keep(sofar, options.json))
        if not options.only:
            results.figures |= browser.figures(ROOT / browser.FILE)
        _keep(results, options.json)
        results = Results.from_json(results.to_json())  # rounded as they are kept, so that the page says the same
    print(told(results, everything=not options.only))
    if before is not None:
        print("\n" + tables.text(tables.compared_rows(before, results.figures, ("before", "now"))))
    if options.charts:
        docs_page.write(results, ROOT / "docs")
    failed = any(reason.startswith(_FAILED) for reason in results.skipped.values())
    return 1 if failed or bars.missed(results.figures) else 0


def _keep(results: Results, file: Path | None) -> None:
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(results.to_json(), encoding="utf-8")


def _compare_revisions(options: argparse.Namespace, choices: Options) -> int:
    with revisions.checkouts(options.revisions) as trees:
        both = measure_two(options.parts, choices, options.runs, trees)
    first, second = (results.figures for results in both)
    print(tables.text(tables.compared_rows(first, second, tuple(options.revisions))))
    return 0


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure every stage and hold the figures against the bars.")
    add = parser.add_argument
    add("--only", nargs="+", default=[], metavar="PART", help="parts whose names begin so: growth, peers/Keras, …")
    add("--list", action="store_true", help="name the parts, and measure nothing")
    add("--json", type=Path, metavar="FILE", help="write the figures to a file")
    add("--read", type=Path, metavar="FILE", help="measure nothing, and take the figures that --json wrote")
    add("--charts", action="store_true", help="write the figures and charts into docs/performance.md")
    add("--compare", type=Path, metavar="FILE", help="figures that --json wrote before on this machine")
    add("--revisions", nargs=2, metavar=("A", "B"), help="measure two git revisions in turns")
    add("--runs", type=int, default=0, help="processes a part is taken in (default: what it needs)")
    add(
        "--edits",
        type=int,
        default=Options().edits,
        help="distinct edits a worker is sent (default %(default)s)",
    )
    add("--peers-venv", default="", metavar="DIR", help="environment of neural-dsl, made where there is none")
    options = parser.parse_args(arguments)
    if options.list:
        parser.exit(message="\n".join(PARTS) + "\n")
    try:
        options.parts = chosen(options.only)
    except ValueError as error:
        parser.error(str(error))
    return options


if __name__ == "__main__":
    sys.exit(main())
