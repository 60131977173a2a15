"""Figures by name: how they are taken, joined, kept as JSON and compared.

A name is a path such as ``growth/parse/chain/1000``: what was measured, the stage, the program and its layers.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final, TypeVar

R = TypeVar("R")
SCHEMA: Final = 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity that was taken ``runs`` times: the middle, and the least."""

    median: float
    minimum: float
    runs: int = 1
    unit: str = "s"

    @classmethod
    def of(cls, values: Iterable[float], unit: str = "s") -> Figure:
        """Return the figure of values that were taken one after the other."""
        taken = list(values)
        return cls(median(taken), min(taken), len(taken), unit)


Figures = dict[str, Figure]


class SkippedError(Exception):
    """Something cannot be measured here, and the message says why; ``figures`` are what could be."""

    def __init__(self, reason: str, figures: Figures | None = None) -> None:
        super().__init__(reason)
        self.figures = figures or {}


class Taken:
    """Values by name while they are taken: ``taken.time(name, work)`` runs the work and returns what it returned."""

    def __init__(self, clock: Callable[[], float] = time.process_time) -> None:
        self._clock = clock
        self._values: dict[tuple[str, str], list[float]] = {}

    def time(self, name: str, work: Callable[[], R]) -> R:
        """Time ``work`` as one run of ``name``."""
        start = self._clock()
        result = work()
        self.add(name, self._clock() - start)
        return result

    def add(self, name: str, value: float, unit: str = "s") -> None:
        """Take a value as one run of ``name``."""
        self._values.setdefault((name, unit), []).append(value)

    def clear(self) -> None:
        """Forget what was taken, as what warmed up."""
        self._values.clear()

    def figures(self) -> Figures:
        """Return what was taken."""
        return {name: Figure.of(values, unit) for (name, unit), values in self._values.items()}


Trial = Callable[[Taken], object]
"""One round of something: it prepares what it needs, and gives what is to be timed to ``Taken.time``."""


def in_turns(
    trials: Iterable[Trial],
    *,
    seconds: float,
    least: int = 3,
    most: int = 40,
    clock: Callable[[], float] = time.process_time,
) -> Figures:
    """Run trials in turns, so that a slower moment falls on them all, for about ``seconds`` after a round to warm up.

    With ``time.process_time``, what else the machine does counts for nothing.
    """
    taken, each = Taken(clock), list(trials)
    for trial in each:
        trial(taken)
    taken.clear()
    gc.collect()
    end = time.monotonic() + seconds
    for done in range(most):
        if done >= least and time.monotonic() > end:
            break
        for trial in each:
            trial(taken)
    return taken.figures()


@dataclass(slots=True)
class Results:
    """All figures of a run, what was skipped and why, and what is to be known of the machine."""

    machine: dict[str, Any] = field(default_factory=dict)
    figures: Figures = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the results as JSON, a line a figure."""
        lines = ",\n".join(
            f"    {json.dumps(name)}: {json.dumps(_rounded(figure))}" for name, figure in self.figures.items()
        )
        head = json.dumps({"schema": SCHEMA, **self.machine, "skipped": self.skipped}, indent=2)[:-2]
        return f'{head},\n  "figures": {{\n{lines}\n  }}\n}}\n'

    @classmethod
    def from_json(cls, text: str) -> Results:
        """Return the results that ``to_json`` wrote; raise ``ValueError`` for another schema."""
        data = json.loads(text)
        if data.pop("schema", None) != SCHEMA:
            raise ValueError(f"these figures are not of schema {SCHEMA}: take them anew")
        figures = {name: Figure(**values) for name, values in data.pop("figures").items()}
        return cls(skipped=data.pop("skipped"), figures=figures, machine=data)

    @classmethod
    def read(cls, file: Path) -> Results:
        """Return the results in a file."""
        return cls.from_json(file.read_text(encoding="utf-8"))


def joined(takings: Iterable[Mapping[str, Figure]]) -> Figures:
    """Return the figures of several processes as one: the middle of the medians, the least, and all runs."""
    grouped: dict[str, list[Figure]] = {}
    for figures in takings:
        for name, figure in figures.items():
            grouped.setdefault(name, []).append(figure)
    return {
        name: Figure(
            median(each.median for each in group),
            min(each.minimum for each in group),
            sum(each.runs for each in group),
            group[0].unit,
        )
        for name, group in grouped.items()
    }


def _rounded(figure: Figure) -> dict[str, Any]:
    """Return a figure as data, with five significant digits: the rest is noise."""
    values = asdict(figure)
    return {**values, **{key: float(f"{values[key]:.5g}") for key in ("median", "minimum")}}
