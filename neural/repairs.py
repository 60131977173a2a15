"""Repairs that layers and the binder propose, as text edits of the program."""

from __future__ import annotations

from neural.diagnostics import Edit, Fix, LineIndex
from neural.errors import Repair
from neural.network import Place, Range


def edits_at(repairs: tuple[Repair, ...], at: Range, lines: LineIndex) -> tuple[Fix, ...]:
    """Return fixes that put each repair's text in the place at fault."""
    return tuple(Fix(repair.title, (Edit(lines.span(*at), repair.value),)) for repair in repairs)


def edits_of(repairs: tuple[Repair, ...], place: Place, lines: LineIndex) -> tuple[Fix, ...]:
    """Return fixes that change a layer's statement: an argument set, a statement put before it, or it removed."""
    return tuple(Fix(repair.title, (_edit(repair, place, lines),)) for repair in repairs)


def _edit(repair: Repair, place: Place, lines: LineIndex) -> Edit:
    start, end = place.statement
    if repair.action == "remove":
        return Edit(lines.span(start, end), "")
    if repair.action == "insert":
        indent = " " * (lines.position(start)[1] - 1)
        return Edit(lines.span(start, start), f"{repair.value}\n{indent}")
    given = place.arguments.get(repair.argument or "")
    if given is not None:
        return Edit(lines.span(*given), repair.value)
    text = f"{repair.argument}={repair.value}"
    if place.call_end is None:
        at = place.type[1]
        return Edit(lines.span(at, at), f"({text})")
    at = place.call_end
    return Edit(lines.span(at, at), f", {text}" if place.arguments else text)
