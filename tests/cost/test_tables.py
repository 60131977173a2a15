"""A report as text: the table for a terminal, Markdown, LaTeX, HTML for notebooks, and groups folded in all of them."""

from __future__ import annotations

import io
from dataclasses import replace
from html.parser import HTMLParser

import pytest

import neural
from neural.cost.folding import fold
from neural.cost.html import as_html
from neural.cost.markup import as_latex, as_markdown, latex, markdown
from neural.cost.report import Report
from neural.cost.tables import as_table, duration, fit
from tests.cost.reports import RESNET50

SOURCE = "network Net { input: (8,)  layers: Dense(4) Dense(2, name='head') }"
GROUPS = """
define Block(n) { Dense(n) ReLU() }
define Outer(n) { Block(n) Dense(n) }
network Net { input: (4)  layers: Block(2) Outer(3) Dense(1) }
"""
HOSTILE = "x</td><script>alert(1)</script>|&_{}$#%^~\\\"'\n`é"


def hostile() -> Report:
    """Return a report with a name that every format must escape."""
    found = neural.analyze(SOURCE)
    return replace(found, network=HOSTILE, layers=(replace(found.layers[0], name=HOSTILE, group=(HOSTILE,)),))


def test_a_report_prints_as_a_table() -> None:
    text = str(neural.analyze(SOURCE))
    assert text.splitlines() == [
        "Net",
        "┏━━━━━━━┳━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━━━━┳━━━━━━━┓",
        "┃ Layer ┃ Type  ┃ Output shape ┃ Parameters ┃ FLOPs ┃ Weights ┃ Activations ┃ Share ┃",
        "┡━━━━━━━╇━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━━━━╇━━━━━━━┩",
        "│ dense │ Dense │ (None, 4)    │         36 │    64 │   144 B │        16 B │ 80.0% │",
        "│ head  │ Dense │ (None, 2)    │         10 │    16 │    40 B │         8 B │ 20.0% │",
        "└───────┴───────┴──────────────┴────────────┴───────┴─────────┴─────────────┴───────┘",
        "Parameters:             46 (46 trainable, 0 not)",
        "FLOPs:                  80 (1 MAC = 2 FLOPs, batch 1, float32)",
        "Weights:                184 B",
        "Activations:            24 B",
        "Training, Adam:         768 B",
    ]


@pytest.mark.parametrize("source", [SOURCE, GROUPS, RESNET50], ids=["two", "groups", "resnet"])
def test_the_table_is_the_one_that_rich_draws(source: str) -> None:
    from rich.console import Console
    from rich.table import Table

    found = neural.analyze(source)
    lines = str(found).splitlines()
    table = Table(title=found.network, title_justify="left")
    for number, heading in enumerate(cell.strip() for cell in lines[2].strip("┃").split("┃")):
        table.add_column(heading, justify="right" if number > 2 else "left")
    body = [line for line in lines if line.startswith("│")]
    for line in body:
        table.add_row(*(cell[1:-1].rstrip() for cell in line[1:-1].split("│")))
    drawn = io.StringIO()
    Console(file=drawn, width=10_000).print(table)
    assert [line.rstrip() for line in drawn.getvalue().splitlines()] == lines[: len(body) + 5]


def test_on_a_terminal_it_is_in_colour_and_as_wide_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = as_table(neural.analyze(GROUPS))
    assert "\x1b[1m" in text
    assert "Block_1" in text


def test_what_a_terminal_could_take_for_a_command_is_escaped() -> None:
    text = as_table(replace(hostile(), network="\x1b]0;owned\x07"))
    assert "\x1b" not in text
    assert "\\x1b]0;owned\\x07" in text


@pytest.mark.parametrize(
    ("depth", "rows"),
    [
        (1, [("Block_1", "Block", 10, 16), ("Outer_1", "Outer", 9 + 12, 12 + 18), ("dense_3", "Dense", 4, 6)]),
        (2, [("dense", "Dense", 10, 16), ("re_lu", "ReLU", 0, 0), ("Block_2", "Block", 9, 12),
             ("dense_2", "Dense", 12, 18), ("dense_3", "Dense", 4, 6)]),
    ],
)  # fmt: skip
def test_folding(depth: int, rows: list[tuple[str, str, int, int]]) -> None:
    found = neural.analyze(GROUPS)
    folded = fold(found, depth)
    names = [(each.name, each.type, each.parameters, each.flops) for each in folded.layers]
    assert names == rows
    assert folded.totals == found.totals
    assert sum(folded.shares()) == pytest.approx(1)


def test_a_folded_row_reads_what_its_layers_read_outside() -> None:
    first, outer, last = fold(neural.analyze(GROUPS), 1).layers
    assert (first.inputs, first.input_shapes, first.output_shape) == (("input",), ((None, 4),), (None, 2))
    assert (outer.key, outer.inputs, outer.line) == ("Outer_1", ("Block_1",), 2)
    assert (last.key, last.inputs) == ("dense_3", ("Outer_1",))


def test_folding_a_group_with_an_error() -> None:
    found = fold(neural.analyze("define B() { Conv2D(4, 9) }\nnetwork N { input: (4, 4, 1)  layers: B() }"), 1)
    assert [(each.name, each.status, each.parameters) for each in found.layers] == [("B_1", "error", None)]


def test_folding_resnet_keeps_every_sum() -> None:
    found = neural.analyze(RESNET50, device="H100")
    for depth in (1, 2, 3):
        folded = fold(found, depth)
        assert sum(each.parameters or 0 for each in folded.layers) == found.totals.parameters
        assert sum(each.time or 0 for each in folded.layers) == pytest.approx(found.totals.time)


def test_markdown() -> None:
    assert as_markdown(neural.analyze(SOURCE)).splitlines() == [
        "| Layer | Type | Output shape | Parameters | FLOPs | Weights | Activations | Share |",
        "|---|---|---|--:|--:|--:|--:|--:|",
        "| dense | Dense | (None, 4) | 36 | 64 | 144 B | 16 B | 80.0% |",
        "| head | Dense | (None, 2) | 10 | 16 | 40 B | 8 B | 20.0% |",
        "",
        "- Parameters: 46 (46 trainable, 0 not)",
        "- FLOPs: 80 (1 MAC = 2 FLOPs, batch 1, float32)",
        "- Weights: 184 B",
        "- Activations: 24 B",
        "- Training, Adam: 768 B",
    ]


def test_latex() -> None:
    heads = (
        "Layer & Type & Output shape & Parameters & FLOPs & Weights & Activations & Share & Time at least & Bound by"
    )
    assert as_latex(neural.analyze(SOURCE, device="T4")).splitlines() == [
        r"% needs \usepackage{booktabs,textcomp}",
        r"\begin{table}",
        r"\centering",
        r"\caption{Net (1 MAC = 2 FLOPs, batch 1, float32).}",
        r"\begin{tabular}{lllrrrrrrl}",
        r"\toprule",
        rf"{heads} \\",
        r"\midrule",
        r"dense & Dense & (None, 4) & 36 & 64 & 144 B & 16 B & 80.0\% & 0.6 ns & memory \\",
        r"head & Dense & (None, 2) & 10 & 16 & 40 B & 8 B & 20.0\% & 0.2 ns & memory \\",
        r"\midrule",
        r"Total &  &  & 46 & 80 & 184 B & 24 B &  & 0.8 ns &  \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]


@pytest.mark.parametrize(
    ("text", "in_latex", "in_markdown"),
    [
        ("conv_1", r"conv\_1", "conv_1"),
        ("__init__", r"\_\_init\_\_", r"\_\_init\_\_"),
        ("50% & more", r"50\% \& more", "50% &amp; more"),
        (r"\input{x}", r"\textbackslash{}input\{x\}", r"\\input{x}"),
        ("$x^2$ ~ #", r"\$x\textasciicircum{}2\$ \textasciitilde{} \#", r"$x^2$ \~ #"),
        ("<b>|", r"\textless{}b\textgreater{}\textbar{}", r"&lt;b&gt;\|"),
        ("[a](b) *c* `d`", r"[a](b) *c* \textasciigrave{}d\textasciigrave{}", r"\[a\](b) \*c\* \`d\`"),
        ("a\nb", r"a\textbackslash{}nb", r"a\\nb"),
        ("3 µs", r"3 \textmu{}s", "3 µs"),
    ],
)
def test_text_is_escaped(text: str, in_latex: str, in_markdown: str) -> None:
    assert (latex(text), markdown(text)) == (in_latex, in_markdown)


def test_a_hostile_name_stays_in_its_cell() -> None:
    rows = [line for line in as_latex(hostile()).splitlines() if "Dense" in line]
    assert len(rows) == 1
    assert rows[0].count(" & ") == 7
    rows = [line for line in as_markdown(hostile()).splitlines() if "Dense" in line]
    assert len(rows) == 1
    assert rows[0].replace("\\|", "").count("|") == 9
    assert "<script" not in rows[0]


class Reader(HTMLParser):
    """Collects the elements of a page, and checks that each one is closed."""

    VOID = frozenset({"col", "rect", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_report_shows_as_html() -> None:
    page = Reader(html := as_html(neural.analyze(GROUPS)))
    assert page.seen.count("details") == page.seen.count("summary") == 3
    assert page.seen.count("svg") == 1
    assert page.seen.count("rect") == 3
    assert "<summary>Outer_1: 3 layers, (None, 3), 21 parameters, 30 FLOPs, 57.7%</summary>" in html
    assert "<td>dense_3</td><td>Dense</td><td>(None, 1)</td><td>4</td>" in html
    assert not {"script", "style", "link", "img", "iframe"} & set(page.seen)
    assert not {"href", "src", "onclick"} & page.attributes


@pytest.mark.parametrize("report", [neural.analyze("network Net { input: (8,)  layers: Dense('<b>') }"), hostile()])
def test_html_escapes_everything(report: Report) -> None:
    html = report._repr_html_()
    page = Reader(html)
    assert not {"script", "b"} & set(page.seen)
    assert "&lt;" in html


def test_html_of_a_large_network_stops() -> None:
    source = "network N { input: (4)  layers: Dense(4) * 1500 }"
    html = as_html(neural.analyze(source))
    assert "<p>and 500 more layers</p>" in html
    assert html.count("<rect") == 40


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "?"), (0.0, "0 ns"), (2.5e-10, "0.25 ns"), (1.234e-5, "12.3 µs"), (0.0456, "45.6 ms"), (1.5, "1.5 s"),
     (1234.5, "1,234 s")],
)  # fmt: skip
def test_duration(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("batch", "text"),
    [(1, "fits: needs 0.5 GB of 16 GB"), (1024, "does not fit: needs 88.3 GB of 16 GB")],
)
def test_fit(batch: int, text: str) -> None:
    assert fit(neural.analyze(RESNET50, device="T4", batch=batch)) == text
