"""Headers, origins, sizes, hosts, failures."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp import Config, analysis, answers, create_app, share
from webapp.storage import Storage

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
DIRECTIVES = (
    "default-src 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
)

REQUESTS: list[tuple[str, str, int]] = [
    ("GET", "/", 200),
    ("GET", "/?z=nonsense", 400),
    ("POST", "/analyze", 200),
    ("GET", "/analyze", 405),
    ("GET", "/models", 405),
    ("POST", "/models", 400),
    ("PUT", "/", 405),
    ("GET", "/m/AAAAAAAAAAAA", 404),
    ("GET", "/m/AAAAAAAAAAAA.json", 404),
    ("GET", "/examples/mnist", 200),
    ("GET", "/examples/mnist.neural", 200),
    ("GET", "/examples/nothing", 404),
    ("GET", "/layers", 200),
    ("GET", "/layers/Conv2D", 200),
    ("GET", "/layers/linear", 301),
    ("GET", "/layers/nothing", 404),
    ("GET", "/examples/", 302),
    ("GET", "/examples", 308),
    ("POST", "/download/pytorch", 422),
    ("POST", "/format", 200),
    ("POST", "/verify", 422),
    ("GET", "/verify/AAAAAAAAAAAA", 404),
    ("GET", "/verify/..", 404),
    ("POST", "/explain", 404),
    ("GET", "/docs/diagnostics", 200),
    ("GET", "/docs/nothing", 404),
    ("POST", "/download/exe", 404),
    ("POST", "/api/v1/analyze", 400),
    ("GET", "/api/v1/analyze", 405),
    ("POST", "/api/v1/format", 400),
    ("POST", "/api/v1/nothing", 404),
    ("GET", "/healthz", 200),
    ("GET", "/metrics", 404),
    ("GET", "/readyz", 200),
    ("GET", "/favicon.ico", 200),
    ("GET", "/static/x/app.css", 200),
    ("GET", "/static/x/nothing.css", 404),
    ("GET", "/static/x/../../pyproject.toml", 404),
    ("GET", "/static/x/%2e%2e%2f%2e%2e%2fpyproject.toml", 404),
    ("GET", "/nothing", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), REQUESTS)
def test_every_answer_is_guarded(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    policy = answer.headers["Content-Security-Policy"]
    assert all(directive in policy for directive in DIRECTIVES)
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"]


def test_every_route_is_in_the_list_above(app: Flask) -> None:
    adapter = app.url_map.bind("localhost")
    paths = [(path.partition("?")[0], method) for method, path, status in REQUESTS if status not in (308, 404, 405)]
    seen = {adapter.match(path, method)[0] for path, method in paths}
    rest = {
        "models.show",
        "models.report_file",
        "models.source_file",
        "models.diagram_file",
        "models.code",
        "api.generate",
        "playground.explain",
        "playground.panel",
        "verification.look",
        "metrics.numbers",
    }  # held by their own tests
    assert seen | rest == {rule.endpoint for rule in app.url_map.iter_rules()}


def test_scripts_and_styles_of_the_page_carry_the_nonce_of_its_policy(client: FlaskClient) -> None:
    answer = client.get("/")
    nonce = re.search(r"script-src 'self' 'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
    assert nonce
    for script in re.findall(r"<script\b[^>]*>", answer.text):
        assert f'nonce="{nonce[1]}"' in script or 'type="application/json"' in script
    assert not re.search(r"""<[^>]+\s(?:on\w+|style)\s*=\s*["']""", answer.text)
    assert client.get("/").headers["Content-Security-Policy"] != answer.headers["Content-Security-Policy"]


ORIGINS: list[tuple[dict[str, str], int]] = [
    ({}, 303),
    ({"Sec-Fetch-Site": "same-origin"}, 303),
    ({"Sec-Fetch-Site": "none"}, 303),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Sec-Fetch-Site": "CROSS-SITE"}, 403),
    ({"Sec-Fetch-Site": ""}, 403),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"}, 303),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
    ({"Origin": "http://localhost"}, 303),
    ({"Origin": "http://localhost:80"}, 303),
    ({"Origin": "http://localhost:8080"}, 403),
    ({"Origin": "https://localhost"}, 403),
    ({"Origin": "http://localhost.evil.example"}, 403),
    ({"Origin": "null"}, 403),
    ({"Origin": "http://localhost/path"}, 403),
    ({"Origin": "http://a@localhost"}, 403),
    ({"Origin": "http://localhost:99999"}, 403),
    ({"Origin": "http://[bad"}, 403),
    ({"Origin": ""}, 403),
]


@pytest.mark.parametrize(("headers", "status"), ORIGINS)
def test_who_may_share(client: FlaskClient, mnist: str, headers: dict[str, str], status: int) -> None:
    assert client.post("/models", data={"source": mnist}, headers=headers).status_code == status


def test_the_base_url_is_the_origin_behind_a_proxy(tmp_path: Path, mnist: str) -> None:
    app = create_app({"BASE_URL": "https://play.example", "DATABASE_URL": f"sqlite:///{tmp_path / 'a.db'}"})
    headers = {"Origin": "https://play.example", "Host": "play.example", "Accept": "application/json"}
    answer = app.test_client().post("/models", data={"source": mnist}, headers=headers)
    assert answer.json["url"].startswith("https://play.example/m/")
    app.extensions["storage"].close()


def test_an_untrusted_host_is_refused(tmp_path: Path) -> None:
    app = create_app({"TRUSTED_HOSTS": "play.example,localhost", "DATABASE_URL": f"sqlite:///{tmp_path / 'a.db'}"})
    client = app.test_client()
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/healthz", headers={"Host": "play.example"}).status_code == 200
    assert client.get("/healthz", headers={"Host": "evil.example"}).headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/analyze", "/models", "/download/pytorch", "/api/v1/analyze", "/api/v1/generate"])
def test_a_body_one_byte_over_is_413(client: FlaskClient, path: str) -> None:
    over = b"x" * (320 * 1024 + 1)
    assert client.post(path, data=over, content_type="application/octet-stream").status_code == 413


@pytest.mark.parametrize(("size", "status"), [(320 * 1024 + 1, 413), (10_000_000, 413), (100, 200)])
def test_a_body_in_chunks_has_the_same_limit(client: FlaskClient, size: int, status: int) -> None:
    environment = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    body = io.BytesIO(b"source=" + b"%23" * ((size - 7) // 3) + b"x" * ((size - 7) % 3))
    kind = "application/x-www-form-urlencoded"
    answer = client.post("/analyze", input_stream=body, environ_overrides=environment, content_type=kind)
    assert answer.status_code == status


def test_a_source_one_byte_over_is_413_and_one_at_the_limit_is_answered(client: FlaskClient) -> None:
    comment = "#" * (256 * 1024)
    form = "multipart/form-data"
    assert client.post("/analyze", data={"source": comment}, content_type=form).status_code == 200
    assert client.post("/analyze", data={"source": comment + "#"}, content_type=form).status_code == 413
    assert client.post("/api/v1/analyze", json={"source": comment + "#"}).status_code == 413


@pytest.mark.parametrize("path", ["/?z=1." + "A" * 5000, "/?" + "a" * 5000, "/" + "a" * 5000, "/?z=1." + "A" * 3500])
def test_a_long_address_is_414(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 414


def test_a_bomb_in_a_link_is_413(client: FlaskClient) -> None:
    payload = share.encode("#" * 2_000_000)
    assert len(payload) < 3500
    answer = client.get(f"/?z={payload}")
    assert answer.status_code == 413
    assert "256 KiB" in answer.text


def test_a_failure_shows_nothing_of_the_inside(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret /etc/passwd SELECT")

    for module in (analysis, answers):
        monkeypatch.setattr(module, "run", fail)
    monkeypatch.setattr(Storage, "load", lambda *_: "network A { input: (1) layers: Dense(1) }")
    for path in ("/", "/m/AAAAAAAAAAAA", "/m/AAAAAAAAAAAA.json", "/m/AAAAAAAAAAAA.svg", "/examples/mnist"):
        answer = client.get(path)
        assert answer.status_code == 500
        assert not re.search("secret|passwd|SELECT|Traceback|RuntimeError", answer.text)
        assert re.search(r"\b[0-9a-f]{12}\b", answer.text)
        assert "Content-Security-Policy" in answer.headers


def test_too_deep_for_the_interpreter_is_400(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RecursionError

    monkeypatch.setattr(answers, "run", fail)
    assert client.post("/analyze", data={"source": "x"}).status_code == 400


def test_a_database_that_does_not_answer_is_503_and_editing_goes_on(tmp_path: Path, mnist: str) -> None:
    (tmp_path / "file").write_text("")
    client = create_app(Config(database_url=f"sqlite:///{tmp_path / 'file' / 'models.db'}")).test_client()
    answer = client.post("/models", data={"source": mnist})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert client.get("/m/AAAAAAAAAAAA").status_code == 503
    assert client.get("/readyz").status_code == 503
    assert client.post("/analyze", data={"source": mnist}).status_code == 200
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    "name", ["x\r\nSet-Cookie: a=b", 'a"; filename="b', "é" * 40, "n" * 300, "../../etc/passwd", "_" * 10, ""]
)
def test_file_names_are_clean(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", analysis.clean_filename(name))
