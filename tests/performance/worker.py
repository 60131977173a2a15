"""What a worker of the web application holds after many distinct edits, and whether it reads a text twice."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from types import FrameType
from typing import Any, Final

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


#: Every kind of request that carries a source: path, and the form beside the source.
REQUESTS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "analyze": ("/analyze", {"revision": "1"}),
    "explain": ("/explain", {"number": "parameters:dense"}),
    "format": ("/format", {}),
    "PyTorch script": ("/download/pytorch?form=script", {}),
    "Keras notebook": ("/download/tensorflow?form=notebook", {}),
    "project": ("/download/pytorch?form=project", {}),
}


def repeated() -> Figures:
    """Send every kind of request twice, and count what the second made the parser do."""
    page = Page()
    figures: Figures = {}
    for name, (path, form) in REQUESTS.items():
        page.send(path, source=SIMPLE, **form)
        with parsing() as calls:
            page.send(path, source=SIMPLE, **form)
        figures[f"repeated/{name}"] = Figure(calls.total(), calls.total(), unit="calls")
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
