"""Where numbers come from, on the page, and the least times on a device."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.webapp.page import Element, parse

CONVOLUTION = "batch x 2 x output elements x kernel positions x (input channels / groups)"
HTMX = {"HX-Request": "true"}
SOURCE = "network N {\n  input: (28, 28, 1)\n  layers:\n    Conv2D(32, 3)\n    Flatten()\n    Dense(10)\n}\n"


def opened(client: FlaskClient, number: str, source: str = SOURCE, **settings: str) -> Element:
    answer = client.post("/explain", data={"source": source, "number": number, **settings}, headers=HTMX)
    assert answer.status_code == 200
    return parse(answer.text)


@pytest.mark.parametrize(
    ("number", "title", "steps"),
    [
        (
            "flops:conv2d",
            "FLOPs of conv2d",
            f"{CONVOLUTION} = 1 x 2 x 21,632 x 9 x (1 / 1) = 389,376 FLOPs",
        ),
        ("parameters:conv2d", "Parameters of conv2d", "kernel + bias = 3 x 3 x 1 x 32 + 32 = 320 parameters"),
        ("flops:flatten", "FLOPs of flatten", "0 = 0 FLOPs"),
        ("parameters:", "Parameters, in all", "Conv2D + Dense = 320 + 216,330 = 216,650 parameters"),
    ],
)
def test_a_number_opens_its_formula_with_the_values(client: FlaskClient, number: str, title: str, steps: str) -> None:
    page = opened(client, number)
    assert page.one("h2", id="explanation-title").words() == title
    assert page.one("p", class_="steps").words() == steps
    assert page.one("p", class_="muted").words() == "1 MAC = 2 FLOPs, batch 1, float32."
    assert page.all("html") == []


def test_every_number_of_the_page_can_be_opened(client: FlaskClient) -> None:
    form = {"source": SOURCE, "device": "H100", "batch": "4", "framework": "pytorch"}
    page = parse(client.post("/analyze", data=form, headers=HTMX).text)
    buttons = page.all("button", class_="why")
    assert len(buttons) == 3 * 4 + 5
    for button in buttons:
        assert button.attributes["form"] == "playground"
        assert button.attributes["formaction"] == "/explain"
        assert button.words()
        opened(client, str(button.attributes["value"]), device="H100", batch="4", framework="pytorch")


def test_forward_memory_has_two_parts(client: FlaskClient) -> None:
    page = opened(client, "memory:conv2d")
    assert [each.words() for each in page.all("h3")] == ["Weights", "Results"]
    assert [each.words().rpartition("= ")[2] for each in page.all("p", class_="steps")] == [
        "1,280 bytes",
        "86,528 bytes",
    ]


def test_a_source_is_linked(client: FlaskClient) -> None:
    link = opened(client, "parameters:conv2d").one("p", class_="source").one("a")
    assert link.attributes["href"] == "https://keras.io/api/layers/convolution_layers/convolution2d/"


def test_without_scripts_the_page_opens_with_it(client: FlaskClient) -> None:
    answer = client.post("/explain", data={"source": SOURCE, "number": "flops:conv2d", "batch": "2"})
    dialog = parse(answer.text).one("dialog", id="explanation")
    assert "open" in dialog.attributes
    assert "778,752 FLOPs" in dialog.words()
    assert "Conv2D(32, 3)" in parse(answer.text).one("textarea").text
    assert "open" not in parse(client.get("/").text).one("dialog", id="explanation").attributes


@pytest.mark.parametrize(
    "number", ["", "flops", "share:conv2d", "flops:nothing", "training_bytes:conv2d", "plan:", ":"]
)
def test_what_is_no_number_is_not_found(client: FlaskClient, number: str) -> None:
    answer = client.post("/explain", data={"source": SOURCE, "number": number}, headers=HTMX)
    assert answer.status_code == (200 if number == "flops" else 404)


def test_texts_of_the_program_are_escaped(client: FlaskClient) -> None:
    source = "network N { input: (4) layers: <b>Layer(parameters=3) Dense(2, name='<i>') }"
    for number in ("parameters:", "flops:<i>"):
        answer = client.post("/explain", data={"source": source, "number": number}, headers=HTMX)
        assert "<b>" not in answer.text
        assert "<i>" not in answer.text


def test_a_device_shows_times_and_whether_training_fits(client: FlaskClient) -> None:
    page = parse(client.post("/analyze", data={"source": SOURCE, "device": "t4"}, headers=HTMX).text)
    assert "Time at least" in page.one("thead").words()
    cell = next(
        each for each in page.one("tr", data_key="conv2d").children if each.attributes.get("data-col") == "time"
    )
    assert cell.words() == "284 ns"  # 4 x (784 + 21,632 + 320) bytes at 320 GB a second
    assert cell.attributes["title"] == "at least 2.84e-07 seconds, bound by memory"
    fit = page.by_test_id("fit")
    assert fit.attributes["data-fits"] == "true"
    assert fit.words() == "Training on T4 fits: needs 3.6 MB of 16 GB"


def test_without_a_device_there_are_no_times(client: FlaskClient) -> None:
    page = parse(client.post("/analyze", data={"source": SOURCE}, headers=HTMX).text)
    assert "Time" not in page.one("thead").words()
    assert page.all(data_testid="fit") == []


def test_a_device_that_is_not_there_is_refused(client: FlaskClient) -> None:
    assert client.post("/analyze", data={"source": SOURCE, "device": "H10"}, headers=HTMX).status_code == 400


def test_the_device_is_in_the_json(client: FlaskClient) -> None:
    told = client.post("/api/v1/analyze", json={"source": SOURCE, "device": "H100"}).get_json()
    assert told["device"]["name"] == "NVIDIA H100 SXM"
    assert told["layers"][0]["bound"] == "memory"
    assert told["totals"]["time"] > 0
