"""What is measured at 10 to 10,000 layers, each size in turns with the others, and Lark's own parse beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from tests.performance import engine
from tests.performance.edits import KEYS, edit_that_changes_shapes, edit_that_keeps_shapes, new_texts
from tests.performance.figures import Figures, Taken, Trial, in_turns

SIZES: Final = (10, 100, 1_000, 10_000)
PROGRAMS: Final = ("chain", "wide")


def pipeline(program: str, layers: int) -> Trial:
    """Time the stages one after the other on a text that is new to the process, and Lark on the same text."""
    texts, at = new_texts(program, layers), f"{program}/{layers}"

    def trial(taken: Taken) -> None:
        text = texts()
        taken.time(f"growth/Lark alone/{at}", lambda: engine.lark().parse(text))
        parsed = taken.time(f"growth/parse/{at}", lambda: engine.parse(text))
        bound = taken.time(f"growth/bind/{at}", lambda: engine.bind(parsed))
        plan = taken.time(f"growth/propagate/{at}", lambda: engine.propagate(bound, parsed))
        taken.time(f"growth/report/{at}", lambda: engine.report(plan, parsed))

    return trial


def whole(program: str, layers: int) -> Trial:
    """Time an analysis of a new text, of the same again, and of one where nothing is kept; Lark's parse beside them."""
    texts, at = new_texts(program, layers), f"{program}/{layers}"

    def trial(taken: Taken) -> None:
        text = texts()
        taken.time(f"beside/Lark alone/{at}", lambda: engine.lark().parse(text))
        taken.time(f"growth/new source/{at}", lambda: engine.analyze(text))
        taken.time(f"growth/same source/{at}", lambda: engine.analyze(text))

    return trial


def editing(program: str, layers: int) -> Trial:
    """Time the analyses of a text that a person edits in its middle."""
    kinds = {"edit, shapes change": edit_that_changes_shapes(program, layers)}
    if program == "chain":
        kinds["edit, shapes stay"] = edit_that_keeps_shapes(layers)

    def trial(taken: Taken) -> None:
        for kind, texts in kinds.items():
            for _ in range(KEYS):
                text = texts()
                report = taken.time(f"growth/{kind}/{program}/{layers}", lambda text=text: engine.analyze(text))  # type: ignore[misc]
                assert report.ok
                assert len(report.layers) == layers

    return trial


def making(program: str, layers: int) -> Trial:
    """Time code and pictures of a text that is new, its analysis not counted."""
    texts, at = new_texts(program, layers), f"{program}/{layers}"

    def trial(taken: Taken) -> None:
        text = texts()
        report = engine.analyze(text)
        taken.time(f"growth/code generation/{at}", lambda: engine.generate(text))
        taken.time(f"growth/visualization/{at}", lambda: engine.visualize(report))

    return trial


def paging(program: str, layers: int) -> Trial:
    """Time the page's answers, and count their bytes as sent: an edit, and the whole page of a new text."""
    from tests.performance.page import Page

    other, new, at = Page(), new_texts(program, layers), f"{program}/{layers}"
    texts = edit_that_keeps_shapes(layers) if program == "chain" else edit_that_changes_shapes(program, layers)
    pages = {f"page, edit/{at}": Page(), f"page, edit with charts in view/{at}": Page("charts")}
    for page in pages.values():
        page.shown(page.open(texts()))

    def trial(taken: Taken) -> None:
        for name, page in pages.items():
            for _ in range(KEYS):
                text = texts()
                answer = taken.time(f"growth/{name}", lambda text=text, page=page: page.analyze(text))  # type: ignore[misc]
                taken.add(f"sent/{name}", page.shown(answer), "B")
        fresh = new()
        answer = taken.time(f"growth/page, whole/{at}", lambda: other.open(fresh))
        taken.add(f"sent/page, whole/{at}", other.shown(answer), "B")

    return trial


GROWING: Final[dict[str, Callable[[str, int], Trial]]] = {
    "pipeline": pipeline,
    "whole": whole,
    "editing": editing,
    "making": making,
    "paging": paging,
}


def measure(kind: str, program: str, sizes: Iterable[int] = SIZES, seconds: float = 6.0) -> Figures:
    """Return the figures of one kind of trial at every size."""
    engine.lark()
    if kind == "paging":  # a page of ten thousand layers between two keys would leave nothing of a small one at hand
        several = (in_turns([paging(program, layers)], seconds=seconds / 4) for layers in sizes)
        return {name: figure for figures in several for name, figure in figures.items()}
    return in_turns([GROWING[kind](program, layers) for layers in sizes], seconds=seconds)
