"""What the journeys measured, as one table."""

from __future__ import annotations

from collections import defaultdict
from statistics import median


class Timings:
    """Milliseconds by what was done."""

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = defaultdict(list)

    def add(self, name: str, milliseconds: float) -> None:
        self._values[name].append(milliseconds)

    def table(self) -> list[str]:
        """Return the lines of the table: how often, the middle, the worst."""
        if not self._values:
            return []
        width = max(map(len, self._values))
        lines = [f"{'':{width}}  times   median    worst"]
        lines += [
            f"{name:{width}}  {len(values):5}  {median(values):4.0f} ms  {max(values):4.0f} ms"
            for name, values in self._values.items()
        ]
        return lines
