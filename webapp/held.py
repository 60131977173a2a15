"""What a page holds after an answer, kept for a while, so that the answer to its next edit is what differs alone.

A page names what it holds by a token of its source and settings. Nothing rests on this process knowing it: a page whose
token is not known here is sent everything.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from operator import eq
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from neural.caches import MEGABYTE, Cache
from neural.cost.report import LayerReport, Report
from webapp import presentation, searching, table
from webapp.analysis import LARGEST_DRAWN
from webapp.contexts import render
from webapp.parts import DiagnosticsContext, NotesContext, Share, TableContext
from webapp.settings import Settings
from webapp.table import At, LayerAt

MOST_ROWS: Final = 32
"""Rows that are sent one by one; where more differ, the table is sent."""

ROWS_OF_A_BODY: Final = 50
"""Rows that a large table lays out together."""

_SHARE: Final = Share(secrets.token_hex(16), secrets.token_hex(16))
"""Stands in a row that is drawn where its share will."""


class Row(NamedTuple):
    """A row as it is drawn, around its share: an edit of any layer may change the shares of all."""

    before: str
    between: str
    after: str

    def of(self, share: Share) -> Markup:
        """Return the row with its share."""
        return Markup(f"{self.before}{share.length}{self.between}{escape(share.percent)}{self.after}")


@dataclass(frozen=True, slots=True)
class Held:
    """The parts of a page that an edit may leave as they are."""

    token: str
    ok: bool
    frame: TableContext
    outline: tuple[At, ...]
    rows: tuple[Row, ...]
    shares: Sequence[Share]
    ghosts: Mapping[int, str]
    diagnostics: DiagnosticsContext
    notes: NotesContext

    @property
    def table(self) -> TableContext:
        """The table with its rows."""
        rows = [row.of(share) for row, share in zip(self.rows, self.shares, strict=True)]
        size = ROWS_OF_A_BODY if self.frame.is_large else len(rows)
        bodies = (Markup("\n").join(rows[start : start + size]) for start in range(0, len(rows), size or 1))
        return replace(self.frame, bodies=tuple(bodies))

    def layers(self) -> list[LayerReport]:
        """Return the layers that are drawn."""
        return [at.layer for at in self.outline if isinstance(at, LayerAt)]


class Changes(NamedTuple):
    """What differs between two pages: numbers of rows, None where the table does; their shares; words after lines."""

    rows: tuple[int, ...] | None
    shares: tuple[tuple[int, str, str], ...]
    ghosts: dict[int, str | None]


def _weigh(_: str, found: Held) -> int:
    """Return about how many bytes a page takes: the text of its rows, what they are made of, the words after lines."""
    return sum(len(row.before) for row in found.rows) + 1_000 * len(found.rows) + 150 * len(found.ghosts)


_held: Cache[str, Held] = Cache("rendered rows", 16 * MEGABYTE, _weigh)


def token_of(source: str, settings: Settings) -> str:
    """Return the name of what a page holds that shows this source with these settings."""
    digest = blake2b(repr(settings).encode() + b"\0" + source.encode(), digest_size=15)
    return urlsafe_b64encode(digest.digest()).decode()


def known(token: str) -> Held | None:
    """Return what a page holds, where this process has made it lately."""
    return _held.find(token)


def hold(token: str, report: Report, base: Held | None) -> Held:
    """Return what a page of this report holds; what it has in common with ``base`` is not made again."""
    return _held.get(token, lambda: _make(token, report, base))


def _make(token: str, report: Report, base: Held | None) -> Held:
    outline = table.outline(report, LARGEST_DRAWN)
    frame = table.frame(report, outline, LARGEST_DRAWN)
    return Held(
        token=token,
        ok=report.ok,
        frame=frame,
        outline=outline,
        rows=_rows(outline, frame.has_times, base),
        shares=table.shares(report, outline),
        ghosts=presentation.ghosts(report),
        diagnostics=presentation.diagnostics(report),
        notes=searching.notes(report),
    )


def _rows(outline: Sequence[At], has_times: bool, base: Held | None) -> tuple[Row, ...]:
    made: list[Row | None] = [None] * len(outline)
    if base is not None and base.frame.has_times == has_times:
        made = [row if same else None for row, same in zip(base.rows, map(eq, base.outline, outline), strict=False)]
        made += [None] * (len(outline) - len(made))
    return tuple(row or _draw(at, has_times) for row, at in zip(made, outline, strict=True))


def _draw(at: At, has_times: bool) -> Row:
    before, rest = render(table.row(at, _SHARE, has_times)).split(_SHARE.length)
    return Row(str(before), *map(str, rest.split(_SHARE.percent)))


def changes(base: Held | None, now: Held) -> Changes:
    """Return what an answer must bring to a page that holds ``base``."""
    if base is None:
        return Changes(None, (), dict(now.ghosts))
    ghosts: dict[int, str | None] = dict(now.ghosts.items() - base.ghosts.items())
    ghosts |= dict.fromkeys(base.ghosts.keys() - now.ghosts.keys())
    rows = _changed_rows(base, now)
    if rows is None:
        return Changes(None, (), ghosts)
    brought = set(rows)
    shares = tuple(
        (index, *share)
        for index, (old, share) in enumerate(zip(base.shares, now.shares, strict=True))
        if old is not share and old != share and index not in brought
    )
    return Changes(rows, shares, ghosts)


def _changed_rows(base: Held, now: Held) -> tuple[int, ...] | None:
    if base.frame != now.frame or len(base.outline) != len(now.outline):
        return None
    same = map(eq, base.rows, now.rows)
    changed = tuple(index for index, equal in enumerate(same) if not equal)
    if len(changed) > MOST_ROWS or any(base.outline[index].id != now.outline[index].id for index in changed):
        return None
    return changed
