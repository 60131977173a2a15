"""Search values, research notes, several outputs, repeats and formatting, as the page shows them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.webapp.page import Element, parse

SEARCH = """network S {
    input: (8)
    layers:
        Dense(HPO(choice(32, 64, 128)), "relu")
        Dropout(HPO(range(0.3, 0.7, step=0.1)))
        Dense(1)
    %s
}
research Paper { metrics { accuracy: 0.9 } references { paper: "Some words" } }
"""
TOWERS = """network T {
    input: { left: (4,), right: (6,) }
    layers:
        a = Dense(8)(left)
        b = Dense(8)(right)
        both = Add()(a, b)
        kind = Dense(3)(both)
        score = Dense(1)(both)
    output: kind, score
}
"""


def answered(client: FlaskClient, source: str) -> Element:
    return parse(
        client.post("/analyze", data={"source": source, "shown": "search"}, headers={"HX-Request": "true"}).text
    )


def heads(page: Element) -> list[str]:
    return [row.one("button").words() for row in page.all("tr") if "data-group" in row.attributes]


def test_search_values_are_listed_with_the_size_of_the_space(client: FlaskClient) -> None:
    page = answered(client, SEARCH % "")
    space = page.by_test_id("search-space")
    assert "2 values to search, 15 points in all." in space.words()
    rows = [row for row in space.all("tr") if "data-line" in row.attributes]
    places = [(row.attributes["data-line"], row.attributes["data-column"]) for row in rows]
    assert places == [("4", "15"), ("5", "17")]
    assert 'Dense(HPO(choice(32, 64, 128)), "relu")' in rows[0].words()
    assert [each.text for each in rows[0].all("code", class_="choice")] == ["32", "64", "128"]
    assert "0.3 to 0.7 in steps of 0.1" in rows[1].words()
    assert "2 values are to be searched" in page.one("caption").words()


def test_a_range_without_steps_cannot_be_counted(client: FlaskClient) -> None:
    page = answered(client, SEARCH % "optimizer: Adam(learning_rate=HPO(log_range(1e-4, 1e-2)))")
    words = page.by_test_id("search-space").words()
    assert "3 values to search; a range among them has no steps" in words
    assert "0.0001 to 0.01 logarithmic range any" in words


def test_a_huge_search_space_is_said_and_cut(client: FlaskClient) -> None:
    layers = "Dense(HPO(choice(2, 4, 6, 8, 10, 12, 14, 16)))\n" * 300
    words = answered(client, f"network S {{ input: (8) layers:\n{layers} }}").by_test_id("search-space").words()
    assert "300 values to search, about 10^270 points in all." in words
    assert "and 100 more" in words


def test_a_program_without_search_values_says_how_they_are_written(client: FlaskClient, mnist: str) -> None:
    assert "has no values to search" in answered(client, mnist).by_test_id("search-space").words()


def test_research_notes_stand_beside_the_model(client: FlaskClient, mnist: str) -> None:
    notes = answered(client, SEARCH % "").one(id="notes")
    assert notes.words() == "Paper research notes metrics accuracy 0.9 references paper Some words"
    assert answered(client, mnist).one(id="notes").words() == ""


def test_inputs_and_outputs_are_marked(client: FlaskClient, mnist: str) -> None:
    page = answered(client, TOWERS)
    assert [row.attributes["data-input"] for row in page.all("tr", class_="input")] == ["left", "right"]
    marked = [row.attributes["data-key"] for row in page.all("tr") if "data-output" in row.attributes]
    assert marked == ["kind", "score"]
    assert page.one("tr", data_key="kind").one("span", class_="tag").text == "output"
    assert not [row for row in answered(client, mnist).all("tr") if "data-output" in row.attributes]


def test_equal_groups_in_a_row_share_a_head(client: FlaskClient) -> None:
    source = "define B(n) { Residual() { Dense(n) } } network N { input: (4) layers: B(4) * 5 Dense(8) B(8) * 2 }"
    page = answered(client, source)
    names = heads(page)
    assert names[:3] == ["B × 5 10 layers", "B_1 2 layers", "Residual_1 2 layers"]
    assert names[-4:] == ["B_6 2 layers", "Residual_6 2 layers", "B_7 2 layers", "Residual_7 2 layers"]
    every = next(row for row in page.all("tr") if row.attributes.get("data-group") == "B_1*~1")
    assert every.all("td", class_="number")[0].text == str(5 * (4 * 4 + 4))
    within = [page.one("tr", data_key="dense").attributes["data-within"]]
    while within[-1]:
        within.append(page.one("tr", data_group=str(within[-1])).attributes["data-within"])
    assert within == ["B_1/Residual_1~1", "B_1~1", "B_1*~1", ""]


def test_different_groups_do_not(client: FlaskClient) -> None:
    source = "define B(n) { Dense(n) Dense(n) } network N { input: (4) layers: B(4) B(5) B(6) B(7) }"
    assert heads(answered(client, source)) == [f"B_{n} 2 layers" for n in (1, 2, 3, 4)]


def test_groups_nested_deeply_are_parted_to_a_bound(client: FlaskClient) -> None:
    nested = "Residual() { " * 30 + "Dense(2)" + " }" * 30
    page = answered(client, f"network N {{ input: (2) layers: {nested} }}")
    assert len(heads(page)) == 8
    assert len([row for row in page.all("tr") if "data-key" in row.attributes]) == 31


def test_heads_count_what_is_not_drawn(client: FlaskClient) -> None:
    source = "define B(n) { Residual() { Dense(n) } } network N { input: (2) layers: B(2) * 900 }"
    page = answered(client, source)
    assert heads(page)[0] == "B × 900 1,800 layers"
    assert len([row for row in page.all("tr") if "data-key" in row.attributes]) == 1000
    assert "800 more count" in page.one(id="table").words()


def test_many_choices_and_notes_are_cut(client: FlaskClient) -> None:
    choices = ", ".join(map(str, range(1, 101)))
    notes = "research R { metrics { a: 1 } }\n" * 60
    page = answered(client, f"network N {{ input: (2) layers: Dense(HPO(choice({choices}))) }}\n{notes}")
    assert len(page.by_test_id("search-space").all("code", class_="choice")) == 50
    assert "and 50 more" in page.by_test_id("search-space").words()
    assert "and 10 more" in page.one(id="notes").words()


def test_the_words_after_a_line_count_layers_that_are_not_drawn(client: FlaskClient) -> None:
    page = answered(client, "network H { input: (2) layers: Dense(2) * 1500 }")
    assert "1,500 times" in page.one("script").text


def test_the_form_formats_without_scripts(client: FlaskClient) -> None:
    answer = client.post("/format", data={"source": "network A { input: (2) layers: Dense(3) }", "batch": "4"})
    page = parse(answer.text)
    assert page.one("textarea").text.strip() == "network A {\n    input: (2)\n    layers:\n        Dense(3)\n}"
    assert page.by_test_id("batch").attributes["value"] == "4"


@pytest.mark.parametrize("source", ["network A { input: (2", "network A { input: (2) layers: Dense(3 }"])
def test_a_program_with_syntax_errors_stays_as_it_is(client: FlaskClient, source: str) -> None:
    page = parse(client.post("/format", data={"source": source}).text)
    assert page.one("textarea").text.strip() == source
    assert page.by_test_id("diagnostics").all("li")


def test_a_hundred_problems_are_listed_and_the_rest_counted(client: FlaskClient) -> None:
    layers = "".join(f"Dnse{n}({n})\n" for n in range(150))
    page = answered(client, f"network E {{ input: (4) layers:\n{layers} }}")
    assert 1 <= len(page.by_test_id("diagnostics").all("li")) <= 100
    assert "while these errors stand" in page.one(id="table").words()
