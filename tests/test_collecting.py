"""The garbage collector waits while an analysis is made, and only then."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from neural.collecting import CollectingLater


def test_no_collection_begins_inside() -> None:
    with CollectingLater():
        assert not gc.isenabled()
        with CollectingLater():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_all_is_as_it_was_after_an_error() -> None:
    with pytest.raises(ValueError, match="inside"), CollectingLater():
        raise ValueError("inside")
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with CollectingLater():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_it_stands_before_functions() -> None:
    @CollectingLater()
    def enabled() -> bool:
        return gc.isenabled()

    assert not enabled()
    assert gc.isenabled()


def test_threads_that_overlap() -> None:
    gate = Barrier(8)

    def work(_: int) -> bool:
        with CollectingLater():
            gate.wait()
            return gc.isenabled()

    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(work, range(8)))
    assert gc.isenabled()
