"""What the journeys measured, as one table."""

from __future__ import annotations

from collections import defaultdict
from statistics import median


class Timings:
    """Milliseconds by what was done."""

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = defaultdict(list)
        self._echoes: dict[str, list[float]] = defaultdict(list)

    def add(self, name: str, milliseconds: float) -> None:
        self._values[name].append(milliseconds)

    def compare(self, name: str, milliseconds: float, echo: float) -> float:
        """Take what something took beside an echo of it, and return how many times that it is."""
        self.add(name, milliseconds)
        self._echoes[name].append(echo)
        return milliseconds / echo

    def data(self) -> dict[str, dict[str, float]]:
        """Return the medians by name; where there was an echo, those of the try that came nearest to it."""
        found = {name: {"median_ms": median(values)} for name, values in self._values.items()}
        for name, echoes in self._echoes.items():
            own, echo = min(zip(self._values[name], echoes, strict=True), key=lambda pair: pair[0] / pair[1])
            found[name] = {"median_ms": own, "echo_ms": echo, "ratio": own / echo}
        return found

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
        lines += [f"{name}: {each['ratio']:.2f} times an echo" for name, each in self.data().items() if "ratio" in each]
        return lines
