"""JSON in, JSON out, problems by RFC 9457."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

import neural
from neural.compiler import default_compiler


def test_analyze_gives_the_report_of_the_library(client: FlaskClient, mnist: str) -> None:
    answer = client.post(
        "/api/v1/analyze", json={"source": mnist, "framework": "pytorch", "batch": 4, "dtype": "float16"}
    )
    assert answer.status_code == 200
    assert answer.json == _plain(neural.analyze(mnist, framework="pytorch", batch=4, dtype="float16").to_dict())


def test_a_program_with_errors_is_a_problem_with_all_that_is_known(client: FlaskClient, mnist: str) -> None:
    answer = client.post("/api/v1/analyze", json={"source": mnist.replace("Dropout", "Dropuot")})
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json["title"] == "The program has errors"
    assert answer.json["detail"].startswith("Line 10, column 9:")
    assert answer.json["diagnostics"][0]["code"] == "N201"
    assert answer.json["layers"][0]["parameters"]["total"] == 320


@pytest.mark.parametrize("backend", ["pytorch", "tensorflow"])
def test_generate_gives_the_code_of_the_library(client: FlaskClient, mnist: str, backend: str) -> None:
    answer = client.post("/api/v1/generate", json={"source": mnist, "backend": backend})
    assert answer.json["code"] == neural.generate(mnist, backend=backend)


def test_generate_of_a_program_with_errors_is_a_problem(client: FlaskClient) -> None:
    answer = client.post("/api/v1/generate", json={"source": "network A { input: (2) layers: Nope() }"})
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert answer.json["diagnostics"][0]["code"] == "N201"


def test_format_gives_the_layout_of_the_library(client: FlaskClient) -> None:
    source = "network A { input: (2)  layers: Dense( 3 )  # one\n }"
    formatted = client.post("/api/v1/format", json={"source": source}).json["source"]
    assert formatted == default_compiler().format(source) != source
    assert client.post("/api/v1/format", json={"source": formatted}).json == {"source": formatted}


def test_format_of_a_program_with_syntax_errors_is_a_problem(client: FlaskClient) -> None:
    answer = client.post("/api/v1/format", json={"source": "network A {\n    input: (2\n    layers: Dense(3)\n}"})
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert answer.json["detail"].startswith("Line 2: ")
    assert {each["severity"] for each in answer.json["diagnostics"]} == {"error"}
    assert client.post("/api/v1/format", json={"source": "", "backend": "pytorch"}).status_code == 400


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"\xff\xfe", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b'{"a":' * 50_000, "JSON"),
        (b"[]", "object"),
        (b"3", "object"),
        (b"{}", "source is missing"),
        (b'{"source": 3}', "source must be text"),
        (b'{"source": "", "batch": "0"}', "Batch must be"),
        (b'{"source": "", "batch": true}', "Batch must be"),
        (b'{"source": "", "batch": 1.5}', "Batch must be"),
        (b'{"source": "", "batch": [1]}', "Batch must be"),
        (b'{"source": "", "dtype": 7}', "Dtype must be"),
        (b'{"source": "", "values": [1]}', "values must be"),
        (b'{"source": "", "values": {"a": "b"}}', "values must be"),
        (b'{"source": "", "nope": 1}', "Unknown member 'nope'"),
        (b'{"source": "\\ud800"}', "Unicode"),
        (b'{"source": "", "batch": ' + b"9" * 5000 + b"}", "JSON"),
    ],
)
def test_malformed_bodies_are_400(client: FlaskClient, body: bytes, words: str) -> None:
    answer = client.post("/api/v1/analyze", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert words in answer.json["detail"]


def test_health(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ok", "checks": {"compiler": True, "database": True, "disk": True}}


def _plain(value: Any) -> Any:
    """Return a value as JSON gives it back: tuples are lists, keys are text."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value
