"""The process that verifies for a server: it answers, gives way, fails with a word, and ends."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest

from neural.verification import available
from neural.verifier import NICENESS, VerifyingProcess

pytestmark = pytest.mark.skipif(not available(), reason="the frameworks are not installed")

RIGHT = "network Tiny { input: (4) layers: Dense(3) }"


@pytest.fixture(scope="module")
def process() -> Iterator[VerifyingProcess]:
    process = VerifyingProcess()
    yield process
    process.close()


def running(process: VerifyingProcess) -> subprocess.Popen[bytes]:
    return cast(subprocess.Popen[bytes], process._process)


def test_it_verifies_and_says_how_far_it_is(process: VerifyingProcess) -> None:
    said: list[str] = []
    result = process.verify(RIGHT, said.append)
    assert (result["ok"], result["layers"]) == (True, 1)
    assert said
    assert os.getpriority(os.PRIO_PROCESS, running(process).pid) == os.getpriority(os.PRIO_PROCESS, 0) + NICENESS


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("network A { input: (4) layers: Dense(3 3) }", {"refused": 'Line 1: unexpected `3`: expected ")" or ","'}),
    (
        'network A { input: (4) layers: Lambda("lambda x: x") }',
        {"refused": "lambda: it is code of the program's own, which is never run here"},
    ),
]


@pytest.mark.parametrize(("source", "expected"), REFUSED)
def test_why_something_cannot_be_verified(process: VerifyingProcess, source: str, expected: dict[str, Any]) -> None:
    result = process.verify(source, print)
    assert {key: result[key] for key in expected} == expected


def test_it_is_the_same_process_for_every_program_and_another_after_it_died(process: VerifyingProcess) -> None:
    process.verify("network A {", print)
    first = running(process).pid
    process.verify("network B {", print)
    assert running(process).pid == first
    os.kill(first, signal.SIGSTOP)
    os.kill(first, signal.SIGKILL)
    running(process).wait(10)
    process.verify("network C {", print)
    assert running(process).pid != first


def test_a_process_that_dies_at_work_is_a_failure(process: VerifyingProcess) -> None:
    def kill(_: str) -> None:
        os.kill(running(process).pid, signal.SIGKILL)

    with pytest.raises(RuntimeError, match="does not answer"):
        process.verify(RIGHT, kill)


def test_it_ends_with_what_it_started() -> None:
    process = VerifyingProcess()
    process.verify("network A {", print)
    pid = running(process).pid
    process.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("it is still there")
