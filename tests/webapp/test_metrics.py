"""``/metrics``: for whoever knows the token, and right across worker processes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from flask.testing import FlaskClient

from neural.caches import clear_caches
from webapp import Config, create_app

ROOT = Path(__file__).parents[2]
TOKEN = "a-token-of-these-tests"
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    app = create_app(Config(database_url=f"sqlite:///{tmp_path / 'models.db'}", metrics_token=TOKEN))
    clear_caches()
    yield app
    app.extensions["storage"].close()


def numbers(text: str) -> dict[str, float]:
    """Return the samples of a text in Prometheus's format."""
    found = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            found[name] = float(value)
    return found


def read(client: FlaskClient) -> dict[str, float]:
    return numbers(client.get("/metrics", headers=BEARER).get_data(as_text=True))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": "Bearer "}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Bearer {TOKEN}x"}, 401),
        ({"Authorization": f"Bearer {TOKEN[:-1]}"}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, 401),
        ({"Authorization": "Bearer \u00df\u00df"}, 401),
        (BEARER, 200),
    ],
)
def test_only_with_the_token(client: FlaskClient, headers: dict[str, str], status: int) -> None:
    response = client.get("/metrics", headers=headers)
    assert response.status_code == status
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert ("neural_" in response.get_data(as_text=True)) is (status == 200)


def test_without_a_token_set_there_is_nothing(tmp_path: Path) -> None:
    app = create_app(Config(database_url=f"sqlite:///{tmp_path / 'models.db'}"))
    for headers in ({}, {"Authorization": "Bearer "}, BEARER):
        assert app.test_client().get("/metrics", headers=headers).status_code == 404


def test_the_format(client: FlaskClient) -> None:
    client.get("/healthz")
    response = client.get("/metrics", headers=BEARER)
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    lines = response.get_data(as_text=True).splitlines()
    sample = re.compile(r'[a-z_]+(\{([a-z]+="[^"\\]*",?)+\})? [0-9.e+-]+(Inf)?')
    assert [line for line in lines if not line.startswith(("# HELP ", "# TYPE ")) and not sample.fullmatch(line)] == []


def test_requests_are_counted_by_route_and_status(client: FlaskClient) -> None:
    for address in ("/healthz", "/healthz", "/m/nothing", "/m/nothing-else", "/nowhere/at/all", "/elsewhere"):
        client.get(address)
    client.post("/healthz")
    found = read(client)
    assert found['neural_requests_total{route="/healthz",status="200"}'] == 2
    assert found['neural_requests_total{route="/m/<identifier>",status="404"}'] == 2
    assert found['neural_requests_total{route="none",status="404"}'] == 2
    assert found['neural_requests_total{route="none",status="405"}'] == 1
    assert len([name for name in found if name.startswith("neural_requests_total")]) == 4


def test_analyses_and_caches(client: FlaskClient, mnist: str) -> None:
    before = read(client)
    for _ in range(3):
        assert client.post("/api/v1/analyze", json={"source": mnist}).status_code == 200
    found = read(client)

    def more(name: str) -> float:
        return found[name] - before.get(name, 0)

    assert more("neural_analysis_seconds_count") == 3
    assert more('neural_analysis_seconds_bucket{le="+Inf"}') == 3
    assert more("neural_analysis_seconds_sum") > 0
    assert more('neural_cache_misses_total{level="reports"}') == 1
    assert more('neural_cache_hits_total{level="reports"}') == 2
    assert found['neural_cache_entries{level="reports"}'] == 1
    assert 0 < found['neural_cache_bytes{level="reports"}'] < found['neural_cache_budget_bytes{level="reports"}']
    assert found["neural_grammars_built_total"] == 1


def test_counters_never_fall(client: FlaskClient, mnist: str) -> None:
    for _ in range(2):
        client.post("/api/v1/analyze", json={"source": mnist})
    first = read(client)
    clear_caches()
    client.post("/api/v1/analyze", json={"source": mnist})
    second = read(client)
    assert (
        second['neural_cache_misses_total{level="reports"}'] == first['neural_cache_misses_total{level="reports"}'] + 1
    )
    assert {name for name in first if name.endswith("_total") and second[name] < first[name]} == set()


# --- several processes ---

WORKERS = 3
REQUESTS = 60


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve the application with several workers; return its address and the process."""
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'models.db'}",
        "METRICS_TOKEN": TOKEN,
        "NEURAL_CACHE_DIR": str(tmp_path / "kept"),
        "TMPDIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "neural", "serve", "--port", "0", "--workers", str(WORKERS)]
    environment = {**os.environ, **settings}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    announced = next(line for line in process.stderr if "http://" in line)
    yield announced.split()[2], process
    process.terminate()
    process.communicate(timeout=20)
    assert list(tmp_path.glob("neural-metrics-*")) == []


def ask(address: str, headers: dict[str, str] | None = None) -> str:
    with urlopen(Request(address, headers=headers or {}), timeout=60) as response:
        return str(response.read().decode())


@pytest.mark.skipif(sys.platform != "linux", reason="workers are found in /proc")
def test_the_numbers_are_those_of_all_workers(served: tuple[str, subprocess.Popen[str]]) -> None:
    address, process = served
    for _ in range(REQUESTS):
        ask(f"{address}/healthz")
    answers = [numbers(ask(f"{address}/metrics", BEARER)) for _ in range(8)]
    assert {each['neural_requests_total{route="/healthz",status="200"}'] for each in answers} == {REQUESTS}
    counted = [each.get('neural_requests_total{route="/metrics",status="200"}', 0) for each in answers]
    assert counted == list(range(8))
    workers = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(workers[0]), signal.SIGKILL)
    for _ in range(20):
        ask(f"{address}/healthz")
    assert (
        numbers(ask(f"{address}/metrics", BEARER))['neural_requests_total{route="/healthz",status="200"}']
        == REQUESTS + 20
    )
