"""``neural profile``: a time for every stage, and what the caches did."""

from __future__ import annotations

from pathlib import Path

import pytest

from neural import kept
from neural.diskcache import DiskCache
from neural.layers.plugins import plugin_layers
from neural.profiling import profile
from tests.cli.conftest import BAD, GOOD, Neural

STAGES = ["make the parser", "parse", "bind", "propagate", "report", "generate pytorch", "generate tensorflow"]
ANALYSES = ["analyze, new", "analyze, again", "analyze, from disk"]


def test_every_stage_is_timed() -> None:
    result = profile(GOOD)
    assert list(result.seconds) == [*STAGES, *ANALYSES]
    assert all(seconds >= 0 for seconds in result.seconds.values())
    assert (result.caches["reports"].hits, result.caches["reports"].misses) == (1, 1)
    assert result.diagnostics == ()


def test_a_program_with_errors_is_timed_as_far_as_it_goes() -> None:
    result = profile(BAD)
    assert list(result.seconds) == [*STAGES[:5], *ANALYSES]
    assert [each.code for each in result.diagnostics] == ["N201"]
    too_large = profile("#" * 300_000)
    assert list(too_large.seconds) == [*STAGES[:2], *ANALYSES]
    assert [each.code for each in too_large.diagnostics] == ["N107"]


def test_it_shows_that_the_disk_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    plugin_layers.cache_clear()
    monkeypatch.setattr(kept, "ANSWERS", DiskCache())
    first, second = profile(GOOD).caches["disk"], profile(GOOD).caches["disk"]
    assert [(each.hits, each.misses, each.size) for each in (first, second)] == [(1, 1, 1), (3, 1, 1)]
    assert 0 < second.bytes <= second.budget


def test_without_the_disk_it_shows_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURAL_CACHE", "0")
    result = profile(GOOD)
    assert list(result.seconds) == [*STAGES, *ANALYSES[:2]]
    assert "disk" not in result.caches


def test_the_command_prints_it(good: Path, bad: Path, neural: Neural) -> None:
    result = neural("profile", good)
    assert result.exit_code == 0
    assert all(stage in result.stdout for stage in [*STAGES, *ANALYSES, "hits", "bytes", "reports", "disk"])
    assert neural("profile", bad).exit_code == 1
