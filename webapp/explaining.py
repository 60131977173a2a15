"""From a number that a person opens to what the page says of it."""

from __future__ import annotations

from typing import Final

from neural.cost.explanation import Explanation, Part
from neural.cost.report import Report
from webapp.parts import ExplanationContext, NumberView, PartView

#: What a number of the page is called, and the numbers of the report that it consists of.
NUMBERS: Final = {
    "parameters": ("Parameters", ("parameters",)),
    "flops": ("FLOPs", ("flops",)),
    "memory": ("Forward memory", ("weight_bytes", "activation_bytes")),
    "training_bytes": ("Training memory", ("training_bytes",)),
    "time": ("Time at least", ("time",)),
}
_PARTS: Final = {"weight_bytes": "Weights", "activation_bytes": "Results"}


def explanation(report: Report, number: str) -> ExplanationContext | None:
    """Return the explanation of a number by its name and the key of its layer, ``flops:conv2d``; None for no such one.

    Without a key it is a sum.
    """
    what, _, key = number.partition(":")
    title, names = NUMBERS.get(what, ("", ()))
    try:
        found = [report.explain(key or None, name) for name in names]
    except (KeyError, ValueError):
        return None
    if not found:
        return None
    return ExplanationContext(
        title=f"{title} of {key}" if key else f"{title}, in all",
        numbers=tuple(map(_view, found)),
        convention=report.convention,
    )


def _view(each: Explanation) -> NumberView:
    return NumberView(
        title=_PARTS.get(each.what, ""),
        formula=each.formula,
        values=each.values if each.values != each.formula else "",
        result=f"{_number(each.result)} {each.unit}" if each.result is not None else "unknown",
        parts=tuple(map(_part, each.parts)),
        note=each.note,
        source=each.source,
    )


def _part(part: Part) -> PartView:
    return PartView(part.name, part.formula, _number(part.result))


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:.4g}"
