"""Shared models: stored by content, shown in every form."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from flask.testing import FlaskClient

from tests.webapp.page import parse


def test_sharing_sends_to_the_model(client: FlaskClient, mnist: str) -> None:
    answer = client.post("/models", data={"source": mnist, "batch": "8"})
    assert answer.status_code == 303
    path = answer.headers["Location"]
    assert path.startswith("/m/")
    assert path.endswith("?batch=8")
    page = parse(client.get(path).text)
    assert page.one("textarea").text.lstrip("\n") == mnist
    assert page.by_test_id("batch").attributes["value"] == "8"
    assert page.by_test_id("share-link").attributes["value"] == f"http://localhost{path}"
    assert page.one("head").one("title").text == "MNIST · Neural Playground"
    assert page.one("meta", name="robots").attributes["content"] == "noindex"


def test_programs_are_told_where_the_model_is(client: FlaskClient, mnist: str) -> None:
    answer = client.post("/models", data={"source": mnist}, headers={"Accept": "application/json"})
    assert answer.status_code == 201
    assert answer.json == {
        "id": answer.json["id"],
        "path": f"/m/{answer.json['id']}",
        "url": f"http://localhost/m/{answer.json['id']}",
    }
    assert answer.headers["Location"] == answer.json["path"]


def test_equal_models_have_one_address_whatever_their_line_ends(client: FlaskClient, mnist: str) -> None:
    sources = (mnist, mnist.replace("\n", "\r\n"), mnist + "\n")
    first, second, other = (client.post("/models", data={"source": each}).headers["Location"] for each in sources)
    assert first == second != other


def test_every_form_of_a_model(client: FlaskClient, shared: str, mnist: str) -> None:
    source = client.get(f"{shared}.neural")
    assert (source.text, source.content_type) == (mnist, "text/plain; charset=utf-8")
    assert "immutable" in source.headers["Cache-Control"]
    report = client.get(f"{shared}.json?batch=2").json
    assert (report["schema"], report["totals"]["flops"]) == (1, 2 * 1_776_384)
    picture = client.get(f"{shared}.svg")
    assert picture.mimetype == "image/svg+xml"
    assert ET.fromstring(picture.text).tag == "{http://www.w3.org/2000/svg}svg"
    for backend in ("pytorch", "tensorflow"):
        code = client.get(f"{shared}/{backend}.py")
        assert code.headers["Content-Disposition"] == f'attachment; filename="MNIST_{backend}.py"'
        assert "def build_model()" in code.text


def test_the_style_of_a_picture_is_allowed_by_its_policy(client: FlaskClient, shared: str) -> None:
    picture = client.get(f"{shared}.svg")
    style = parse(picture.text).one("style")
    assert f"'nonce-{style.attributes['nonce']}'" in picture.headers["Content-Security-Policy"]


def test_a_model_with_errors_can_be_shared_and_says_so(client: FlaskClient, mnist: str) -> None:
    path = client.post("/models", data={"source": mnist.replace("Dropout", "Dropuot")}).headers["Location"]
    assert parse(client.get(path).text).by_test_id("status").attributes["data-errors"] == "1"
    assert client.get(f"{path}.json").json["diagnostics"][0]["code"] == "N201"
    assert client.get(f"{path}.svg").status_code == 422
    assert client.get(f"{path}/pytorch.py").status_code == 422


def test_nothing_is_not_shared(client: FlaskClient) -> None:
    assert client.post("/models", data={"source": " \n"}).status_code == 400


@pytest.mark.parametrize("form", ["", ".neural", ".json", ".svg", "/pytorch.py", "/tensorflow.py"])
@pytest.mark.parametrize(
    "identifier", ["AAAAAAAAAAAA", "short", "a" * 44, "..%2f..%2fetc", "%2e%2e", "A%00AAAAAAAAAA", "..\\..\\x"]
)
def test_unknown_and_malformed_ids_are_equal_404s(client: FlaskClient, identifier: str, form: str) -> None:
    answer = client.get(f"/m/{identifier}{form}")
    assert answer.status_code == 404


def test_unknown_backends_and_forms_are_404s(client: FlaskClient, shared: str) -> None:
    for form in ("/jax.py", ".exe", "/pytorch.py/..", "/pytorch"):
        assert client.get(shared + form).status_code == 404, form


def test_a_missing_model_is_a_problem_to_a_program(client: FlaskClient) -> None:
    answer = client.get("/m/AAAAAAAAAAAA.json")
    assert answer.content_type == "application/problem+json"
    assert json.loads(answer.text)["status"] == 404
