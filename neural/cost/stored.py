"""A report as plain lists and back, so that it can be kept between runs.

What a report was worked out from is left out: a restored one prints, folds and compares as the first did, and explains
nothing. The lists follow the fields of the classes, so that they are of one version of the code alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from neural.cost.devices import DEVICES
from neural.cost.report import InputReport, LayerReport, NoteReport, Report, SearchReport, Totals
from neural.diagnostics import Diagnostic, Edit, Fix, Related, Span

_LEFT_OUT = frozenset({"plan", "peak", "walk"})


def stored(report: Report) -> dict[str, Any]:
    """Return a report as what JSON can hold."""
    kept = {each.name: getattr(report, each.name) for each in fields(report) if each.name not in _LEFT_OUT}
    device = report.device.key if report.device else None
    return {name: _plain(value) for name, value in (kept | {"device": device}).items()}


def restored(kept: Mapping[str, Any]) -> Report:
    """Return the report that ``stored`` was given, without what it was worked out from."""
    values = {name: _frozen(value) for name, value in kept.items()}
    return Report(
        **values
        | {
            "inputs": tuple(InputReport(*each) for each in values["inputs"]),
            "layers": tuple(LayerReport(*each) for each in values["layers"]),
            "totals": Totals(*values["totals"]),
            "diagnostics": tuple(map(_diagnostic, values["diagnostics"])),
            "searches": tuple(SearchReport(*each) for each in values["searches"]),
            "notes": tuple(NoteReport(*each) for each in values["notes"]),
            "device": DEVICES[values["device"]] if values["device"] else None,
        }
    )


def _plain(value: Any) -> Any:
    """Return a value with records as lists of their fields."""
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if is_dataclass(value):
        return [_plain(getattr(value, each.name)) for each in fields(value)]
    return value


def _frozen(value: Any) -> Any:
    """Return a value with lists as tuples, but for those inside mappings, which stay as JSON has them."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _diagnostic(kept: tuple[Any, ...]) -> Diagnostic:
    code, severity, message, span, help_text, related, fixes = kept
    return Diagnostic(
        code,
        severity,
        message,
        Span(*span),
        help_text,
        tuple(Related(words, Span(*place)) for words, place in related),
        tuple(Fix(title, tuple(Edit(Span(*place), text) for place, text in edits)) for title, edits in fixes),
    )
