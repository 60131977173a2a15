"""What must hold, as data: a figure, or a ratio of two that were taken in turns, and the bar that it must not pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from tests.performance.figures import Figure
from tests.performance.stages import STAGES
from tests.performance.tables import Rows, amount
from tests.performance.worker import REQUESTS

Verdict = Literal["ok", "MISSED", "not measured"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure, or how many times the figure ``over`` it is, and the most (or the least) that it may be."""

    name: str
    figure: str
    limit: float
    over: str = ""
    at_least: bool = False

    def value(self, figures: Mapping[str, Figure]) -> float | None:
        """Return what was measured, by medians, or None where it was not."""
        if self.figure not in figures or (self.over and self.over not in figures):
            return None
        value = figures[self.figure].median
        return value / figures[self.over].median if self.over else value

    def verdict(self, figures: Mapping[str, Figure]) -> Verdict:
        """Return whether it holds."""
        value = self.value(figures)
        if value is None:
            return "not measured"
        return "ok" if (value >= self.limit if self.at_least else value <= self.limit) else "MISSED"

    def row(self, figures: Mapping[str, Figure]) -> list[str]:
        """Return the line of a table: name, both figures, their ratio, the bar and the verdict."""
        value, figure = self.value(figures), figures.get(self.figure)
        sign = ">=" if self.at_least else "<="
        if value is None or figure is None:
            return [self.name, "", "", "", f"{sign} {self.limit:g}", "not measured"]
        other = amount(figures[self.over].median, figures[self.over].unit) if self.over else ""
        unit = "x" if self.over else figure.unit
        ratio = amount(value, "x") if self.over else ""
        return [
            self.name,
            amount(figure.median, figure.unit),
            other,
            ratio,
            f"{sign} {amount(self.limit, unit)}",
            self.verdict(figures),
        ]


def _editing() -> list[Bar]:
    edit = "growth/edit, shapes stay/chain"
    page, new = "page, edit/chain", "new source/wide/1000"
    return [
        Bar("an edit at 1,000 layers, engine", f"{edit}/1000", 0.002),
        Bar("an edit, 10,000 layers to 1,000", f"{edit}/10000", 5, over=f"{edit}/1000"),
        Bar("an edit at 100 layers, the page's answer", f"growth/{page}/100", 0.006),
        Bar("an edit at 1,000 layers, the page's answer", f"growth/{page}/1000", 0.015),
        Bar("an edit at 1,000 layers, bytes sent", f"sent/{page}/1000", 10_000),
        *(
            Bar(f"question to paint to the echo's, {layers} layers", f"{paint}/median", most, over=f"{paint}/echo")
            for layers, most in (("100", 1.5), ("1,000", 2))
            for paint in (f"browser/question to paint, {layers} layers",)
        ),
        Bar("longest task while typing, 1,000 layers", "browser/longest task while typing, 1,000 layers/median", 0.05),
        Bar("a new source of 1,000 layers to Lark alone", f"growth/{new}", 1.4, over="beside/Lark alone/wide/1000"),
    ]


def _peers() -> list[Bar]:
    theirs = {"PyTorch": ("build and FlopCounterMode", 10, 50), "Keras": ("build and summary", 100, 500)}
    return [
        Bar(
            f"{network}: {peer} to {what}",
            f"peers/{peer}/{network}/{work}",
            least,
            f"peers/{peer}/{network}/{what}",
            True,
        )
        for peer, (work, new, edit) in theirs.items()
        for network in ("ResNet50", "encoder")
        for what, least in (("new source", new), ("edit", edit))
    ]


def _processes() -> list[Bar]:
    return [
        Bar("neural --help to import click", "starts/neural --help", 1.6, 'starts/python -c "import click"'),
        Bar("neural summary resnet50, no cache", "starts/neural summary resnet50, no cache", 0.25),
        Bar("neural summary resnet50, cache", "starts/neural summary resnet50, cache", 0.15),
        Bar("a worker after many edits", "worker/resident after all", 120),
        *(Bar(f"the same again, calls that read text: {name}", f"repeated/{name}", 0) for name in REQUESTS),
    ]


def _tenfold() -> list[Bar]:
    """Return a bar for each target: it holds tenfold."""
    caching = "stages/propagate 10 layers"
    return [
        *(
            Bar(f"a tenth of the target: {name}", f"stages/{name}/cold", stage.target / 10)
            for name, stage in STAGES.items()
            if stage.target
        ),
        Bar("ten times the target: caching", f"{caching}/cold", 20, over=f"{caching}/warm", at_least=True),
    ]


BARS: Final = (*_editing(), *_peers(), *_processes(), *_tenfold())


def bar_rows(figures: Mapping[str, Figure], *, everything: bool = True) -> Rows:
    """Return the table of the bars; without ``everything``, of those that were measured."""
    shown = [bar for bar in BARS if everything or bar.value(figures) is not None]
    return [["", "figure", "beside", "ratio", "bar", ""], *(bar.row(figures) for bar in shown)]


def missed(figures: Mapping[str, Figure]) -> list[str]:
    """Return the names of the bars that do not hold."""
    return [bar.name for bar in BARS if bar.verdict(figures) == "MISSED"]
