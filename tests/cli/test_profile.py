"""``neural profile``: a time for every stage, and what the caches did."""

from __future__ import annotations

from pathlib import Path

from neural.profiling import profile
from tests.cli.conftest import BAD, GOOD, Neural

STAGES = ["make the parser", "parse", "bind", "propagate", "report", "generate pytorch", "generate tensorflow"]
ANALYSES = ["analyze, new", "analyze, again"]


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


def test_the_command_prints_it(good: Path, bad: Path, neural: Neural) -> None:
    result = neural("profile", good)
    assert result.exit_code == 0
    assert all(stage in result.stdout for stage in [*STAGES, *ANALYSES, "hits", "reports"])
    assert neural("profile", bad).exit_code == 1
