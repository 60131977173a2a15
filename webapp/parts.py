"""What each part of the page may say that an analysis fills: rows, numbers, lists, and one context a template."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple

from markupsafe import Markup

from neural.cost.report import Status
from neural.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Number:
    """A number as a person reads it, beside its exact value. Unknown ones have no value."""

    text: str
    title: str
    value: float | None


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
    time: Number | None
    device: str
    fit: str
    fits: str
    convention: str
    optimizer: str
    milliseconds: str
    is_partial: bool


@dataclass(frozen=True, slots=True)
class PartView:
    """A summand of a number, or what is behind a term of its formula."""

    name: str
    formula: str
    result: str


@dataclass(frozen=True, slots=True)
class NumberView:
    """Where a number comes from: its formula, the same with the values put in, its parts and its source."""

    title: str
    formula: str
    values: str
    result: str
    parts: tuple[PartView, ...]
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class ExplanationContext:
    """The explanation of a number that a person opened; forward memory has two parts."""

    template: ClassVar[str] = "playground/_explanation.html"
    title: str
    numbers: tuple[NumberView, ...]
    convention: str


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
    """The list of what is wrong; ``together`` are the indices of errors whose first fixes can be made at once."""

    template: ClassVar[str] = "playground/_diagnostics.html"
    diagnostics: tuple[DiagnosticView, ...]
    hidden: int
    together: tuple[int, ...]


class Share(NamedTuple):
    """A layer's part of the whole: the length of its bar, of a hundred, and the words beside it."""

    length: str
    percent: str


@dataclass(frozen=True, slots=True)
class InputRow:
    """An input tensor, shown above the layers."""

    name: str
    shape: str
    dtype: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A layer in the table; one of the catalogue has a page in the reference, one on a device has a time."""

    template: ClassVar[str] = "playground/_layer_row.html"
    key: str
    name: str
    type: str
    has_page: bool
    depth: int
    within: str
    line: int
    column: int
    end_line: int
    status: Status
    is_output: bool
    shape: str
    inputs: str
    parameters: Number
    flops: Number
    memory: Number
    time: Number | None
    share: Share


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The head of a group of layers, or of equal groups in a row, with the sums."""

    template: ClassVar[str] = "playground/_group_row.html"
    group: str
    name: str
    depth: int
    within: str
    layers: int
    shape: str
    parameters: Number
    flops: Number
    memory: Number
    time: Number | None
    share: Share


@dataclass(frozen=True, slots=True)
class TableContext:
    """The table of layers; its rows are drawn, in bodies that a large one lays out apart."""

    template: ClassVar[str] = "playground/_table.html"
    inputs: tuple[InputRow, ...]
    has_groups: bool
    has_times: bool
    hidden: int
    convention: str
    searched: str
    empty: str
    is_large: bool
    bodies: tuple[Markup, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A value to search: where it stands, the statement around it, and what it may be."""

    line: int
    column: int
    statement: str
    kind: str
    choices: tuple[str, ...]
    more: str
    range: str
    points: str


@dataclass(frozen=True, slots=True)
class SearchContext:
    """The search space: every value to search, and how many points there are in all."""

    template: ClassVar[str] = "playground/_search.html"
    searches: tuple[SearchRow, ...]
    summary: str
    hidden: int


@dataclass(frozen=True, slots=True)
class NoteView:
    """A research note: its groups, each with its entries as they were written."""

    name: str
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class NotesContext:
    """The research notes beside the model."""

    template: ClassVar[str] = "playground/_notes.html"
    notes: tuple[NoteView, ...]
    hidden: int


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
class FigureContext:
    """The charts' figure for the page's scripts, or what of it an edit changed."""

    template: ClassVar[str] = "playground/_figure.html"
    json: Markup


@dataclass(frozen=True, slots=True)
class DiagramContext:
    """The diagram, or nothing when the program has errors."""

    template: ClassVar[str] = "playground/_diagram.html"
    svg: Markup | None


@dataclass(frozen=True, slots=True)
class CodeContext:
    """Generated code of one backend with the layers of its lines (``codelines.line_map``), or why there is none."""

    template: ClassVar[str] = "playground/_code.html"
    backend: str
    title: str
    filename: str
    code: str | None
    problem: str
    lines: Markup = field(default_factory=Markup)


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """What PyTorch does otherwise than Keras, and the layers where it does."""

    text: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicView:
    """The differences of one kind."""

    name: str
    notes: tuple[DifferenceView, ...]


@dataclass(frozen=True, slots=True)
class DifferencesContext:
    """The list under the code of what the frameworks do differently."""

    template: ClassVar[str] = "playground/_differences.html"
    topics: tuple[TopicView, ...]


@dataclass(frozen=True, slots=True)
class DownloadsContext:
    """The download buttons, a backend each with the forms of its code; a program with errors disables them."""

    template: ClassVar[str] = "playground/_downloads.html"
    available: tuple[tuple[str, str, bool], ...]
    forms: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class DataContext:
    """What the page's scripts read: what they hold from now on, diagnostics, words after lines, shares."""

    template: ClassVar[str] = "playground/_data.html"
    json: Markup


@dataclass(frozen=True, slots=True)
class VerificationContext:
    """Whether PyTorch and Keras compute the same: nothing yet, how far the work is (with its id), or the outcome."""

    template: ClassVar[str] = "playground/_verification.html"
    state: Literal["", "working", "same", "different", "refused", "given up"] = ""
    id: str = ""
    words: str = ""
    key: str = ""
    details: str = ""
