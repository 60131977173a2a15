"""Where the time of an analysis goes: the stages of the compiler one by one, and how its caches serve the next time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from neural import kept
from neural.binding import bind
from neural.cachedir import caching_enabled
from neural.caches import CacheCounts
from neural.code_generation.emitter import BACKENDS, generate
from neural.compiler import Compiler
from neural.cost.accounting import report
from neural.diagnostics import Diagnostic
from neural.errors import NeuralError
from neural.limits import DEFAULT_LIMITS
from neural.parser.driver import shared_driver
from neural.parser.parser import parse
from neural.shape_propagation.shape_propagator import ShapePropagator

T = TypeVar("T")


@dataclass(slots=True)
class Profile:
    """Seconds by stage in the order they ran, what the caches of a compiler counted, and what is wrong, if anything."""

    seconds: dict[str, float] = field(default_factory=dict)
    caches: dict[str, CacheCounts] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()

    def time(self, stage: str, work: Callable[[], T]) -> T:
        """Run a stage and keep how long it took."""
        start = time.perf_counter()
        try:
            return work()
        finally:
            self.seconds[stage] = time.perf_counter() - start


def profile(source: str) -> Profile:
    """Time each stage from empty caches, an analysis that is new to a compiler, the same again, and as a later run."""
    result = Profile()
    _stages(source, result)
    compiler = Compiler()
    compiler.clear()
    result.time("analyze, new", partial(compiler.analyze, source))
    result.time("analyze, again", partial(compiler.analyze, source))
    result.caches = compiler.counts()
    if caching_enabled():
        kept.analyze(source)
        result.time("analyze, from disk", partial(kept.find, source))
        result.caches["disk"] = kept.ANSWERS.counts()
    return result


def _stages(source: str, result: Profile) -> None:
    """Run the stages as far as the program lets them."""
    result.time("make the parser", shared_driver)
    program, result.diagnostics, lines = result.time("parse", partial(parse, source))
    if program is None:
        return
    bound = result.time("bind", partial(bind, program, lines, network=None, values={}, limits=DEFAULT_LIMITS))
    result.diagnostics += bound.diagnostics
    network = bound.network
    if network is None:
        return
    plan, found = result.time("propagate", partial(ShapePropagator().plan, network, lines))
    result.diagnostics += found
    view = partial(report, framework="tensorflow", batch=1, dtype="float32", optimizer=None)
    result.time("report", partial(view, plan, lines, ()))
    if any(each.severity == "error" for each in result.diagnostics):
        return
    for backend in BACKENDS:
        try:
            result.time(f"generate {backend}", partial(generate, plan, backend, lines))
        except NeuralError as error:
            result.diagnostics += error.diagnostics
