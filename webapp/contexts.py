"""What each template may say: one frozen dataclass a template, and the one way to draw it.

A template sees the fields of its context and the globals of ``webapp.create_app``, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Protocol

from flask import render_template
from markupsafe import Markup

from neural.cost.report import Status
from neural.diagnostics import Severity
from webapp.settings import Settings


class Context(Protocol):
    """A dataclass that names its template."""

    template: ClassVar[str]


def render(context: Context) -> Markup:
    """Draw a context with its template."""
    values = {each.name: getattr(context, each.name) for each in fields(context)}  # type: ignore[arg-type]
    return Markup(render_template(context.template, **values))


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a person reads it, beside its exact value. Unknown ones have no value."""

    text: str
    title: str
    value: int | None


@dataclass(frozen=True, slots=True)
class StatusContext:
    """The one-line summary that screen readers are told."""

    template: ClassVar[str] = "playground/_status.html"
    revision: int
    errors: int
    text: str


@dataclass(frozen=True, slots=True)
class TotalsContext:
    """The sums at the foot, with the convention they follow and the time they took."""

    template: ClassVar[str] = "playground/_totals.html"
    parameters: Number
    trainable: Number
    flops: Number
    memory: Number
    training: Number
    convention: str
    optimizer: str
    milliseconds: str
    is_partial: bool


@dataclass(frozen=True, slots=True)
class FixView:
    """A one-click repair."""

    title: str
    index: int


@dataclass(frozen=True, slots=True)
class RelatedView:
    """Another place that explains a diagnostic."""

    message: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class DiagnosticView:
    """One diagnostic as it is listed."""

    index: int
    code: str
    rule: str
    severity: Severity
    message: str
    help: str
    line: int
    column: int
    related: tuple[RelatedView, ...]
    fixes: tuple[FixView, ...]


@dataclass(frozen=True, slots=True)
class DiagnosticsContext:
    """The list of what is wrong."""

    template: ClassVar[str] = "playground/_diagnostics.html"
    diagnostics: tuple[DiagnosticView, ...]
    hidden: int


@dataclass(frozen=True, slots=True)
class InputRow:
    """An input tensor, shown above the layers."""

    name: str
    shape: str
    dtype: str
    line: int


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A layer in the table."""

    key: str
    name: str
    type: str
    depth: int
    groups: str
    line: int
    column: int
    end_line: int
    status: Status
    shape: str
    inputs: str
    parameters: Number
    flops: Number
    memory: Number
    share: float
    percent: str


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The head of a group of layers, with the group's sums."""

    group: str
    name: str
    depth: int
    groups: str
    layers: int
    shape: str
    parameters: Number
    flops: Number
    memory: Number
    share: float
    percent: str


@dataclass(frozen=True, slots=True)
class TableContext:
    """The table of layers."""

    template: ClassVar[str] = "playground/_table.html"
    inputs: tuple[InputRow, ...]
    rows: tuple[LayerRow | GroupRow, ...]
    hidden: int
    convention: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A layer in a bar list drawn by the server."""

    name: str
    number: Number
    part: float


@dataclass(frozen=True, slots=True)
class BarsContext:
    """The costs as bars, for a page that runs no scripts."""

    template: ClassVar[str] = "playground/_bars.html"
    panels: tuple[tuple[str, tuple[Bar, ...]], ...]
    shown: int
    layers: int


@dataclass(frozen=True, slots=True)
class DiagramContext:
    """The diagram, or nothing when the program has errors."""

    template: ClassVar[str] = "playground/_diagram.html"
    svg: Markup | None


@dataclass(frozen=True, slots=True)
class CodeContext:
    """Generated code of one backend, or why there is none."""

    template: ClassVar[str] = "playground/_code.html"
    backend: str
    title: str
    filename: str
    code: str | None
    problem: str


@dataclass(frozen=True, slots=True)
class DownloadsContext:
    """The download buttons, which a program with errors disables."""

    template: ClassVar[str] = "playground/_downloads.html"
    available: tuple[tuple[str, str, bool], ...]


@dataclass(frozen=True, slots=True)
class DataContext:
    """What the page's scripts read: figure, diagnostics, marks."""

    template: ClassVar[str] = "playground/_data.html"
    json: Markup


@dataclass(frozen=True, slots=True)
class AnalysisContext:
    """The answer to one analysis: every part of the page that it replaces."""

    template: ClassVar[str] = "playground/partials.html"
    valid: bool
    status: StatusContext
    totals: TotalsContext
    diagnostics: DiagnosticsContext
    table: TableContext
    diagram: DiagramContext
    codes: tuple[CodeContext, ...]
    downloads: DownloadsContext
    data: DataContext


@dataclass(frozen=True, slots=True)
class ExampleLink:
    """An example in the menu."""

    name: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class PlaygroundContext:
    """The whole page."""

    template: ClassVar[str] = "playground/page.html"
    title: str
    description: str
    source: str
    settings: Settings
    frameworks: tuple[tuple[str, str], ...]
    dtypes: tuple[str, ...]
    optimizers: tuple[str, ...]
    largest_batch: int
    examples: tuple[ExampleLink, ...]
    analysis: AnalysisContext
    bars: BarsContext
    link: str
    indexed: bool


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """A page that says what went wrong."""

    template: ClassVar[str] = "error.html"
    title: str
    description: str
    status: int
    message: str
    reference: str
    indexed: bool = False


@dataclass(frozen=True, slots=True)
class ProblemContext:
    """The same inside the playground, where the page stays as it is."""

    template: ClassVar[str] = "playground/problem.html"
    message: str
