"""One source at one moment: what was read, bound and planned of it, and how that follows from the moment before.

A keystroke costs what it changed: an edit is found as what two texts do not have in common, and each stage goes on
from what it made of the earlier text. Where a stage cannot tell what the edit reaches, it works out all of it, and the
result is the same either way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from neural.binding import Bound, bind, moved, rebind
from neural.diagnostics import Diagnostic, LineIndex, Shift
from neural.limits import Limits
from neural.parser.incremental import Reread, difference, reread
from neural.parser.parser import Parsed
from neural.shape_propagation.plan import Plan
from neural.shape_propagation.replanning import Wiring, replan
from neural.shape_propagation.shape_propagator import ShapePropagator

Values = tuple[tuple[str, int | float], ...]
RevisionKey = tuple[str, str | None, Values]
"""A source, the network that is asked for (None is the first), and the values that replace those of its constants."""

#: How much of their beginning or end two texts have in common where one may be an edit of the other.
COMMON = 64

#: How many earlier texts are tried.
TRIED = 3


class Analysis(NamedTuple):
    """The plan of a source (None when there is none), what is wrong with it, and its lines."""

    plan: Plan | None
    diagnostics: tuple[Diagnostic, ...]
    lines: LineIndex

    @property
    def ok(self) -> bool:
        return self.plan is not None and not any(each.severity == "error" for each in self.diagnostics)


class Origin(NamedTuple):
    """The revision before an edit, the steps of the plan in which this one differs, and how places moved."""

    key: RevisionKey
    changed: tuple[int, ...]
    shift: Shift


@dataclass(slots=True)
class Revision:
    """What each stage made of a source. ``origin`` is None where it was planned as a whole."""

    parsed: Parsed
    bound: Bound | None
    analysis: Analysis
    origin: Origin | None = None
    _wiring: Wiring | None = field(default=None, repr=False)

    def wiring(self) -> Wiring:
        """Return how the nodes of the plan hang together, worked out once for all edits that leave it so."""
        if self._wiring is None:
            assert self.analysis.plan is not None
            self._wiring = Wiring(self.analysis.plan.network)
        return self._wiring


def revision(parsed: Parsed, key: RevisionKey, propagator: ShapePropagator, limits: Limits) -> Revision:
    """Return what a text that was read comes to."""
    program, diagnostics, lines = parsed
    if program is None:
        return Revision(parsed, None, Analysis(None, diagnostics, lines))
    bound = bind(program, lines, network=key[1], values=dict(key[2]), limits=limits)
    return _planned(parsed, bound, propagator)


def _planned(parsed: Parsed, bound: Bound, propagator: ShapePropagator) -> Revision:
    plan, found = propagator.plan(bound.network, parsed.lines) if bound.network else (None, ())
    return Revision(
        parsed, bound, Analysis(plan, _ordered(*parsed.diagnostics, *bound.diagnostics, *found), parsed.lines)
    )


def _ordered(*diagnostics: Diagnostic) -> tuple[Diagnostic, ...]:
    return tuple(sorted(diagnostics, key=lambda each: (each.span, each.code)))


def edited(
    key: RevisionKey, recent: Iterable[tuple[RevisionKey, Revision]], propagator: ShapePropagator, limits: Limits
) -> Revision | None:
    """Return the revision of a source that an edit made of a recent one, or None where none is near."""
    source = key[0]
    begins, ends = source[:COMMON], source[-COMMON:]
    near = [
        (then, before)
        for then, before in recent
        if then[1:] == key[1:] and (then[0].startswith(begins) or then[0].endswith(ends))
    ]
    for then, before in sorted(near, key=lambda each: _distance(each[0][0], source))[:TRIED]:
        again = reread(source, then[0], before.parsed, limits)
        if again is not None:
            return _again(then, before, again, key, propagator, limits)
    return None


def _distance(old: str, new: str) -> int:
    change = difference(old, new)
    return change.old_end + change.new_end - 2 * change.start


def _again(
    then: RevisionKey,
    before: Revision,
    again: Reread,
    key: RevisionKey,
    propagator: ShapePropagator,
    limits: Limits,
) -> Revision:
    """Return the revision after an edit whose statements were read, made of as much of the one before as can be."""
    parsed, lines = again.parsed, again.parsed.lines
    shift = before.parsed.lines.shift(again.change, lines)
    rebound = rebind(before.bound, again, shift, limits) if before.bound else None
    if rebound is None:
        return revision(parsed, key, propagator, limits)
    bound, network, plan = rebound.bound, rebound.bound.network, before.analysis.plan
    assert network is not None
    assert plan is not None
    replanned = replan(propagator, plan, before.wiring(), network, rebound.first, rebound.last)
    diagnostics = moved(before.analysis.diagnostics, shift)
    if replanned is None or diagnostics is None:
        return _planned(parsed, bound, propagator)
    analysis = Analysis(replanned.plan, diagnostics, lines)
    return Revision(parsed, bound, analysis, Origin(then, replanned.changed, shift), before.wiring())
