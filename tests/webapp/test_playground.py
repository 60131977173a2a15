"""The page and its partials hold what the page contract promises."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient

from tests.webapp.page import Element, parse
from webapp import share

HTMX = {"HX-Request": "true"}
TEST_IDS = (
    *("shape-table", "totals", "diagnostics", "cost-chart", "diagram", "code-pytorch", "code-tensorflow"),
    *("download-pytorch", "download-tensorflow", "share", "share-link", "examples", "framework", "batch", "dtype"),
    *("status", "differences", "verify"),
)


def cells(page: Element, key: str) -> dict[str, str]:
    row = page.one("tr", data_key=key)
    return {str(c.attributes["data-col"]): c.words() for c in row.children if "data-col" in c.attributes}


def test_first_paint_holds_the_analysed_example(client: FlaskClient) -> None:
    page = parse(client.get("/").text)
    totals = page.by_test_id("totals").attributes
    assert totals["data-parameters"] == "693962"
    assert totals["data-flops"] == "1776384"
    assert totals["data-memory"] == str(2_775_848 + 130_856)
    assert cells(page, "conv2d") == {
        "name": "conv2d",
        "type": "Conv2D",
        "output_shape": "(None, 26, 26, 32)",
        "parameters": "320",
        "flops": "389,376",
        "memory": "85.8 KiB",
        "share": "21.9%",
    }
    keys = [row.attributes.get("data-key") for row in page.by_test_id("shape-table").all("tr")]
    assert [key for key in keys if key] == ["conv2d", "max_pooling2d", "flatten", "dense", "dropout", "output"]


@pytest.mark.parametrize("name", TEST_IDS)
def test_contract_names_are_on_the_page_once(client: FlaskClient, name: str) -> None:
    parse(client.get("/").text).by_test_id(name)


def test_page_has_a_title_a_description_an_icon_and_a_named_editor(client: FlaskClient) -> None:
    page = parse(client.get("/").text)
    assert page.one("head").one("title").text == "Neural Playground"
    assert page.one("meta", name="description").attributes["content"]
    assert page.one("link", rel="icon")
    assert page.one("textarea").attributes["aria-label"] == "Model source"
    assert page.one(role="status").attributes["data-stale"] == "false"


def test_an_edit_is_answered_with_partials_that_echo_its_revision(client: FlaskClient, mnist: str) -> None:
    source = mnist.replace("Dense(128", "Dense(64")
    answer = client.post("/analyze", data={"source": source, "revision": "17"}, headers=HTMX)
    page = parse(answer.text)
    targets = {str(each.attributes["hx-target"]) for each in page.all("hx-partial")}
    assert targets == {
        "#problem", "#diagnostics", "#table", "#notes", "#downloads", "#totals", "#data", "#status",
    }  # fmt: skip
    assert page.by_test_id("status").attributes["data-revision"] == "17"
    assert page.by_test_id("totals").attributes["data-parameters"] == str(320 + 5408 * 64 + 64 + 64 * 10 + 10)
    assert page.all("html") == []


def test_the_same_form_without_scripts_is_answered_with_a_page(client: FlaskClient, mnist: str) -> None:
    answer = client.post("/analyze", data={"source": mnist.replace("Dense(128", "Dense(64"), "batch": "8"})
    page = parse(answer.text)
    assert page.one("html")
    assert page.by_test_id("batch").attributes["value"] == "8"
    assert "Dense(64" in page.one("textarea").text
    assert len(page.all("table", class_="bars")) == 3


def test_errors_leave_charts_diagram_and_code_alone_and_close_the_downloads(client: FlaskClient, mnist: str) -> None:
    source = mnist.replace("Dropout", "Dropuot")
    for shown in ("charts", "diagram", "code"):
        page = parse(client.post("/analyze", data={"source": source, "shown": shown}, headers=HTMX).text)
        targets = {str(each.attributes["hx-target"]) for each in page.all("hx-partial")}
        assert targets.isdisjoint({"#figure", "#diagram", "#code-pytorch", "#code-tensorflow"})
    page = parse(client.post("/analyze", data={"source": source}, headers=HTMX).text)
    item = page.by_test_id("diagnostics").one("li")
    assert (item.attributes["data-code"], item.attributes["data-line"], item.attributes["data-column"]) == (
        "N201",
        "10",
        "9",
    )
    assert "[Ln 10, Col 9]" in item.words()
    assert "disabled" in page.by_test_id("download-pytorch").attributes
    assert page.by_test_id("status").attributes["data-errors"] == "1"
    assert page.one("tr", data_key="output").attributes["data-status"] == "unknown"
    data = json.loads(page.one("script").text)
    assert data["valid"] is False
    assert data["diagnostics"][0]["fixes"][0]["edits"][0]["text"] == "Dropout"


def test_settings_change_the_costs(client: FlaskClient, mnist: str) -> None:
    form = {"source": mnist, "batch": "4", "dtype": "float16", "framework": "pytorch", "optimizer": "sgd"}
    page = parse(client.post("/analyze", data=form, headers=HTMX).text)
    totals = page.by_test_id("totals").attributes
    assert totals["data-flops"] == str(4 * 1_776_384)
    assert totals["data-memory"] == str((2_775_848 + 4 * 130_856) // 2)
    assert "batch 4, float16" in page.by_test_id("totals").words()


WRONG = {
    "batch": ("0", "-1", "1e9", "٣", "99999999"),
    "dtype": ("int4",),
    "framework": ("jax",),
    "optimizer": ("<b>",),
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_settings_outside_their_choices_are_said_to_be(client: FlaskClient, mnist: str, name: str, value: str) -> None:
    answer = client.post("/analyze", data={"source": mnist, name: value}, headers=HTMX)
    assert answer.status_code == 400
    partial = parse(answer.text).one("hx-partial")
    assert partial.attributes["hx-target"] == "#problem"
    assert f"{name} must be".lower() in partial.words().lower()


def test_a_link_that_carries_a_model_opens_it(client: FlaskClient) -> None:
    source = "network Tiny { input: (4) layers: Dense(3) }"
    page = parse(client.get(f"/?z={share.encode(source)}&batch=2").text)
    assert page.one("textarea").text.strip() == source
    assert page.by_test_id("totals").attributes["data-parameters"] == "15"
    assert page.by_test_id("batch").attributes["value"] == "2"


def test_line_ends_are_made_one_kind(client: FlaskClient, mnist: str) -> None:
    page = parse(client.post("/analyze", data={"source": mnist.replace("\n", "\r\n")}).text)
    assert "\r" not in page.one("textarea").text


def test_groups_have_heads_with_sums(client: FlaskClient) -> None:
    source = "define Pair(n) { Dense(n) Dense(n) } network N { input: (4) layers: Pair(2) Pair(3) Dense(1) }"
    page = parse(client.post("/analyze", data={"source": source}, headers=HTMX).text)
    heads = [row for row in page.all("tr") if "data-group" in row.attributes]
    assert [head.one("small").text for head in heads] == ["2 layers", "2 layers"]
    inside = [row for row in page.all("tr") if row.attributes.get("data-within")]
    assert [row.attributes["data-within"] for row in inside] == [
        heads[n].attributes["data-group"] for n in (0, 0, 1, 1)
    ]
    assert [head.all("td", class_="number")[0].text for head in heads] == ["16", "21"]


@pytest.mark.parametrize("backend", ["pytorch", "tensorflow"])
def test_downloads_are_python_files_with_clean_names(client: FlaskClient, mnist: str, backend: str) -> None:
    answer = client.post(f"/download/{backend}", data={"source": mnist})
    assert answer.headers["Content-Disposition"] == f'attachment; filename="MNIST_{backend}.py"'
    assert "def build_model()" in answer.text
    compile(answer.text, "download.py", "exec")


def test_a_program_with_errors_has_no_download(client: FlaskClient, mnist: str) -> None:
    answer = client.post("/download/pytorch", data={"source": mnist.replace("Dropout", "Dropuot")})
    assert answer.status_code == 422
    assert "Line 10" in parse(answer.text).words()


def test_an_unfinished_or_empty_program_is_answered(client: FlaskClient) -> None:
    for source in ("", "network", "network A {", "network A { input: (", "}", '"', "\0", "# only a comment"):
        answer = client.post("/analyze", data={"source": source}, headers=HTMX)
        assert answer.status_code == 200, source
        assert parse(answer.text).by_test_id("totals").attributes["data-parameters"] == "0"


def test_a_huge_network_is_summed_whole_and_shown_in_part(client: FlaskClient) -> None:
    source = "network Huge { input: (8) layers: Dense(8) * 6000 }"
    page = parse(client.post("/analyze", data={"source": source, "shown": "code"}, headers=HTMX).text)
    assert page.by_test_id("totals").attributes["data-parameters"] == str(6000 * 72)
    assert len([row for row in page.by_test_id("shape-table").all("tr") if "data-key" in row.attributes]) == 1000
    assert "5,000 more" in page.one(id="table").words()
    assert "only downloaded" in page.by_test_id("code-pytorch").words()
    assert "disabled" not in page.by_test_id("download-pytorch").attributes
    assert client.post("/download/pytorch", data={"source": source}).text.count("Linear") >= 1


FIXES: list[tuple[str, list[str]]] = [
    # statements of a network, and the diagnostics whose fixes are made together
    ("Dense(8), Dropout(0.5)", []),
    ("Dense(8),\n Dropout(50),\n Flaten()", ["0 1 2"]),
    ("Dense(8 8)\n Dense(8),\n Dense(8),\n Linear(8)\n Flaten()", ["1 2 4"]),
]


@pytest.mark.parametrize(("statements", "together"), FIXES)
def test_fixes_of_several_errors_are_made_together(client: FlaskClient, statements: str, together: list[str]) -> None:
    source = f"network A {{\n input: (6,)\n layers:\n {statements}\n}}"
    page = parse(client.post("/analyze", data={"source": source}, headers=HTMX).text)
    assert [each.attributes["data-diagnostics"] for each in page.all(data_testid="fix-all")] == together
