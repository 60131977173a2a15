"""From a Plan to source code: the backends, and how one says that it cannot express a layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NoReturn, Protocol, cast, final

from neural.code_generation.writer import Generated
from neural.diagnostics import Diagnostic, LineIndex
from neural.errors import NeuralError
from neural.layers.base import Layer
from neural.layers.results import Result
from neural.shape_propagation.plan import Plan, Step

#: The backends by name, each the module that holds its table; imported when first used.
BACKENDS: Mapping[str, str] = {
    "pytorch": "neural.code_generation.pytorch",
    "tensorflow": "neural.code_generation.keras",
}


class UnsupportedError(Exception):
    """Raised by a row that cannot express a layer: ``why``, and in ``help`` what to use instead.

    ``argument`` names the argument at fault, or is None when the layer itself is.
    """

    def __init__(self, why: str, help: str = "", argument: str | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.help = help
        self.argument = argument


def unsupported(why: str, help: str = "") -> Callable[..., NoReturn]:
    """Return the row of a layer that a backend cannot express: why, and what to use instead."""

    def row(*_: Any) -> NoReturn:
        raise UnsupportedError(why, help)

    return row


@final
class Refusals:
    """What a backend could not express, gathered so that one run reports every layer."""

    def __init__(self, lines: LineIndex) -> None:
        self._lines = lines
        self.found: list[Diagnostic] = []

    @contextmanager
    def of(self, step: Step) -> Iterator[None]:
        """Turn an ``UnsupportedError`` raised within into a diagnostic at the place of ``step``."""
        try:
            yield
        except UnsupportedError as refusal:
            place = step.node.place
            start, end = place.arguments.get(refusal.argument or "", place.type)
            span = self._lines.span(start, end)
            self.found.append(Diagnostic("N601", "error", refusal.why, span, refusal.help))


class Backend(Protocol):
    """A module that turns a plan into the source of one file."""

    ROWS: Mapping[type[Layer], Any]

    def emit(self, plan: Plan, refusals: Refusals, *, script: bool = True) -> Generated:
        """Return the file; enter ``refusals.of(step)`` around each step's row and go on after a refusal.

        With ``script`` it can be run: it trains where the program says how, and else shows what the model is.
        """


def backend_named(name: str) -> Backend:
    """Return a backend by its name."""
    if name not in BACKENDS:
        raise ValueError(f"unknown backend {name!r}: use one of {', '.join(BACKENDS)}")
    return cast(Backend, import_module(BACKENDS[name]))


def generate(plan: Plan, backend: str, lines: LineIndex) -> str:
    """Return the source code of a plan, as ``generated`` does."""
    return generated(plan, backend, lines).source


def generated(plan: Plan, backend: str, lines: LineIndex, *, script: bool = True) -> Generated:
    """Return the code of a plan without errors; raise ``NeuralError`` with what a backend cannot express.

    Without ``script`` it holds the model alone, which imports nothing but its framework and has no side effects.
    """
    broken = [step.key for step in plan.all() if step.facts is None]
    if broken:
        raise ValueError(f"code is generated from plans without errors; unknown here: {', '.join(broken)}")
    refusals = Refusals(lines)
    made = backend_named(backend).emit(plan, refusals, script=script)
    if refusals.found:
        raise NeuralError(tuple(refusals.found))
    return made


def shape_comment(shape: tuple[int | None, ...], batch: str = "batch") -> str:
    """Return the comment that gives a tensor's shape, the batch first."""
    sizes = [batch, *("?" if size is None else str(size) for size in shape)]
    return "(" + ", ".join(sizes) + ("," if len(sizes) == 1 else "") + ")"


def without_results(steps: Iterable[Step]) -> tuple[list[Step], dict[str, dict[int, Step]]]:
    """Return the steps that are statements, and by the key of each of those its further results by their number."""
    statements: list[Step] = []
    results: dict[str, dict[int, Step]] = {}
    for step in steps:
        if isinstance(step.layer, Result):
            results.setdefault(step.node.inputs[0], {})[step.layer.index] = step
        else:
            statements.append(step)
    return statements, results


#: The widest that the names of several results may be for one statement to assign them all.
WIDEST = 56


def targets(names: Sequence[str]) -> str:
    """Return what a statement with several results assigns; "" is a result that nothing reads."""
    read = max(index for index, name in enumerate(names) if name) + 1
    rest = ["*_"] if read < len(names) else []
    return ", ".join([*(name or "_" for name in names[:read]), *rest])
