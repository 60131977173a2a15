"""What a worker of the web application holds after many distinct edits, and whether it reads a text twice."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePath
from types import FrameType
from typing import Any, Final

from werkzeug.test import TestResponse

from tests.performance.edits import small_edits
from tests.performance.figures import Figure, Figures
from tests.performance.page import Page
from tests.performance.profiling_utils import resident_bytes
from tests.performance.programs import SIMPLE

#: Files of ``neural/parser`` that work on what has been read.
_AFTERWARDS: Final = frozenset({"formatter.py", "layout.py", "selection.py"})


def memory(edits: int) -> Figures:
    """Send distinct edits to one worker; return what is resident after a hundredth, half and all of them, in MB."""
    page, texts = Page(), small_edits()
    page.shown(page.open(texts()))
    marks = {max(1, edits // 100): "a hundredth", edits // 2: "half", edits: "all"}
    figures: Figures = {"worker/edits": Figure(edits, edits, unit="")}
    for number in range(1, edits + 1):
        answer = page.analyze(texts())
        page.shown(answer)
        if number in marks:
            resident = resident_bytes() / 1e6
            figures[f"worker/resident after {marks[number]}"] = Figure(resident, resident, unit="MB")
            print(f"  {number:,} edits: {resident:.1f} MB", file=sys.stderr, flush=True)
    return figures


Request = Callable[[Page, str], TestResponse]


def _form(path: str, **fields: str) -> Request:
    return lambda page, source: page.send(path, source=source, **fields)


def _json(path: str) -> Request:
    return lambda page, source: page.ask(path, source=source)


#: Every kind of request that carries a source.
REQUESTS: Final[Mapping[str, Request]] = {
    "analyze": _form("/analyze", revision="1"),
    "whole page": Page.open,
    "explain": _form("/explain", number="parameters:dense"),
    "format": _form("/format"),
    "PyTorch script": _form("/download/pytorch?form=script"),
    "Keras notebook": _form("/download/tensorflow?form=notebook"),
    "project": _form("/download/pytorch?form=project"),
    "API, analyze": _json("/api/v1/analyze"),
    "API, generate": _json("/api/v1/generate"),
    "API, format": _json("/api/v1/format"),
}


def repeated() -> Figures:
    """Send every kind of request twice, and count what the second made the parser do."""
    page = Page()
    figures: Figures = {}
    for name, request in REQUESTS.items():
        first = request(page, SIMPLE)
        with parsing() as calls:
            second = request(page, SIMPLE)
        assert (first.status_code, second.status_code) == (200, 200), name
        figures[f"repeated/{name}"] = Figure(calls.total(), calls.total(), unit="calls")
        if calls:
            print(
                f"  {name}, again: {', '.join(f'{call} {times}x' for call, times in calls.most_common(4))}",
                file=sys.stderr,
            )
    return figures


@contextmanager
def parsing() -> Iterator[Counter[str]]:
    """Count the calls of functions that read text, Lark's and the parser's, within the block."""
    calls: Counter[str] = Counter()

    def count(frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            path = PurePath(frame.f_code.co_filename)
            folder, file = path.parent.name, path.name
            if folder == "lark" or (folder == "parser" and file not in _AFTERWARDS):
                calls[f"{file}:{frame.f_code.co_name}"] += 1

    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(None)
