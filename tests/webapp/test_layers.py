"""The reference of the layers in the browser: an index, a page a layer, any spelling leads to it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from neural.binding.macros import STANDARD_LIBRARY, find_macro, macro_names
from neural.layers.catalogue import LAYERS
from neural.reference.facts import facts
from tests.webapp.page import Element, parse


def page(client: FlaskClient, name: str) -> Element:
    answer = client.get(f"/layers/{name}")
    assert answer.status_code == 200
    return parse(answer.text)


def test_the_index_lists_every_layer_with_its_sentence(client: FlaskClient) -> None:
    index = parse(client.get("/layers").text)
    items = index.one("main").all("li")
    links = [item.one("a").attributes["href"] for item in items]
    assert sorted(str(link) for link in links) == sorted(f"/layers/{name}" for name in (*LAYERS, *macro_names()))
    assert all(item.one("span").words() for item in items)
    families = {section.one("h2").attributes["id"] for section in index.all("section")}
    assert {link.attributes["href"] for link in index.one("nav", class_="families").all("a")} == {
        f"#{family}" for family in families
    }
    assert index.all("meta", name="robots") == []


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_has_a_page_with_its_facts(client: FlaskClient, name: str) -> None:
    layer, found = facts(name), page(client, name)
    assert found.one("h1").text == name
    words = found.one("main").words()
    assert layer.shape in words
    assert [cell.words() for cell in found.all("th", scope="row")] == [
        *(each.name for each in layer.arguments),
        *(each.name for each in layer.weights),
    ]
    for form in layer.forms:
        assert " ".join((form.code or form.problem or "It has no line of its own.").split()) in words
    assert found.one("a", rel="noreferrer").attributes["href"] == layer.source


def test_a_page_holds_the_example_s_numbers(client: FlaskClient) -> None:
    row = page(client, "Conv2D").one("dl", class_="row")
    cells = {each.one("dt").text: each.one("dd").words() for each in row.all("div")}
    assert cells == {
        "Reads": "(None, 28, 28, 1)",
        "Output shape": "(None, 26, 26, 32)",
        "Parameters": "320",
        "FLOPs": "389,376",
        "Other operations": "21,632",
    }
    lstm = page(client, "LSTM").one("dl", class_="row").words()
    assert "24,832 (in PyTorch 25,088)" in lstm


def test_the_example_opens_in_the_playground(client: FlaskClient) -> None:
    links = [link for link in page(client, "Dense").all("a") if link.text == "Open in the playground"]
    (address,) = (str(link.attributes["href"]) for link in links)
    assert address.startswith("/?z=1.")
    opened = parse(client.get(address).text)
    assert opened.one("textarea").text.strip() == facts("Dense").program.strip()


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("conv2d", "Conv2D"), ("linear", "Dense"), ("BatchNorm2d", "BatchNormalization"), ("mbconv", "MBConv")],
)
def test_other_spellings_lead_to_the_page(client: FlaskClient, spelling: str, name: str) -> None:
    answer = client.get(f"/layers/{spelling}")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/layers/{name}")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Convv2D", "Did you mean Conv2D"),
        ("ResidualBlok", "Did you mean ResidualBlock"),
        ("nothing-like-it", "There is no layer of this name. The page /layers lists them all."),
        ("%3Cscript%3E", "There is no layer of this name."),
        ("x" * 2000, "There is no layer of this name."),
    ],
)
def test_what_is_no_layer_is_not_found_and_the_nearest_are_named(client: FlaskClient, name: str, words: str) -> None:
    answer = client.get(f"/layers/{name}")
    assert answer.status_code == 404
    assert words in parse(answer.text).one("main").words()


@pytest.mark.parametrize("name", macro_names())
def test_every_block_has_a_page_with_its_definition(client: FlaskClient, name: str) -> None:
    found, file = page(client, name), (STANDARD_LIBRARY / f"{name}.neural").read_text(encoding="utf-8")
    assert found.one("h1").text == name
    (definition,) = found.one("main").all("code", data_language="neural")
    assert definition.text.strip() in file
    assert definition.text.startswith(f"define {name}(")
    macro = find_macro(name)
    assert macro
    assert [each.words() for each in found.all("th", scope="row")] == [each.name.text for each in macro.parameters]
    assert str(found.one("a", rel="noreferrer").attributes["href"]) in file


def test_a_block_s_defaults_are_as_written(client: FlaskClient) -> None:
    cells = page(client, "SqueezeExcitation").one("table").one("tbody").all("td")
    assert [cell.words() for cell in cells] == ["16", "max(1, size(input) // ratio)", '"relu"', '"sigmoid"']


def test_types_in_the_table_lead_to_their_page(client: FlaskClient) -> None:
    source = "network N { input: (8,) layers: Linear(4) GateLayer() Output(2) }"
    table = parse(client.post("/analyze", data={"source": source}).text).by_test_id("shape-table")
    cells = table.all("td", data_col="type")
    assert [cell.words() for cell in cells] == ["Dense", "GateLayer", "Output"]
    assert [[str(link.attributes["href"]) for link in cell.all("a")] for cell in cells] == [
        ["/layers/Dense"],
        [],
        ["/layers/Output"],
    ]
