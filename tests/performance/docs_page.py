"""The part of docs/performance.md that is written from figures, with its charts, so that they never drift apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.performance import bars, tables
from tests.performance.charts import Bars, bars_chart, growth_chart
from tests.performance.figures import Figure, Results
from tests.performance.growth import Line, lines

BEGIN: Final = "<!-- written by benchmark_runner.py from performance.json -->"
END: Final = "<!-- end of what is written -->"

_NEW: Final = ("Lark alone", "parse", "bind", "propagate", "report", "new source", "code generation", "visualization")
_EDITED: Final = ("Lark alone", "edit, shapes stay", "edit, shapes change", "page, edit", "page, whole", "new source")
_PEERS: Final = (
    ("Keras", "build and summary"),
    ("PyTorch", "build and FlopCounterMode"),
    ("torchinfo", "build and summary"),
)


def heading(results: Results) -> str:
    """Return what is to be known of the machine, in a line."""
    told = results.machine
    return f"CPython {told['python']}, {told['cpus']} CPUs, {told['platform']}"


def images(results: Results) -> dict[str, str]:
    """Return the charts by file name; those for which there are figures."""
    figures = results.figures
    found: dict[str, str] = {}
    for name, title, program, stages in (
        ("growth", "A new source of distinct layers: processor time by layers", "wide", _NEW),
        ("edits", "A key in the middle of a chain: processor time by layers", "chain", _EDITED),
    ):
        if drawn := _chosen(figures, program, stages):
            found[f"performance-{name}.svg"] = growth_chart(title, drawn)
    if groups := [group for name in ("ResNet50", "encoder") if (group := _bars(figures, name))]:
        found["performance-peers.svg"] = bars_chart(
            "From a text to its costs: processor time, on a logarithmic scale", groups
        )
    return found


def _chosen(figures: Mapping[str, Figure], program: str, stages: tuple[str, ...]) -> list[Line]:
    known = {line.stage: line for line in lines(figures) if line.program == program}
    return [known[stage] for stage in stages if stage in known]


def _bars(figures: Mapping[str, Figure], network: str) -> Bars | None:
    rows = [
        (f"{peer}: {work}", figures[f"peers/{peer}/{network}/{work}"].median, False)
        for peer, work in _PEERS
        if f"peers/{peer}/{network}/{work}" in figures
    ]
    peer = next((peer for peer, work in reversed(_PEERS[:2]) if f"peers/{peer}/{network}/{work}" in figures), None)
    if peer is None:
        return None
    ours = (("here: a new source", "new source"), ("here: an edit of one line", "edit"))
    rows += [(name, figures[f"peers/{peer}/{network}/{what}"].median, True) for name, what in ours]
    return Bars({"encoder": "Transformer encoder, 24 layers"}.get(network, network), tuple(rows))


def written(results: Results) -> str:
    """Return the part of the page that the figures give."""
    figures = results.figures
    sections = [
        ("", f"{heading(results)}, one run of `make bench`."),
        ("What must hold", tables.markdown(bars.bar_rows(figures))),
        ("By layers", _pictures(results, "growth", "edits") + tables.markdown(tables.growth_rows(figures))),
        ("Beside peers", _pictures(results, "peers") + tables.markdown(tables.peer_rows(figures))),
        ("The stages, and their targets", tables.markdown(tables.stage_rows(figures))),
        ("Processes, pages, memory", tables.markdown(tables.other_rows(figures, ("starts", "real", "sent", "worker")))),
    ]
    skipped = "\n".join(f"- Not measured: {name}, {reason}." for name, reason in results.skipped.items())
    texts = [f"### {name}\n\n{body}" if name else body for name, body in sections]
    return "\n\n".join([*texts, *([skipped] if skipped else [])])


def _pictures(results: Results, *names: str) -> str:
    made = images(results)
    shown = (f"performance-{name}.svg" for name in names)
    return "".join(f"![{_title(made[name])}](images/{name})\n\n" for name in shown if name in made)


def _title(picture: str) -> str:
    found = re.search(r'aria-label="([^"]*)"', picture)
    return found[1] if found else ""


def filled(page: str, results: Results) -> str:
    """Return the page with its written part made anew; raise ``ValueError`` where it has no place for it."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{written(results)}\n\n{END}{after}"


def write(results: Results, folder: Path) -> None:
    """Write the page and its charts."""
    page = folder / "performance.md"
    page.write_text(filled(page.read_text(encoding="utf-8"), results), encoding="utf-8")
    for name, image in images(results).items():
        (folder / "images" / name).write_text(image, encoding="utf-8")
