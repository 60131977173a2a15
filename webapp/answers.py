"""From an analysis to the page: all of it, or what an edit changes of what the page holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from jinja2.utils import htmlsafe_json_dumps

from neural.collecting import CollectingLater
from neural.cost.report import Report
from webapp import held, panels, presentation
from webapp.analysis import BACKENDS, run
from webapp.contexts import AnalysisParts, AnswerContext, PanelContext
from webapp.held import Changes, Held
from webapp.parts import DataContext, DownloadsContext
from webapp.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page says with an edit: its revision, what it holds, the tab it shows, and what it holds of that."""

    revision: int
    base: str = ""
    shown: str = ""
    panel: str = ""

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Asked:
        """Return what a form says."""
        text = form.get("revision", "")
        revision = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
        return cls(revision, form.get("base", ""), form.get("shown", ""), form.get("panel", ""))


@CollectingLater()
def whole(source: str, settings: Settings, revision: int) -> AnalysisParts:
    """Return every part of the page."""
    report, now, milliseconds = _analyzed(source, settings, None)
    return AnalysisParts(
        valid=report.ok,
        status=presentation.status(report, revision),
        totals=presentation.totals(report, milliseconds),
        data=_data(report, now, held.changes(None, now), None, ""),
        diagnostics=now.diagnostics,
        table=now.table,
        notes=now.notes,
        panels=panels.every(source, report, now.token),
    )


@CollectingLater()
def answer(source: str, settings: Settings, asked: Asked) -> tuple[AnswerContext, str]:
    """Return what differs from what the page holds, with the token of that, and what stands behind the tab it shows."""
    base = held.known(asked.base)
    report, now, milliseconds = _analyzed(source, settings, base)
    changes = held.changes(base, now)
    panel = None if asked.panel == now.token else _panel(source, report, now, asked)
    found = AnswerContext(
        status=presentation.status(report, asked.revision),
        totals=presentation.totals(report, milliseconds),
        data=_data(report, now, changes, base, asked.shown if panel or asked.panel == now.token else ""),
        diagnostics=now.diagnostics if base is None or base.diagnostics != now.diagnostics else None,
        table=now.table if changes.rows is None else None,
        rows=tuple((now.outline[index].id, now.rows[index].of(now.shares[index])) for index in changes.rows or ()),
        notes=now.notes if base is None or base.notes != now.notes else None,
        downloads=_downloads(base, now, panel),
        panel=panel,
    )
    return found, base.token if base else ""


@CollectingLater()
def panel(name: str, source: str, settings: Settings) -> PanelContext | None:
    """Return what stands behind a tab; nothing where a program with errors has none, or where no tab is called so."""
    return panels.panel(name, source, run(source, settings), held.token_of(source, settings))


def _analyzed(source: str, settings: Settings, base: Held | None) -> tuple[Report, Held, float]:
    start = perf_counter()
    report = run(source, settings)
    now = held.hold(held.token_of(source, settings), report, base)
    return report, now, (perf_counter() - start) * 1000


def _panel(source: str, report: Report, now: Held, asked: Asked) -> PanelContext | None:
    if asked.shown == "charts" and (old := held.known(asked.panel)) is not None:
        changed = panels.changed_charts(old, now, report)
        if changed is not None:
            return changed
    return panels.panel(asked.shown, source, report, now.token)


def _downloads(base: Held | None, now: Held, panel: PanelContext | None) -> DownloadsContext | None:
    """Return the buttons where they differ. Which backend refuses a network is only known once its code is made."""
    if panel is not None and panel.downloads is not None:
        return None
    if base is not None and base.ok == now.ok:
        return None
    return panels.downloads(dict.fromkeys(BACKENDS, now.ok))


def _data(report: Report, now: Held, changes: Changes, base: Held | None, panel: str) -> DataContext:
    """Return what the page's scripts need: ``null`` for diagnostics stands for those that the page has."""
    same = base is not None and base.diagnostics == now.diagnostics
    listed = report.diagnostics[: presentation.LISTED_DIAGNOSTICS]
    data: dict[str, Any] = {
        "token": now.token,
        "base": "" if base is None else base.token,
        "valid": report.ok,
        "panel": panel,
        "rows": changes.rows,
        "shares": changes.shares,
        "ghosts": changes.ghosts,
        "diagnostics": None if same else [each.to_dict() for each in listed],
    }
    return DataContext(htmlsafe_json_dumps(data, separators=(",", ":")))
