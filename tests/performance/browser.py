"""What the journeys in a browser measured, where they have run: ``pytest e2e`` leaves it in a file.

The file names what was done: ``{"question to paint, 100 layers": {"median_ms": …, "echo_ms": …, "ratio": …}}``;
the median, of the echo where one was measured beside it, and how many times that it is.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from tests.performance.figures import Figure, Figures

FILE: Final = Path("build") / "e2e-timings.json"


def figures(file: Path) -> Figures:
    """Return the figures of the journeys; nothing where they have not run."""
    if not file.exists():
        return {}
    told = json.loads(file.read_text(encoding="utf-8"))
    return {
        f"browser/{name}/{what.removesuffix('_ms').replace('_', ' ')}": _figure(what, value)
        for name, values in told.items()
        for what, value in values.items()
    }


def _figure(what: str, value: float) -> Figure:
    return Figure.of([value / 1000]) if what.endswith("_ms") else Figure.of([value], "x" if what == "ratio" else "")
