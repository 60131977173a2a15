"""One analysis as the page needs it: report, figure, diagram and code, made by the compiler and kept for a while."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import Final

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from neural.caches import MEGABYTE, Cache
from neural.compiler import default_compiler
from neural.cost.report import Report
from neural.errors import NeuralError
from neural.visualization.charts import cost_figure
from neural.visualization.diagram import diagram_svg
from webapp import differing, presentation, searching, table
from webapp.codelines import line_map
from webapp.contexts import AnalysisContext
from webapp.parts import CodeContext, DataContext, DiagramContext, DifferencesContext, DownloadsContext
from webapp.settings import Settings

BACKENDS: Final = {"pytorch": "PyTorch", "tensorflow": "Keras"}

FORMS: Final = {
    "script": ("Script", "the model, and how to train it (.py)"),
    "model": ("Model alone", "to import, without training (.py)"),
    "notebook": ("Notebook", "for Jupyter and Colab (.ipynb)"),
    "project": ("Project", "model, training, tests and requirements (.zip)"),
}
"""What each form of code is called, and what is in it."""

LARGEST_DRAWN: Final = 1_000
"""Layers that the table, the charts and the diagram show; the totals and the files are always of all."""

LARGEST_PRINTED: Final = 5_000
"""Layers up to which the page shows the code; a larger one can be downloaded."""

LARGEST_KEPT: Final = 200
"""Layers up to which an answer is kept, so that all that is kept stays within tens of megabytes."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A report and what is drawn from it. Only a program without errors has a diagram and code."""

    report: Report
    drawn: Report
    data: Markup
    svg: Markup | None
    codes: tuple[CodeContext, ...]
    differences: DifferencesContext
    milliseconds: float


def _weight(key: tuple[str, Settings], answer: Analysis) -> int:
    """Return about how many bytes an answer takes beside its report, which the compiler keeps."""
    drawn = len(answer.svg or "") + sum(2 * len(code.code or "") for code in answer.codes)
    return len(key[0]) + len(answer.data) + drawn


_answers: Cache[tuple[str, Settings], Analysis] = Cache("rendered rows", 8 * MEGABYTE, _weight)


def analyze(source: str, settings: Settings) -> Analysis:
    """Return the analysis of a source, from the cache where the same was asked before."""
    start = perf_counter()
    report = run(source, settings)
    if len(report.layers) > LARGEST_KEPT:
        return _analyze(source, report, start)
    return _answers.get((source, settings), lambda: _analyze(source, report, start))


def _analyze(source: str, report: Report, start: float) -> Analysis:
    drawn = replace(report, layers=report.layers[:LARGEST_DRAWN])
    # The engine escapes every text that it draws.
    svg = Markup(diagram_svg(drawn)) if report.ok else None
    data = presentation.data(report, cost_figure(drawn) if report.ok else None)
    codes = tuple(_code(source, drawn, len(report.layers), backend) for backend in BACKENDS)
    differences = differing.view(default_compiler().differences(source), {layer.key for layer in drawn.layers})
    milliseconds = (perf_counter() - start) * 1000
    return Analysis(report, drawn, htmlsafe_json_dumps(data), svg, codes, differences, milliseconds)


def _code(source: str, drawn: Report, layers: int, backend: str) -> CodeContext:
    """Return the code of a backend, whose lines are linked with the layers that are drawn, or why there is none."""
    made = partial(CodeContext, backend, BACKENDS[backend], f"{filename(drawn)}_{backend}.py")
    if layers > LARGEST_PRINTED:
        return made(None, f"The code of {layers:,} layers is not shown, only downloaded.")
    try:
        code = default_compiler().code(source, backend=backend)
    except NeuralError as error:
        return made(None, first_error(error))
    links = line_map(code.lines(), (layer.key for layer in drawn.layers))
    return made(code.source, "", htmlsafe_json_dumps(links, separators=(",", ":")))


def run(source: str, settings: Settings) -> Report:
    """Return the report alone."""
    return default_compiler().analyze(
        source,
        framework=settings.framework,
        batch=settings.batch,
        dtype=settings.dtype,
        optimizer=settings.optimizer or None,
        device=settings.device or None,
    )


def first_error(error: NeuralError) -> str:
    """Return the first error's message with its place."""
    first = next((each for each in error.diagnostics if each.severity == "error"), None)
    return f"Line {first.line}: {first.message}" if first else "The program has errors."


def clean_filename(name: str) -> str:
    """Return ``name`` as a file name of 1 to 64 ASCII letters, digits, ``_`` and ``-``."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:64].strip("_") or "model"


def filename(report: Report) -> str:
    """Return the name that a download of this network has, without its ending."""
    return clean_filename(report.network or "")


def context(source: str, settings: Settings, revision: int) -> AnalysisContext:
    """Return every part of the page that an analysis fills."""
    found = analyze(source, settings)
    report = found.report
    return AnalysisContext(
        valid=report.ok,
        status=presentation.status(report, revision),
        totals=presentation.totals(report, found.milliseconds),
        diagnostics=presentation.diagnostics(report),
        table=table.table(report, LARGEST_DRAWN),
        notes=searching.notes(report),
        search=searching.search(source, report),
        diagram=DiagramContext(found.svg),
        codes=found.codes,
        differences=found.differences,
        downloads=DownloadsContext(
            tuple((each.backend, each.title, _can_download(found, each)) for each in found.codes),
            tuple((form, *words) for form, words in FORMS.items()),
        ),
        data=DataContext(found.data),
    )


def _can_download(found: Analysis, code: CodeContext) -> bool:
    return found.report.ok and (code.code is not None or len(found.report.layers) > LARGEST_PRINTED)
