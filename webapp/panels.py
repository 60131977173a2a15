"""What stands behind each tab of the results beside the table, made when it is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from neural.caches import MEGABYTE, Cache
from neural.compiler import default_compiler
from neural.cost.report import Report
from neural.errors import NeuralError
from neural.visualization.charts import cost_bars, cost_figure, cost_layout
from neural.visualization.diagram import diagram_svg
from webapp import differing, searching
from webapp.analysis import BACKENDS, FORMS, LARGEST_DRAWN, LARGEST_PRINTED, filename
from webapp.codelines import line_map
from webapp.contexts import PanelContext
from webapp.held import Held
from webapp.parts import CodeContext, DiagramContext, DifferencesContext, DownloadsContext, FigureContext

LARGEST_KEPT: Final = 200
"""Layers up to which a panel is kept; that of a larger network would leave no room for others."""


def _weigh(_: tuple[str, str], found: PanelContext) -> int:
    """Return about how many bytes what stands behind a tab takes: its texts, and a share for the rest."""
    texts = [found.figure.json if found.figure else "", (found.diagram and found.diagram.svg) or ""]
    texts += [text for code in found.codes for text in (code.code or "", code.lines)]
    return 2 * sum(map(len, texts)) + 4_000


_panels: Cache[tuple[str, str], PanelContext] = Cache("panels", 8 * MEGABYTE, _weigh)


def panel(name: str, source: str, report: Report, token: str) -> PanelContext | None:
    """Return what stands behind a tab; nothing where a program with errors has none, or where no tab is called so."""
    make = _MADE.get(name)
    if make is None or not (report.ok or name == "search"):
        return None
    if len(report.layers) > LARGEST_KEPT:
        return make(source, report)
    return _panels.get((token, name), lambda: make(source, report))


def every(source: str, report: Report, token: str) -> PanelContext:
    """Return what stands behind all tabs of a page that has just been opened, which draws no charts yet."""
    found = {name: panel(name, source, report, token) for name in ("diagram", "code", "search")}
    code = found["code"] or _without_code(report)
    return replace(
        code,
        diagram=found["diagram"].diagram if found["diagram"] else DiagramContext(None),
        search=found["search"].search if found["search"] else None,
    )


def changed_charts(base: Held, now: Held, report: Report) -> PanelContext | None:
    """Return what the charts of another page lack; nothing where that is more than some bars of the same layers."""
    old, new = base.layers(), now.layers()
    if not (base.ok and now.ok) or base.frame.convention != now.frame.convention or len(old) != len(new):
        return None
    changed = [index for index, layer in enumerate(new) if layer != old[index]]
    if any(old[index].key != new[index].key for index in changed):
        return None
    drawn = replace(report, layers=tuple(new))
    bars = cost_bars([new[index] for index in changed], report.convention)
    points = dict(zip(changed, bars, strict=True))
    return PanelContext(figure=_figure({"base": base.token, "bars": points, "layout": cost_layout(drawn)}))


def downloads(available: Mapping[str, bool]) -> DownloadsContext:
    """Return the buttons of both backends and all forms."""
    return DownloadsContext(
        tuple((backend, title, available[backend]) for backend, title in BACKENDS.items()),
        tuple((form, *words) for form, words in FORMS.items()),
    )


def _figure(data: Mapping[str, object]) -> FigureContext:
    return FigureContext(htmlsafe_json_dumps(data, separators=(",", ":")))


def _drawn(report: Report) -> Report:
    return replace(report, layers=report.layers[:LARGEST_DRAWN])


def _charts(_: str, report: Report) -> PanelContext:
    return PanelContext(figure=_figure(cost_figure(_drawn(report))))


def _diagram(_: str, report: Report) -> PanelContext:
    # The engine escapes every text that it draws.
    return PanelContext(diagram=DiagramContext(Markup(diagram_svg(_drawn(report)))))


def _codes(source: str, report: Report) -> PanelContext:
    keys = [layer.key for layer in report.layers[:LARGEST_DRAWN]]
    codes = tuple(_code(source, report, keys, backend) for backend in BACKENDS)
    return PanelContext(
        codes=codes,
        differences=differing.view(default_compiler().differences(source), set(keys)),
        downloads=downloads({each.backend: _can_download(report, each) for each in codes}),
    )


def _can_download(report: Report, code: CodeContext) -> bool:
    return code.code is not None or len(report.layers) > LARGEST_PRINTED


def _code(source: str, report: Report, keys: Sequence[str], backend: str) -> CodeContext:
    """Return the code of a backend, whose lines are linked with the layers of these keys, or why there is none."""
    made = partial(CodeContext, backend, BACKENDS[backend], f"{filename(report)}_{backend}.py")
    if len(report.layers) > LARGEST_PRINTED:
        return made(None, f"The code of {len(report.layers):,} layers is not shown, only downloaded.")
    try:
        code = default_compiler().code(source, backend=backend)
    except NeuralError as error:
        return made(None, error.first)
    return made(code.source, "", htmlsafe_json_dumps(line_map(code.lines(), keys), separators=(",", ":")))


def _without_code(report: Report) -> PanelContext:
    """Return why a program with errors has no code."""
    name = filename(report)
    why = next((f"Line {each.line}: {each.message}" for each in report.diagnostics if each.severity == "error"), "")
    return PanelContext(
        codes=tuple(CodeContext(each, title, f"{name}_{each}.py", None, why) for each, title in BACKENDS.items()),
        differences=DifferencesContext(()),
        downloads=downloads(dict.fromkeys(BACKENDS, False)),
    )


def _search(source: str, report: Report) -> PanelContext:
    return PanelContext(search=searching.search(source, report))


_MADE: Final[Mapping[str, Callable[[str, Report], PanelContext]]] = {
    "charts": _charts,
    "diagram": _diagram,
    "code": _codes,
    "search": _search,
}
