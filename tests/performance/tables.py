"""The figures as tables, for a terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tests.performance.figures import Figure, Figures
from tests.performance.growing import SIZES
from tests.performance.growth import lines
from tests.performance.stages import STAGES

Rows = list[list[str]]

#: What peers do, and what is taken beside it.
_THEIRS: Final = {
    "import": (),
    "build and FlopCounterMode": ("new source", "edit"),
    "build and summary": ("new source", "edit"),
    "parse": ("parse here",),
}
_SECONDS: Final = ((1.0, 1, "s"), (1e-3, 1e3, "ms"), (0.0, 1e6, "µs"))


def amount(value: float, unit: str) -> str:
    """Return a quantity with three digits that count, in the unit that a person reads."""
    if unit == "s":
        factor, unit = next((factor, name) for least, factor, name in _SECONDS if abs(value) >= least)
        value *= factor
    elif unit == "B":
        value, unit = value / 1e3, "KB"
    digits = f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
    return f"{digits}x" if unit == "x" else f"{digits} {unit}".rstrip()


def text(rows: Rows) -> str:
    """Return rows, the first of which is the heading, in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def markdown(rows: Rows) -> str:
    """Return rows, the first of which is the heading, as a table in Markdown."""
    heading, *rest = rows
    ruler = ["---", *("--:" for _ in heading[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (heading, ruler, *rest))


def stage_rows(figures: Figures) -> Rows:
    """Return the stages that have a target, cold and warm."""
    rows = [["stage", "cold", "warm", "cold / warm", "target"]]
    for name, stage in STAGES.items():
        cold, warm = figures.get(f"stages/{name}/cold"), figures.get(f"stages/{name}/warm")
        if cold and warm:
            ratio = amount(cold.median / warm.median, "x") if cold.unit == "s" else ""
            target = f"< {amount(stage.target, stage.unit)}" if stage.target else ""
            rows.append([name, _shown(cold), _shown(warm), ratio, target])
    return rows


def growth_rows(figures: Figures) -> Rows:
    """Return a line for each stage and program: times, how many times more for ten times the layers, the exponent."""
    rows = [["stage", "program", *(f"{size:,}" for size in SIZES), "for ten times more", "exponent"]]
    for line in lines(figures):
        times = dict(line.times)
        shown = [amount(times[size], "s") if size in times else "" for size in SIZES]
        steps = ", ".join(f"{step:.1f}x" for step in line.steps())
        rows.append([line.stage, line.program, *shown, steps, f"{line.exponent():.2f}"])
    return rows


def peer_rows(figures: Figures) -> Rows:
    """Return what each peer takes for each program, and how many times that is of what it takes here."""
    rows = [["program", "peer", "theirs", "new source here", "ratio", "edit of a line here", "ratio"]]
    for name, theirs in figures.items():
        group, *path = name.split("/")
        if group == "peers" and path[-1] in _THEIRS:
            program = path[1] if len(path) > 2 else ""
            here = "/".join(("peers", *path[:-1]))
            ours = [figures[f"{here}/{what}"] for what in _THEIRS[path[-1]]]
            beside = [cell for one in ours for cell in (_shown(one), amount(theirs.median / one.median, "x"))]
            rows.append([program, f"{path[0]}: {path[-1]}", _shown(theirs), *beside, *[""] * (4 - len(beside))])
    return rows


def other_rows(figures: Figures, groups: Sequence[str]) -> Rows:
    """Return the figures of some groups, each with its least."""
    chosen = [(name, figure) for name, figure in figures.items() if name.split("/")[0] in groups]
    return [["", "median", "least"], *([name, _shown(one), amount(one.minimum, one.unit)] for name, one in chosen)]


def compared_rows(before: Mapping[str, Figure], after: Mapping[str, Figure], names: tuple[str, str]) -> Rows:
    """Return the figures that both have, and how many times the first the second is."""
    rows = [["", *names, "ratio"]]
    for name in sorted(before.keys() & after.keys()):
        one, other = before[name], after[name]
        ratio = f"{other.median / one.median:.2f}x" if one.median else ""
        rows.append([name, _shown(one), _shown(other), ratio])
    return rows


def _shown(figure: Figure) -> str:
    return amount(figure.median, figure.unit)
