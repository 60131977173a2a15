"""The list of where the frameworks differ: by topic, equal notes once with all their layers."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.webapp.page import Element, parse

HTMX = {"HX-Request": "true"}
SOURCE = """network N {
    input: (16, 16, 3)
    layers:
        Conv2D(8, 3, strides=2, padding="same")
        BatchNormalization()
        Conv2D(8, 3)
        BatchNormalization()
        BatchNormalization(momentum=0.9)
        Flatten()
        Dense(2)
}
"""


def listed(client: FlaskClient, source: str) -> Element:
    """Return the list as a partial brings it."""
    page = parse(client.post("/analyze", data={"source": source, "shown": "code"}, headers=HTMX).text)
    return next(each for each in page.all("hx-partial") if each.attributes["hx-target"] == "#differences")


def test_notes_are_listed_by_topic_with_their_layers(client: FlaskClient) -> None:
    found = listed(client, SOURCE)
    topics = {item.one("h3").text: item.all("p") for item in found.all("li")}
    assert list(topics) == ["Axis order", "Padding", "Moving statistics", "Epsilon", "Order of elements"]
    assert found.one("summary").words() == "Where PyTorch and Keras differ 5 topics"
    keys = {name: [note.attributes["data-keys"] for note in notes] for name, notes in topics.items()}
    assert keys["Padding"] == ["conv2d"]
    assert keys["Moving statistics"] == ["batch_normalization batch_normalization_1", "batch_normalization_2"]
    assert keys["Epsilon"] == ["batch_normalization batch_normalization_1 batch_normalization_2"]
    assert [note.one("button").text for note in topics["Moving statistics"]] == ["2 layers", "batch_normalization_2"]
    assert str(topics["Padding"][0].attributes["data-note"]).startswith("Padding: Keras pads 0 before and 1 after")


def test_the_first_page_has_the_list(client: FlaskClient) -> None:
    found = parse(client.get("/").text).by_test_id("differences")
    assert [item.one("h3").text for item in found.all("li")] == ["Axis order", "Order of elements"]


def test_where_nothing_differs_the_list_is_empty(client: FlaskClient) -> None:
    assert listed(client, "network N { input: (4) layers: Dense(2) }").all("li") == []


@pytest.mark.parametrize("broken", [SOURCE.replace("Flatten", "Flaten"), "network"])
def test_errors_leave_the_list_as_it_was(client: FlaskClient, broken: str) -> None:
    page = parse(client.post("/analyze", data={"source": broken, "shown": "code"}, headers=HTMX).text)
    assert "#differences" not in {each.attributes["hx-target"] for each in page.all("hx-partial")}


def test_layers_that_are_not_drawn_are_not_listed(client: FlaskClient) -> None:
    found = listed(client, "network N { input: (4) layers: LayerNormalization() * 1200 }")
    assert found.one("button").text == "1,000 layers"
