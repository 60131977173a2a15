"""The stages that have a target. Each prepares what it needs and returns the work that is timed, cold and warm."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.performance import programs
from tests.performance.figures import Figure, Figures, Taken
from tests.performance.profiling_utils import MemoryTracker

ROOT: Final = Path(__file__).parents[2]

Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Stage:
    """Something whose first run (cold) and later runs (warm) are measured, and the most the first may take."""

    prepare: Callable[[], Work]
    target: float | None = None
    repeats: int = 20
    unit: str = "s"
    clock: Callable[[], float] = time.process_time


def cli_import() -> Work:
    def work() -> None:
        import neural.cli.main  # noqa: F401

    return work


def cli_help() -> Work:
    return lambda: subprocess.run([sys.executable, "-m", "neural", "--help"], cwd=ROOT, capture_output=True, check=True)


def parser_creation() -> Work:
    """Make the parser as Lark has it, and the driver that reads what is right."""

    def work() -> None:
        from neural.parser.driver import shared_driver
        from neural.parser.parser import create_parser

        create_parser()
        shared_driver()

    return work


def parse(source: str) -> Callable[[], Work]:
    def prepare() -> Work:
        from neural.parser.parser import parse

        parse("let ready = 1")
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


def costs() -> Work:
    """Work out the costs of a thousand layers no two of which are alike."""
    from neural.layers.core import Dense
    from neural.shape_propagation.shape_propagator import ShapePropagator

    propagator = ShapePropagator()
    layers = [Dense(units=units) for units in range(1, 1001)]
    return lambda: [propagator.costs(layer, ((64,),)) for layer in layers]


STAGES: Final[Mapping[str, Stage]] = {
    "CLI import": Stage(cli_import, 2.0),
    "CLI --help": Stage(cli_help, 5.0, repeats=3, clock=time.perf_counter),
    "CLI summary": Stage(summary, repeats=3, clock=time.perf_counter),
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
    "1000 cost computations": Stage(costs, 0.5),
}


def measure(name: str) -> Figures:
    """Return the first run of a stage, and the middle of the later ones."""
    stage = STAGES[name]
    work = stage.prepare()
    cold, warm = f"stages/{name}/cold", f"stages/{name}/warm"
    if stage.unit == "MB":
        return {cold: _growth(work), warm: _growth(work)}
    taken = Taken(stage.clock)
    taken.time(cold, work)
    work()
    for _ in range(stage.repeats):
        taken.time(warm, work)
    return taken.figures()


def _growth(work: Work) -> Figure:
    with MemoryTracker() as tracker:
        work()
    return Figure.of([tracker.resident_growth / 1e6], "MB")
