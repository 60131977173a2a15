"""Verifying as the page does it: asked for, looked at, kept, refused; by a thread beside the requests."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from neural.compiler import Compiler
from neural.diagnostics import Diagnostic, Span
from neural.errors import NeuralError
from neural.verification import RefusalError, Verification
from neural.verifier import VerifyingProcess, verified
from tests.webapp.page import Element, parse
from webapp import verifying
from webapp.verifying import Verifier

HTMX = {"HX-Request": "true"}
SAME: Mapping[str, Any] = Verification(
    "N",
    ok=True,
    versions=(("PyTorch", "2.13.0"), ("Keras", "3.15.0"), ("TensorFlow", "2.21.0")),
    layers=6,
    output_difference=3e-16,
    gradient_difference=2e-15,
    notes=("compared within 1e-05: TensorFlow computes Conv2D in float32",),
    date="2026-11-22",
).to_dict()
TINY = "network Tiny%d { input: (4) layers: Dense(%d) }"


class Gate:
    """A verification that waits until a test lets it go on."""

    def __init__(self, result: Mapping[str, Any] | Exception = SAME) -> None:
        self.result = result
        self.begun: list[str] = []
        self.open = threading.Event()

    def __call__(self, source: str, progress: Callable[[str], None]) -> Mapping[str, Any]:
        self.begun.append(source)
        progress("computing in PyTorch and Keras")
        assert self.open.wait(20)
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@pytest.fixture
def gate(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    monkeypatch.setattr(verifying, "LOOK_SECONDS", 0.01)
    gate = Gate()
    app.extensions["verifier"] = Verifier(app.extensions["verifier"].jobs, gate)
    before = set(threading.enumerate())
    yield gate
    gate.open.set()
    for thread in set(threading.enumerate()) - before:
        thread.join(20)


def ask(client: FlaskClient, source: str) -> Element:
    answer = client.post("/verify", data={"source": source}, headers=HTMX)
    assert answer.status_code == 200, answer.text
    return parse(answer.text)


def until(client: FlaskClient, address: str, words: str) -> Element:
    """Look at a job as the page does until it says these words."""
    for _ in range(1000):
        page = parse(client.get(address, headers=HTMX).text)
        if words in page.words():
            return page
        time.sleep(0.01)
    raise AssertionError(f"{words!r} is not said, but {page.words()!r}")


def address_of(page: Element) -> str:
    (polling,) = [each for each in page.all("span") if "hx-get" in each.attributes]
    assert polling.attributes["hx-trigger"] == "every 500ms"
    return str(polling.attributes["hx-get"])


def test_from_the_queue_to_the_verdict(client: FlaskClient, gate: Gate, mnist: str) -> None:
    address = address_of(ask(client, mnist))
    until(client, address, "Verifying: computing in PyTorch and Keras…")
    other = address_of(ask(client, TINY % (1, 1)))
    until(client, other, "Waiting as number 1 in the queue…")
    assert address_of(ask(client, mnist)) == address
    gate.open.set()
    verdict = until(client, address, "Verified").by_test_id("verification")
    assert verdict.words() == "Verified in PyTorch 2.13.0 and Keras 3.15.0 on 2026-11-22"
    assert verdict.attributes["data-state"] == "same"
    assert verdict.attributes["title"] == (
        "6 layers compared, results differ by at most 3.0e-16, gradients by at most 2.0e-15 of the largest value. "
        "compared within 1e-05: TensorFlow computes Conv2D in float32"
    )
    until(client, other, "Verified")
    assert gate.begun == [mnist, TINY % (1, 1)]


def test_a_verdict_is_shown_at_once_the_next_time(client: FlaskClient, gate: Gate, mnist: str, shared: str) -> None:
    assert not parse(client.get(shared).text).all(data_testid="verification")
    gate.open.set()
    until(client, address_of(ask(client, mnist)), "Verified")
    again = ask(client, mnist)
    assert again.by_test_id("verification").attributes["data-state"] == "same"
    assert [each for each in again.all() if "hx-get" in each.attributes] == []
    assert "Verified in PyTorch" in parse(client.get(shared).text).by_test_id("verification").words()
    assert len(gate.begun) == 1


def test_a_difference_leads_to_its_layer(client: FlaskClient, gate: Gate, mnist: str) -> None:
    gate.result = {**SAME, "ok": False, "problem": "dense: the results differ", "key": "dense"}
    gate.open.set()
    verdict = until(client, address_of(ask(client, mnist)), "differ").by_test_id("verification")
    assert verdict.attributes["data-state"] == "different"
    link = verdict.one("a")
    assert (link.attributes["href"], link.attributes["data-goto-key"]) == ("#row-dense", "dense")


REFUSED = NeuralError((Diagnostic("N601", "error", "a causal mask orders one axis of positions", Span(1, 36, 1, 54)),))


@pytest.mark.parametrize(
    ("error", "words", "key"),
    [
        (RefusalError("it holds code of its own", "output"), "it holds code of its own", "output"),
        (RefusalError("its results are larger than what is compared"), "its results are larger than", None),
        (REFUSED, "Line 1: a causal mask orders one axis of positions", None),
    ],
)
def test_why_something_cannot_be_verified(
    client: FlaskClient, mnist: str, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str, key: str | None
) -> None:
    def refuse(*_: object, **__: object) -> Verification:
        raise error

    monkeypatch.setattr(Compiler, "verify", refuse)
    monkeypatch.setattr(VerifyingProcess, "verify", lambda _, source, progress: verified(source, progress))
    verdict = until(client, address_of(ask(client, mnist)), "Cannot be verified").by_test_id("verification")
    assert verdict.words().startswith(f"Cannot be verified: {words}")
    assert verdict.attributes["data-state"] == "refused"
    assert [link.attributes["data-goto-key"] for link in verdict.all("a")] == ([key] if key else [])


def test_a_failure_is_forgotten(client: FlaskClient, gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    gate.result = RuntimeError("secret")
    gate.open.set()
    address = address_of(ask(client, TINY % (1, 1)))
    page = until(client, address, "gave this verification up")
    assert page.by_test_id("verification").attributes["data-state"] == "given up"
    assert client.get(address).status_code == 404
    assert "a verification failed" in caplog.text
    gate.result = SAME
    until(client, address_of(ask(client, TINY % (1, 1))), "Verified")


def test_a_full_queue_is_429(client: FlaskClient, gate: Gate) -> None:
    for number in range(5):
        ask(client, TINY % (number, 1 + number))
    answer = client.post("/verify", data={"source": TINY % (9, 9)}, headers=HTMX)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    partial = parse(answer.text).one("hx-partial")
    assert partial.attributes["hx-target"] == "#problem"
    assert "Too many models wait" in partial.words()
    assert (
        client.post("/verify", data={"source": TINY % (9, 9)}, headers={"Accept": "application/json"}).json["status"]
        == 429
    )


def test_without_scripts_the_page_says_how_far_it_is(client: FlaskClient, gate: Gate, mnist: str) -> None:
    page = parse(client.post("/verify", data={"source": mnist, "batch": "8"}).text)
    assert page.by_test_id("batch").attributes["value"] == "8"
    assert "Verifying" in page.by_test_id("verification").words()
    assert "Press Verify again" in page.one(id="verification").words()
    gate.open.set()
    for _ in range(1000):
        page = parse(client.post("/verify", data={"source": mnist}).text)
        if "Verified" in page.by_test_id("verification").words():
            return
        time.sleep(0.01)
    raise AssertionError("it is never verified")


def test_a_program_with_errors_takes_no_place(client: FlaskClient, gate: Gate, mnist: str) -> None:
    answer = client.post("/verify", data={"source": mnist.replace("Dropout", "Dropuot")})
    assert answer.status_code == 422
    page = parse(client.post("/analyze", data={"source": mnist.replace("Dropout", "Dropuot")}).text)
    assert "disabled" in page.by_test_id("verify").attributes
    assert gate.begun == []


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.example"}])
def test_other_sites_cannot_ask(client: FlaskClient, gate: Gate, mnist: str, headers: dict[str, str]) -> None:
    assert client.post("/verify", data={"source": mnist}, headers=headers).status_code == 403
    assert gate.begun == []


@pytest.mark.parametrize("identifier", ["AAAAAAAAAAAA", "short", "a" * 44, "..%2f..", "A%00AAAAAAAAAA"])
def test_unknown_jobs_are_404s(client: FlaskClient, identifier: str) -> None:
    assert client.get(f"/verify/{identifier}").status_code == 404


def test_without_frameworks_there_is_no_button(
    client: FlaskClient, mnist: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "versions", lambda: ())
    page = parse(client.get("/").text)
    assert page.all(data_testid="verify") == page.all(id="verification") == []
    assert client.post("/verify", data={"source": mnist}).status_code == 404


def test_a_result_is_of_a_source_and_of_releases(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    first = verifying.identify("network A {}")
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", first)
    assert verifying.identify("network A {}") == first
    assert verifying.identify("network B {}") != first
    monkeypatch.setattr(verifying, "versions", lambda: ("0", "2.14.0", "3.15.0"))
    assert verifying.identify("network A {}") != first
