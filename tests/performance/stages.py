"""The stages that are measured. Each prepares what it needs and returns the work that is timed.

``python -m tests.performance.stages NAME`` measures one in a process of its own, where nothing is warm yet.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from tests.performance import programs  # noqa: E402
from tests.performance.profiling_utils import (  # noqa: E402
    MemoryTracker,
    benchmark_function,
    compare_implementations,
    time_block,
)

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Stage:
    """Something whose first run (cold) and later runs (warm) are measured, and the most the first may take.

    In the unit "x" it is a ratio of two times in one process, and the target the least that it may be.
    """

    prepare: Callable[[], Work]
    target: float | None = None
    repeats: int = 20
    unit: str = "s"


def cli_import() -> Work:
    def work() -> None:
        import neural.cli.main  # noqa: F401

    return work


def cli_help() -> Work:
    return lambda: subprocess.run([sys.executable, "-m", "neural", "--help"], cwd=ROOT, capture_output=True, check=True)


def parser_creation() -> Work:
    from neural.parser.parser import create_parser

    return create_parser


def parse(source: str) -> Callable[[], Work]:
    def prepare() -> Work:
        from neural.parser.parser import create_parser, parse

        create_parser()
        return lambda: parse(source)

    return prepare


def propagate(count: int) -> Callable[[], Work]:
    """Propagate ``count`` layers in the dictionary form, one after the other."""

    def prepare() -> Work:
        from neural.shape_propagation.shape_propagator import ShapePropagator

        propagator = ShapePropagator()

        def work() -> None:
            shape: Any = (None, 32, 32, 16)
            for index in range(count):
                shape = propagator.propagate(shape, programs.CHAIN[index % len(programs.CHAIN)], "tensorflow")

        return work

    return prepare


def analyze(source: str) -> Callable[[], Work]:
    def prepare() -> Work:
        from neural.compiler import Compiler

        compiler = Compiler()
        return lambda: compiler.analyze(source)

    return prepare


def generate(backend: str) -> Callable[[], Work]:
    def prepare() -> Work:
        from neural.compiler import Compiler

        compiler = Compiler()
        return lambda: compiler.generate(programs.COMPLEX, backend=backend)

    return prepare


def visualize() -> Work:
    from neural.compiler import Compiler
    from neural.visualization.charts import cost_figure
    from neural.visualization.diagram import diagram_svg

    report = Compiler().analyze(programs.COMPLEX)
    return lambda: (cost_figure(report), diagram_svg(report))


def summary() -> Work:
    """Run a whole process from text to table."""
    command = [sys.executable, "-m", "neural", "summary", "-"]
    return lambda: subprocess.run(command, cwd=ROOT, input=programs.SIMPLE.encode(), capture_output=True, check=True)


def memory() -> Work:
    """Analyse five hundred programs no two of which are alike, so that every cache fills."""
    from neural.compiler import Compiler

    compiler = Compiler()

    def work() -> None:
        for number in range(500):
            compiler.analyze(programs.SIMPLE.replace("128", str(number + 1)))

    return work


def against_torch(source: str, shape: tuple[int, ...]) -> Callable[[], Work]:
    """Compare a source that is new to a warm process with what PyTorch takes for it on the meta device."""

    def prepare() -> Work:
        from neural.compiler import Compiler
        from tests.performance.torch_costs import builder, torch_costs

        compiler, build = Compiler(), builder(source)

        def ours() -> None:
            compiler.clear()
            compiler.analyze(source, framework="pytorch")

        both = {"ours": ours, "theirs": lambda: torch_costs(build, shape)}
        return lambda: compare_implementations(both, iterations=7, clock=time.process_time).growth("ours", "theirs")

    return prepare


STAGES: Final[Mapping[str, Stage]] = {
    "CLI import": Stage(cli_import, 2.0),
    "CLI --help": Stage(cli_help, 5.0, repeats=3),
    "CLI summary": Stage(summary, repeats=3),
    "parser creation": Stage(parser_creation, 1.0),
    "parse, simple": Stage(parse(programs.SIMPLE), 0.1),
    "parse, complex": Stage(parse(programs.COMPLEX), 0.2),
    "propagate 10 layers": Stage(propagate(10), 1.0),
    "propagate 100 layers": Stage(propagate(100)),
    "propagate 1000 layers": Stage(propagate(1000), repeats=5),
    "parse + propagate": Stage(analyze(programs.COMPLEX), 2.0),
    "analyze 1000 layers": Stage(analyze(programs.chain(1000)), repeats=5),
    "code generation, pytorch": Stage(generate("pytorch"), 3.0),
    "code generation, tensorflow": Stage(generate("tensorflow"), 3.0),
    "visualization": Stage(visualize, 3.0),
    "memory growth": Stage(memory, 100.0, repeats=1, unit="MB"),
    "new source, ResNet50, PyTorch / ours": Stage(against_torch(programs.RESNET50, (3, 224, 224)), 5.0, unit="x"),
    "new source, encoder, PyTorch / ours": Stage(against_torch(programs.ENCODER, (128, 1024)), 5.0, unit="x"),
}


def measure(stage: Stage) -> dict[str, float]:
    """Return the first run, and the median of the later ones, in the stage's unit."""
    work = stage.prepare()
    if stage.unit == "x":
        ratio: Any = work()
        return {"cold": ratio, "warm": ratio}
    if stage.unit == "MB":
        grown = []
        for _ in range(2):
            with MemoryTracker() as tracker:
                work()
            grown.append(tracker.resident_growth / 1e6)
        return {"cold": grown[0], "warm": grown[1]}
    with time_block() as first:
        work()
    return {"cold": first.seconds, "warm": benchmark_function(work, iterations=stage.repeats, warmup=1).median}


if __name__ == "__main__":
    print(json.dumps(measure(STAGES[sys.argv[1]])))
