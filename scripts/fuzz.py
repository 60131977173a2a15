#!/usr/bin/env python3
"""Analyse random programs, right and broken, and hold what holds for all of them.

    python scripts/fuzz.py --count 1000000 --seed 1 --processes 2

Prints progress, the slowest source and the peak of memory; writes what fails to a file, and then ends with 1.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import islice
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from neural.compiler import default_compiler
from tests.generation.checks import check_any, check_right, commented
from tests.generator import mutate, random_program

#: Sources made of one program: itself, with comments at odd places, and broken.
COMMENTED = 1
BROKEN = 498
EACH = 1 + COMMENTED + BROKEN
BATCH = 5
SECONDS = 1.0
#: How often a source that took longer is tried again: what counts is the least.
TRIES = 2
MEBIBYTES = 64.0


class Result(NamedTuple):
    """What a batch of programs came to."""

    count: int
    failures: list[dict[str, Any]]
    slowest: tuple[float, str]
    growth: float
    """By how many MiB the sources of this batch raised the peak of the process."""
    peak: float


@lru_cache(4)
def program(seed: int) -> str:
    """Return the program of a seed, which is broken, and is what is spliced into the one before it."""
    return random_program(seed)


def sources(seed: int) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of every source of a seed."""
    rng, text, other = Random(seed), program(seed), program(seed + 1)
    yield "right", text
    for _ in range(COMMENTED):
        yield "right", commented(text, rng)
    for _ in range(BROKEN):
        yield "broken", mutate(text, rng, other)


def peak() -> float:
    """Return the peak of this process's memory in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def checked(check: Callable[[str], None], text: str) -> tuple[str, float]:
    """Check a source; return what is wrong, and the seconds that it took."""
    start = perf_counter()
    try:
        check(text)
    except Exception as error:
        return f"{type(error).__name__}: {error}", perf_counter() - start
    return "", perf_counter() - start


def batch(seeds: range) -> Result:
    """Check every source of some seeds."""
    count, failures, slowest, before = 0, [], (0.0, ""), peak()
    for seed in seeds:
        for kind, text in sources(seed):
            count += 1
            check = check_right if kind == "right" else check_any
            held = peak()
            reason, seconds = checked(check, text)
            for _ in range(TRIES * (seconds > SECONDS)):  # the processor may have been shared
                default_compiler().clear()
                seconds = min(seconds, checked(check, text)[1])
            slowest = max(slowest, (seconds, text))
            if seconds > SECONDS:
                reason = reason or f"took {seconds:.2f} s"
            if peak() - held > MEBIBYTES:
                reason = reason or f"took {peak() - held:.0f} MiB"
            if reason:
                failures.append({"seed": seed, "kind": kind, "reason": reason, "source": text})
    return Result(count, failures, slowest, peak() - before, peak())


def batches(first: int, count: int) -> Iterator[range]:
    """Yield the seeds of each batch, for that many sources in all."""
    wanted = -(-count // EACH)
    for start in range(0, wanted, BATCH):
        yield range(first + start, first + min(start + BATCH, wanted))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000, help="how many sources (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=1, help="how many processes (default: %(default)s)")
    parser.add_argument("--failures", type=Path, default=Path("build/fuzz-failures.jsonl"), help="default: %(default)s")
    options = parser.parse_args()
    start, done, failed, slowest, highest = perf_counter(), 0, 0, (0.0, ""), 0.0
    options.failures.parent.mkdir(parents=True, exist_ok=True)
    with options.failures.open("w", encoding="utf-8") as file, ProcessPoolExecutor(options.processes) as pool:
        work = batches(options.seed * 10_000_000, options.count)
        while chunk := list(islice(work, 4 * options.processes)):
            for result in pool.map(batch, chunk):
                done += result.count
                failed += len(result.failures)
                slowest = max(slowest, result.slowest)
                highest = max(highest, result.peak)
                file.writelines(json.dumps(each) + "\n" for each in result.failures)
                file.flush()
            rate = done / (perf_counter() - start)
            print(
                f"{done} sources, {failed} failures, slowest {slowest[0]:.2f} s, peak {highest:.0f} MiB, {rate:.0f}/s",
                flush=True,
            )
    print(f"the slowest source took {slowest[0]:.3f} s:\n{slowest[1]!r}")
    if failed:
        print(f"{failed} failures are in {options.failures}")
    else:
        options.failures.unlink()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
