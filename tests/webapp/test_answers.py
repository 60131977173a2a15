"""An answer holds what differs from what the page holds, and makes of it what a whole answer would."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.webapp.page import Element, parse
from webapp import Config, create_app, held

HTMX = {"HX-Request": "true"}
CHAIN = "network N {{\n    input: (8)\n    layers:\n{}}}\n"
ALWAYS = ["#problem", "#totals", "#data", "#status"]


def chain(*units: object) -> str:
    return CHAIN.format("".join(f"        Dense({each})\n" for each in units))


@dataclass
class HeldPage:
    """A page as its scripts keep it: what each answer brings is put into what is here."""

    client: FlaskClient
    token: str = ""
    targets: list[str] = field(default_factory=list)
    inputs: list[Element] = field(default_factory=list)
    rows: dict[str, Element] = field(default_factory=dict)
    parts: dict[str, Element] = field(default_factory=dict)
    ghosts: dict[str, str] = field(default_factory=dict)
    diagnostics: list[Any] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)

    def ask(self, source: str, **form: str) -> None:
        sent = {"source": source, "base": self.token, **form}
        answer = self.client.post("/analyze", data=sent, headers=HTMX)
        assert answer.status_code == 200
        root = parse(answer.text)
        self.data = json.loads(root.one("script", id="analysis-data").text)
        assert answer.headers["Changes-To"] == self.data["base"]
        assert self.data["base"] in ("", self.token), "changes to a page that was not named"
        self.targets = []
        for partial in root.all("hx-partial"):
            name = partial.attributes.get("hx-target") or f"#{partial.attributes['id']}"
            self.targets.append(str(name))
            self._take(str(name), partial)
        for index, length, percent in self.data["shares"]:
            cell = list(self.rows.values())[index].children[-1]
            cell.one("rect").attributes["width"] = length
            cell.text = f" {percent}"
        if not self.data["base"]:
            self.ghosts.clear()
        for line, words in self.data["ghosts"].items():
            if words is None:
                del self.ghosts[line]
            else:
                self.ghosts[line] = words
        if self.data["diagnostics"] is not None:
            self.diagnostics = self.data["diagnostics"]
        self.token = self.data["token"]

    def _take(self, name: str, partial: Element) -> None:
        if name == "#table":
            rows = [row for body in partial.all("tbody") for row in body.children]
            self.inputs = [row for row in rows if row.attributes.get("class") == "input"]
            self.rows = {str(row.attributes["id"]): row for row in rows if row not in self.inputs}
            for body in partial.all("tbody"):
                body.children = []
        if name.removeprefix("#") in self.rows:
            (self.rows[name.removeprefix("#")],) = partial.children
        elif name not in ("#data", "#totals"):  # which say how long it took
            self.parts[name] = partial

    def seen(self) -> dict[str, Any]:
        """Return everything that the page shows."""
        return {
            "rows": list(self.rows.items()),
            "inputs": self.inputs,
            "parts": self.parts,
            "ghosts": self.ghosts,
            "diagnostics": self.diagnostics,
        }


@pytest.fixture
def page(client: FlaskClient) -> HeldPage:
    return HeldPage(client)


def test_an_edit_of_one_layer_sends_its_row_and_the_next(page: HeldPage) -> None:
    page.ask(chain(16, 16, 16, 16, 16))
    page.ask(chain(16, 16, 17, 16, 16))
    assert page.targets == ["#problem", "#row-dense_2", "#row-dense_3", "#totals", "#data", "#status"]
    assert page.data["rows"] == [2, 3]
    assert [index for index, *_ in page.data["shares"]] == [0, 1, 4]
    assert sorted(page.ghosts) == ["4", "5", "6", "7", "8"]
    assert page.data["diagnostics"] is None


#: What an edit of ``chain(16, 16, 16)`` sends beside what every answer holds, and the numbers of its rows.
EDITS = {
    "nothing": (chain(16, 16, 16), [], []),
    "a comment": (chain(16, 16, 16) + "# words", [], []),
    "an argument": (chain(16, "16, use_bias=False", 16), ["#row-dense_1"], [1]),
    "the last layer": (chain(16, 16, 4), ["#row-dense_2"], [2]),
    "a layer more": (chain(16, 16, 16, 16), ["#table"], None),
    "a layer less": (chain(16, 16), ["#table"], None),
    "a blank line before all": ("\n" + chain(16, 16, 16), ["#table"], None),
    "a name": (chain(16, '16, name="b"', 16), ["#table"], None),
    "a mistake": (
        chain(16, "16, bias=1", 16),
        ["#diagnostics", "#row-dense_1", "#row-dense_2", "#downloads"],
        [1, 2],
    ),
    "a note": (chain(16, 16, 16) + "research R { metrics { a: 1 } }", ["#notes"], []),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_an_edit_sends(page: HeldPage, name: str) -> None:
    source, targets, rows = EDITS[name]
    page.ask(chain(16, 16, 16))
    page.ask(source)
    assert page.targets == [ALWAYS[0], *targets, *ALWAYS[1:]]
    assert page.data["rows"] == rows


def test_a_head_is_sent_with_its_layer(page: HeldPage) -> None:
    macros = "define A(n) { Dense(n) Dense(2) } define B(n) { Dense(n) Dense(2) } "
    source = macros + "network N { input: (4) layers: A(3) B(3) }"
    page.ask(source)
    page.ask(source.replace("B(3)", "B(5)"))
    assert page.targets[1:4] == ["#group-B_1~1", "#row-dense_2", "#row-dense_3"]


def test_a_page_that_is_not_known_is_sent_everything(client: FlaskClient) -> None:
    page = HeldPage(client)
    page.ask(chain(16, 16))
    client.post("/analyze", data={"source": chain(16, 17), "base": "A" * 20}, headers=HTMX)
    held._held.clear()
    page.ask(chain(16, 18))
    assert page.data["base"] == ""
    assert page.targets == [
        "#problem", "#diagnostics", "#table", "#notes", "#downloads", "#totals", "#data", "#status",
    ]  # fmt: skip


def test_a_setting_of_all_layers_sends_the_table(page: HeldPage) -> None:
    page.ask(chain(16, 16))
    page.ask(chain(16, 16), batch="4")
    assert "#table" in page.targets
    assert page.parts["#status"].one("p")


def panel_targets(page: HeldPage) -> set[str]:
    return {*page.targets} & {"#figure", "#diagram", "#code-pytorch", "#code-tensorflow", "#differences", "#search"}


PANELS = {
    "table": set(),
    "charts": {"#figure"},
    "diagram": {"#diagram"},
    "code": {"#code-pytorch", "#code-tensorflow", "#differences"},
    "search": {"#search"},
}


@pytest.mark.parametrize("shown", PANELS)
def test_only_the_tab_that_is_shown_is_sent_and_only_where_it_differs(page: HeldPage, shown: str) -> None:
    page.ask(chain(16, 16), shown=shown)
    assert panel_targets(page) == PANELS[shown]
    assert page.data["panel"] == ("" if shown == "table" else shown)
    page.ask(chain(16, 16), shown=shown, panel=page.token)
    assert panel_targets(page) == set()
    assert page.data["panel"] == shown


@pytest.mark.parametrize("shown", ["charts", "diagram", "code", "search"])
def test_a_tab_that_is_opened_is_brought(client: FlaskClient, shown: str) -> None:
    answer = client.post(f"/panels/{shown}", data={"source": chain(16, 16)})
    targets = {str(each.attributes["hx-target"]) for each in parse(answer.text).all("hx-partial")}
    assert targets - {"#downloads"} == PANELS[shown]
    broken = client.post(f"/panels/{shown}", data={"source": chain("x")}, headers=HTMX)
    assert broken.status_code == (200 if shown == "search" else 422)


def test_charts_are_sent_as_the_bars_that_differ(page: HeldPage) -> None:
    page.ask(chain(16, 16, 16, 16), shown="charts")
    token = page.token
    whole = figure(page)
    page.ask(chain(16, 17, 16, 16), shown="charts", panel=token)
    changes = figure(page)
    assert changes["base"] == token
    assert list(changes["bars"]) == ["1", "2"]
    for index, (heights, words) in changes["bars"].items():
        for trace, height in zip(whole["data"], heights, strict=True):
            trace["y"][int(index)], trace["hovertext"][int(index)] = height, words
    page.ask(chain(16, 17, 16, 16), shown="charts")
    assert figure(page) == {"data": whole["data"], "layout": changes["layout"]}
    page.ask(chain(16, 17, 16), shown="charts", panel=page.token)
    assert len(figure(page)["data"][0]["x"]) == 3


def figure(page: HeldPage) -> Any:
    return json.loads(page.parts["#figure"].one("script").text)


LINES = ("Dense(4)", "Dense(5)", "Dense(64)", "Dropout(0.5)", "Block(3)", "Block(4) * 3", 'Dense(4, name="x")',
         "# words", "", "Dnse(3)", "Dense(HPO(choice(2, 3)))", "Dense(4", "out = Dense(2)")  # fmt: skip
BLOCK = "define Block(n) { Residual() { Dense(n) Dense(5) } }\n"
EDIT = st.tuples(st.sampled_from(["put", "add", "drop"]), st.integers(0, 12), st.sampled_from(LINES))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(LINES), max_size=12), st.lists(EDIT, min_size=1, max_size=6), st.sampled_from("14"))
def test_changes_make_what_a_whole_answer_makes(
    client: FlaskClient, lines: list[str], edits: list[tuple[str, int, str]], batch: str
) -> None:
    page = HeldPage(client)
    for kind, place, line in (("put", 0, ""), *edits):
        if kind == "add":
            lines.insert(place, line)
        elif place < len(lines):
            lines[place : place + 1] = [line] if kind == "put" else []
        source = BLOCK + CHAIN.format("".join(f"        {each}\n" for each in lines))
        form = {"batch": batch if len(edits) > 3 else "1", "device": "a100" if kind == "drop" else ""}
        page.ask(source, **form)
        fresh = HeldPage(client)
        fresh.ask(source, **form)
        fresh.parts = {**page.parts, **fresh.parts}
        assert page.seen() == fresh.seen()


def test_a_thousand_layers_cost_few_bytes(tmp_path: Path) -> None:
    app = create_app(Config(database_url=f"sqlite:///{tmp_path / 'models.db'}"))
    client, headers = app.test_client(), {**HTMX, "Accept-Encoding": "gzip"}
    units = [16 + n % 7 for n in range(1000)]
    first = client.post("/analyze", data={"source": chain(*units)}, headers=HTMX)
    token = re.search('"token":"([^"]+)"', first.text)
    assert token
    units[500] = 99
    answer = client.post("/analyze", data={"source": chain(*units), "base": token[1]}, headers=headers)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) < 10_000
    app.extensions["storage"].close()
