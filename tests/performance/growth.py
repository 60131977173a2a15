"""How a cost grows with the layers: from one size to the next, and the exponent of the power that fits it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from tests.performance.figures import Figure


@dataclass(frozen=True, slots=True)
class Line:
    """The times of a stage by layers, in ascending order."""

    stage: str
    program: str
    times: tuple[tuple[int, float], ...]

    def steps(self) -> tuple[float, ...]:
        """Return how many times longer each size takes than the one before it."""
        return tuple(later / earlier for (_, earlier), (_, later) in pairwise(self.times))

    def exponent(self) -> float:
        """Return the slope of the line that fits the logarithms best: 0 for a constant, 1 for what is proportional."""
        across = [math.log(layers) for layers, _ in self.times]
        up = [math.log(seconds) for _, seconds in self.times]
        middle, height = sum(across) / len(across), sum(up) / len(up)
        spread = sum((x - middle) ** 2 for x in across)
        return sum((x - middle) * (y - height) for x, y in zip(across, up, strict=True)) / spread


def lines(figures: Mapping[str, Figure]) -> list[Line]:
    """Return a line for each stage and program that was measured at two sizes or more."""
    found: dict[tuple[str, str], list[tuple[int, float]]] = {}
    for name, figure in figures.items():
        group, *path = name.split("/")
        if group == "growth" and figure.unit == "s":
            stage, program, layers = path
            found.setdefault((stage, program), []).append((int(layers), figure.median))
    return [Line(*key, tuple(sorted(times))) for key, times in found.items() if len(times) > 1]
