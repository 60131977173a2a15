"""One source at one moment: what was read, bound and planned of it, and how that follows from the moment before.

A keystroke costs what it changed: an edit is found as what two texts do not have in common, and each stage goes on
from what it made of the earlier text. Where a stage cannot tell what the edit reaches, it works out all of it, and the
result is the same either way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field, replace
from operator import itemgetter
from typing import NamedTuple

from neural.binding import Bound, Rebinding, bind, moved, rebinding
from neural.diagnostics import Diagnostic, LineIndex, Shift
from neural.limits import Limits
from neural.parser.incremental import Reread, difference, reread
from neural.parser.parser import Parsed
from neural.records import dataclass
from neural.shape_propagation.plan import Plan
from neural.shape_propagation.replanning import Replanning, Wiring
from neural.shape_propagation.shape_propagator import ShapePropagator

Values = tuple[tuple[str, int | float], ...]
RevisionKey = tuple[str, str | None, Values]
"""A source, the network that is asked for (None is the first), and the values that replace those of its constants."""

#: How much of their beginning or end two texts have in common where one may be an edit of the other.
COMMON = 64

#: How many characters two texts may differ in for the one to be taken for an edit of the other at once.
VERY_NEAR = 100

#: How many others are compared, and how many are tried; these may differ in so many characters, or in a quarter.
COMPARED, TRIED = 16, 3
FAR = 1_000


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

    def weight(self) -> int:
        """Return about how many bytes it takes; after an edit most of them are those of the revision before."""
        layers = len(self.analysis.plan.steps) if self.analysis.plan else 0
        whole = 8_192 + 2_800 * layers + 48 * self.parsed.lines.end
        return whole // 3 if self.origin else whole

    def wiring(self) -> Wiring:
        """Return how the nodes of the plan hang together, worked out once for all edits that leave it so."""
        if self._wiring is None:
            assert self.analysis.plan is not None
            self._wiring = Wiring(self.analysis.plan)
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
    for then, before in _near(key, recent):
        again = reread(key[0], then[0], before.parsed, limits)
        if again is not None:
            return _again(then, before, again, key, propagator, limits)
    return None


def _near(key: RevisionKey, recent: Iterable[tuple[RevisionKey, Revision]]) -> Iterator[tuple[RevisionKey, Revision]]:
    """Yield what an edit may have been made of: the latest that is very near, else the nearest of a few.

    Others may type texts that begin or end like this one.
    """
    source = key[0]
    begins, ends = source[:COMMON], source[-COMMON:]
    found, tried = [], 0
    for then, before in recent:
        if (
            then[1:] != key[1:]
            or before.parsed.diagnostics
            or not (then[0].startswith(begins) or then[0].endswith(ends))
        ):
            continue
        distance = _distance(then[0], source)
        if distance <= VERY_NEAR:
            yield then, before
            tried += 1
            if tried == TRIED:
                return
        elif distance <= max(FAR, len(source) // 4):
            found.append((distance, then, before))
        if len(found) == COMPARED:
            break
    for _, then, before in sorted(found, key=itemgetter(0))[:TRIED]:
        yield then, before


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
    parsed, shift = again.parsed, before.parsed.lines.shift(again.change, again.parsed.lines)
    bound, plan = before.bound, before.analysis.plan
    left = rebinding(bound, again, limits) if bound else None
    diagnostics = moved(bound.diagnostics, shift) if bound else None
    if left is None or bound is None or plan is None or diagnostics is None:
        return revision(parsed, key, propagator, limits)
    made = Replanning(propagator, plan, before.wiring())
    done = _follow(left, made)
    if done is None:
        return revision(parsed, key, propagator, limits)
    network = replace(plan.network, nodes=tuple(made.nodes))
    bound = Bound(network, diagnostics, left.trace)
    found = moved(before.analysis.diagnostics, shift)
    if not done or found is None:
        return _planned(parsed, bound, propagator)
    analysis = Analysis(made.plan(network), _ordered(*parsed.diagnostics, *found), parsed.lines)
    return Revision(parsed, bound, analysis, Origin(then, tuple(sorted(made.changed)), shift), before.wiring())


def _follow(left: Rebinding, made: Replanning) -> bool | None:
    """Bind and plan what an edit reaches: its statements, what reads them, and those that asked for a changed shape.

    Returns False where the nodes are right and all of them are to be planned again, None where they may be wrong.
    """
    runs, bound = {run.first: run for run in left.runs}, set[int]()
    while runs:
        run = runs.pop(min(runs))
        nodes = left.nodes(run, made.results)
        if nodes is None or not {node.key for node in nodes}.isdisjoint(left.trace.finds):
            return None
        bound.update(range(run.first, run.last))
        if not made.replace(left.trace.marks[run.first].nodes, nodes):
            return None if runs or left.trace.looks else False
        for number in left.trace.looking_at(made.reshaped) if left.trace.looks else ():
            if number not in bound and number not in runs:
                alone = left.run(number)
                if alone is None:
                    return None
                runs[number] = alone
    return True
