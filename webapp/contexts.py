"""What each template may say: one frozen dataclass a template, and the one way to draw it.

A template sees the fields of its context and the globals of ``webapp.create_app``, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from flask import current_app
from markupsafe import Markup

from neural.reference.blocks import BlockFacts
from neural.reference.facts import LayerFacts
from webapp.gallery import Gallery
from webapp.parts import (
    BarsContext,
    CodeContext,
    DataContext,
    DiagnosticsContext,
    DiagramContext,
    DifferencesContext,
    DownloadsContext,
    ExplanationContext,
    FigureContext,
    NotesContext,
    SearchContext,
    StatusContext,
    TableContext,
    TotalsContext,
    VerificationContext,
)
from webapp.settings import Settings


class Context(Protocol):
    """A dataclass with slots that names its template."""

    template: ClassVar[str]
    __slots__: tuple[str, ...]


def render(context: Context) -> Markup:
    """Draw a context with its template."""
    template = current_app.jinja_env.get_template(context.template)
    return Markup(template.render({name: getattr(context, name) for name in context.__slots__}))


@dataclass(frozen=True, slots=True)
class PanelContext:
    """What stands behind one tab of the results, as far as it is looked at and there is any."""

    template: ClassVar[str] = "playground/panel.html"
    figure: FigureContext | None = None
    diagram: DiagramContext | None = None
    codes: tuple[CodeContext, ...] = ()
    differences: DifferencesContext | None = None
    downloads: DownloadsContext | None = None
    search: SearchContext | None = None


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """The answer to an edit: what differs from what the page holds; None is as it was.

    Where the table stays, ``rows`` are those of its rows that differ, each with its id.
    """

    template: ClassVar[str] = "playground/partials.html"
    status: StatusContext
    totals: TotalsContext
    data: DataContext
    diagnostics: DiagnosticsContext | None
    table: TableContext | None
    rows: tuple[tuple[str, Markup], ...]
    notes: NotesContext | None
    downloads: DownloadsContext | None
    panel: PanelContext | None


@dataclass(frozen=True, slots=True)
class AnalysisParts:
    """Every part of the whole page that an analysis fills."""

    valid: bool
    status: StatusContext
    totals: TotalsContext
    data: DataContext
    diagnostics: DiagnosticsContext
    table: TableContext
    notes: NotesContext
    panels: PanelContext


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
    devices: tuple[str, ...]
    largest_batch: int
    gallery: Gallery
    analysis: AnalysisParts
    explanation: ExplanationContext | None
    bars: BarsContext
    verification: VerificationContext | None
    link: str
    indexed: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """A program on a page of the documentation: its lines, with which of them its other form lacks, and its address."""

    title: str
    lines: tuple[tuple[str, bool], ...]
    address: str


@dataclass(frozen=True, slots=True)
class CodePage:
    """What a diagnostic code means."""

    code: str
    rule: str
    text: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class DiagnosticsPageContext:
    """The page that explains every diagnostic code."""

    template: ClassVar[str] = "docs/diagnostics.html"
    title: str
    description: str
    areas: tuple[tuple[str, tuple[CodePage, ...]], ...]
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class LayerLink:
    """A layer in the index of the reference; ``spellings`` are found by the filter too."""

    name: str
    sentence: str
    spellings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LayersPageContext:
    """The index of the reference: layers by family."""

    template: ClassVar[str] = "docs/layers.html"
    title: str
    description: str
    families: tuple[tuple[str, tuple[LayerLink, ...]], ...]
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class LayerPageContext:
    """The page of one layer, with the others of its family and the address that opens its example."""

    template: ClassVar[str] = "docs/layer.html"
    title: str
    description: str
    layer: LayerFacts
    siblings: tuple[str, ...]
    address: str
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class BlockPageContext:
    """The page of one block of the standard library, with the others."""

    template: ClassVar[str] = "docs/block.html"
    title: str
    description: str
    family: str
    block: BlockFacts
    siblings: tuple[str, ...]
    indexed: bool = True


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
