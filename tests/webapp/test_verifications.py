"""One verification runs and four wait, in however many processes; the dead are given up, results are kept."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp import verifications as module
from webapp.storage import Storage
from webapp.verifications import Job, QueueFull, Verifications


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Verifications]:
    storage = Storage(f"sqlite:///{tmp_path / 'jobs.db'}")
    yield Verifications(storage)
    storage.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that goes on by a second each time it is read, and further where a test adds to it."""
    now = [1_000.0]

    def read() -> float:
        now[0] += 1
        return now[0]

    monkeypatch.setattr(module.time, "time", read)
    return now


def test_the_first_runs_the_next_four_wait_and_a_sixth_has_no_place(jobs: Verifications) -> None:
    entered = [jobs.enter(name) for name in "abcde"]
    assert [(job.id, job.ahead, is_new) for job, is_new in entered] == [
        ("a", 0, True), ("b", 1, True), ("c", 2, True), ("d", 3, True), ("e", 4, True),
    ]  # fmt: skip
    with pytest.raises(QueueFull):
        jobs.enter("f")
    assert jobs.enter("c") == (Job("c", 2, "", None), False)
    assert [jobs.start(name) for name in "abcde"] == [True, False, False, False, False]


def test_they_run_in_the_order_of_asking(jobs: Verifications) -> None:
    for name in "abc":
        jobs.enter(name)
    jobs.finish("a", {"ok": True})
    assert not jobs.start("c")
    assert jobs.enter("d")[0].ahead == 3  # the free place is not for who comes now
    assert jobs.start("b")
    assert [jobs.find(name).ahead for name in "bcd"] == [0, 1, 2]  # type: ignore[union-attr]


def test_a_result_is_kept_and_its_place_free(jobs: Verifications) -> None:
    jobs.enter("a")
    jobs.say("a", "building " + "x" * 300)
    found = jobs.find("a")
    assert found
    assert (len(found.words), found.result) == (200, None)
    jobs.finish("a", {"ok": True, "layers": 3})
    assert jobs.enter("a") == (Job("a", 0, "building " + "x" * 191, {"ok": True, "layers": 3}), False)
    assert jobs.enter("b")[0].ahead == 0
    jobs.finish("a", {"ok": False})
    assert jobs.find("a").result == {"ok": True, "layers": 3}  # type: ignore[union-attr]


def test_who_is_forgotten_may_ask_again(jobs: Verifications) -> None:
    jobs.enter("a")
    jobs.drop("a")
    assert jobs.find("a") is None
    assert jobs.enter("a")[1]


def test_a_job_whose_process_died_is_given_up(jobs: Verifications, clock: list[float]) -> None:
    jobs.enter("a")
    jobs.enter("b")
    clock[0] += 140
    assert jobs.find("a")
    assert jobs.wait("b")
    clock[0] += 20
    assert jobs.find("a") is None
    assert jobs.start("b")
    assert not jobs.start("a")
    assert jobs.enter("a") == (Job("a", 1, "", None), True)


def test_a_job_that_waits_and_is_not_heard_of_is_given_up(jobs: Verifications, clock: list[float]) -> None:
    for name in "abcde":
        jobs.enter(name)
    clock[0] += 25
    assert jobs.wait("c")
    clock[0] += 10
    assert [bool(jobs.find(name)) for name in "abcde"] == [True, False, True, False, False]
    assert jobs.find("c").ahead in (1, 2)  # type: ignore[union-attr]
    assert not jobs.start("c")  # a runs
    assert jobs.find("c").ahead == 1  # type: ignore[union-attr]
    assert not jobs.wait("b")


def test_the_latest_results_are_kept(jobs: Verifications, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 3)
    for name in "abcde":
        jobs.enter(name)
        jobs.finish(name, {"ok": True})
    assert [bool(jobs.find(name)) for name in "abcde"] == [False, False, True, True, True]


def _enter(url: str, barrier: object, results: object, names: str) -> None:
    storage = Storage(url)
    jobs, entered = Verifications(storage), []
    barrier.wait(20)  # type: ignore[attr-defined]
    for name in names:
        try:
            entered.append((name, jobs.enter(name)[1], jobs.start(name)))
        except QueueFull:
            entered.append((name, False, False))
    results.put(entered)  # type: ignore[attr-defined]
    storage.close()


def test_processes_that_ask_at_once_share_one_queue(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(3), context.Queue()
    url = f"sqlite:///{tmp_path / 'jobs.db'}"
    processes = [
        context.Process(target=_enter, args=(url, barrier, results, names)) for names in ("abcx", "abdx", "aefx")
    ]
    for process in processes:
        process.start()
    entered = [row for _ in processes for row in results.get(timeout=60)]
    for process in processes:
        process.join(20)
    new = [name for name, is_new, _ in entered if is_new]
    assert len(new) == len(set(new)) == 5  # of seven programs, each entered once
    assert len({name for name, _, runs in entered if runs}) == 1
