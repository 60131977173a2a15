"""Bars, tables and charts say what the figures say, and docs/performance.md what docs/performance.json does."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.performance import docs_page
from tests.performance.bars import BARS, Bar, bar_rows, missed
from tests.performance.charts import Bars, Scale, bars_chart, growth_chart, spread
from tests.performance.figures import Figure, Results
from tests.performance.growth import Line
from tests.performance.tables import amount, compared_rows, growth_rows, markdown, peer_rows, stage_rows, text

DOCS = Path(__file__).parents[2] / "docs"
COMMITTED = Results.read(DOCS / "performance.json")


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.0000012, "s", "1.2 µs"),
        (0.0123, "s", "12.3 ms"),
        (0.9994, "s", "999 ms"),
        (1.5, "s", "1.5 s"),
        (1234.5, "s", "1,234 s"),
        (9_876, "B", "9.88 KB"),
        (3.0, "MB", "3 MB"),
        (12.345, "x", "12.3x"),
        (100_000, "", "100,000"),
    ],
)
def test_amounts(value: float, unit: str, shown: str) -> None:
    assert amount(value, unit) == shown


FIGURES = {"new": Figure(0.5, 0.4), "old": Figure(0.25, 0.2), "sent": Figure(8_000, 8_000, 1, "B")}


@pytest.mark.parametrize(
    ("bar", "row"),
    [
        (Bar("most", "new", 1.0), ["most", "500 ms", "", "", "<= 1 s", "ok"]),
        (Bar("most", "new", 0.1), ["most", "500 ms", "", "", "<= 100 ms", "MISSED"]),
        (Bar("ratio", "new", 2, over="old"), ["ratio", "500 ms", "250 ms", "2x", "<= 2x", "ok"]),
        (Bar("ratio", "new", 1.5, over="old"), ["ratio", "500 ms", "250 ms", "2x", "<= 1.5x", "MISSED"]),
        (Bar("least", "new", 3, over="old", at_least=True), ["least", "500 ms", "250 ms", "2x", ">= 3x", "MISSED"]),
        (Bar("bytes", "sent", 10_000), ["bytes", "8 KB", "", "", "<= 10 KB", "ok"]),
        (Bar("none", "absent", 3), ["none", "", "", "", "<= 3", "not measured"]),
        (Bar("none", "new", 3, over="absent"), ["none", "", "", "", "<= 3", "not measured"]),
    ],
)
def test_bars(bar: Bar, row: list[str]) -> None:
    assert bar.row(FIGURES) == row


def test_every_bar_has_a_name_of_its_own() -> None:
    assert len({bar.name for bar in BARS}) == len(BARS)
    assert len(bar_rows({})) == len(BARS) + 1
    assert len(bar_rows({}, everything=False)) == 1
    assert missed({}) == []


@pytest.mark.parametrize("bar", BARS, ids=lambda bar: bar.name)
def test_every_bar_is_of_figures_that_a_run_takes(bar: Bar) -> None:
    if not bar.figure.startswith("browser/"):
        assert {bar.figure, bar.over or bar.figure} <= COMMITTED.figures.keys()


def test_tables_are_in_columns() -> None:
    rows = [["", "a", "b"], ["first", "1 ms", ""], ["second", "10 ms", "x"]]
    assert text(rows).splitlines() == ["            a  b", "first    1 ms", "second  10 ms  x"]
    assert markdown(rows).splitlines()[1:] == ["| --- | --: | --: |", "| first | 1 ms |  |", "| second | 10 ms | x |"]


def test_the_table_of_stages() -> None:
    figures = {"stages/parse, simple/cold": Figure(0.02, 0.02), "stages/parse, simple/warm": Figure(0.01, 0.01)}
    assert stage_rows(figures)[1:] == [["parse, simple", "20 ms", "10 ms", "2x", "< 100 ms"]]


def test_the_table_of_growth() -> None:
    figures = {f"growth/parse/chain/{layers}": Figure(layers / 1e4, 0) for layers in (10, 100, 1000)}
    assert growth_rows(figures)[1:] == [["parse", "chain", "1 ms", "10 ms", "100 ms", "", "10.0x, 10.0x", "1.00"]]


def test_the_table_of_peers() -> None:
    path = "peers/Keras/encoder"
    figures = {
        f"{path}/new source": Figure(0.01, 0),
        f"{path}/edit": Figure(0.002, 0),
        f"{path}/build and summary": Figure(2, 0),
        "peers/Keras/import": Figure(3, 0),
        "peers/neural-dsl/chain/parse": Figure(0.3, 0),
        "peers/neural-dsl/chain/parse here": Figure(0.1, 0),
    }
    assert peer_rows(figures)[1:] == [
        ["encoder", "Keras: build and summary", "2 s", "10 ms", "200x", "2 ms", "1,000x"],
        ["", "Keras: import", "3 s", "", "", "", ""],
        ["chain", "neural-dsl: parse", "300 ms", "100 ms", "3x", "", ""],
    ]


def test_what_two_runs_share_is_compared() -> None:
    before, after = {"a": Figure(2, 1), "b": Figure(1, 1), "z": Figure(0, 0)}, {"a": Figure(1, 1), "z": Figure(0, 0)}
    assert compared_rows(before, after, ("A", "B")) == [
        ["", "A", "B", "ratio"],
        ["a", "2 s", "1 s", "0.50x"],
        ["z", "0 µs", "0 µs", ""],
    ]


@pytest.mark.parametrize(
    ("places", "found"),
    [
        ([10, 100, 200], [10, 100, 200]),
        ([100, 10], [100, 10]),
        ([50, 50], [45, 55]),
        ([50, 52, 54], [42, 52, 62]),
        ([50, 50, 60], [42 + 4 / 3, 52 + 4 / 3, 62 + 4 / 3]),
    ],
)
def test_labels_are_spread(places: list[float], found: list[float]) -> None:
    assert spread(places, gap=10) == pytest.approx(found)


def test_a_scale_is_logarithmic() -> None:
    scale = Scale.of([0.002, 0.5], 100, 400)
    assert scale.ticks() == pytest.approx([0.001, 0.01, 0.1, 1])
    assert [scale.at(tick) for tick in scale.ticks()] == pytest.approx([100, 200, 300, 400])


LINES = [
    Line("Lark alone", "chain", ((10, 0.001), (1000, 0.1))),
    Line("parse < & >", "chain", ((10, 0.002), (1000, 0.101))),
]
GROUPS = [Bars("ResNet50", (("theirs", 1.0, False), ("ours", 0.01, True)))]


@pytest.mark.parametrize("picture", [growth_chart("A & B", LINES), bars_chart("A & B", GROUPS)], ids=["lines", "bars"])
def test_pictures_are_well_formed_and_run_nothing(picture: str) -> None:
    root = ElementTree.fromstring(picture)
    assert root.attrib["aria-label"] == "A & B"
    assert {each.tag.split("}")[1] for each in root.iter()} <= {"svg", "style", "rect", "text", "path", "circle"}
    assert "prefers-color-scheme: dark" in picture


def test_what_is_longer_is_drawn_longer() -> None:
    theirs, ours = (
        float(each.attrib["width"])
        for each in ElementTree.fromstring(bars_chart("", GROUPS)).iter()
        if each.attrib.get("class") in ("aside", "c0")
    )
    assert theirs == pytest.approx(420)
    assert ours == pytest.approx(0, abs=0.1)


def test_the_page_says_what_the_figures_say() -> None:
    page = (DOCS / "performance.md").read_text(encoding="utf-8")
    assert page == docs_page.filled(page, COMMITTED)


@pytest.mark.parametrize("name", docs_page.images(COMMITTED))
def test_the_charts_show_what_the_figures_say(name: str) -> None:
    assert (DOCS / "images" / name).read_text(encoding="utf-8") == docs_page.images(COMMITTED)[name]


def test_every_chart_is_drawn() -> None:
    assert set(docs_page.images(COMMITTED)) == {f"performance-{name}.svg" for name in ("growth", "edits", "peers")}


def test_a_page_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="written by"):
        docs_page.filled("nothing", COMMITTED)
