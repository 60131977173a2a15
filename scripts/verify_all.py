"""Verify every network of the examples, at small sizes, and random programs: PyTorch and Keras compute the same.

    python scripts/verify_all.py --random 2000

Prints what differs, and what is not verified and why; ends with 1 where anything differs.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from neural import verification
from neural.compiler import Analysis, default_compiler
from neural.errors import NeuralError
from neural.syntax import NetworkItem
from tests.examples.small import SMALL, shrunken
from tests.generator import random_program


def examples() -> Iterator[tuple[str, Analysis]]:
    """Yield every network of every example, with small values of its knobs."""
    compiler = default_compiler()
    for path in sorted(Path("examples").glob("*.neural")):
        source = path.read_text(encoding="utf-8")
        program = compiler.parse(source).program
        assert program is not None
        for placed in program.items:
            if isinstance(placed.item, NetworkItem):
                name, values = placed.item.name.text, SMALL.get(path.stem, {})
                yield f"{path.stem} {name}", compiler.plan(shrunken(source, name), network=name, values=values)


def programs(first: int, count: int) -> Iterator[tuple[str, Analysis]]:
    """Yield random programs by their seeds."""
    for seed in range(first, first + count):
        yield f"seed {seed}", default_compiler().plan(random_program(seed))


def outcome(name: str, analysis: Analysis) -> str:
    """Verify a network; say what is wrong, and return the kind of outcome."""
    assert analysis.plan is not None, name
    try:
        found = verification.verify(analysis.plan, analysis.lines)
    except NeuralError:
        return "not expressible in a framework"
    except verification.RefusalError as error:
        if "program's own" not in str(error):
            print(f"{name}: {error}", flush=True)
        return "not verified"
    if not found.ok:
        print(f"{name}: {found.problem}", flush=True)
    return "the same" if found.ok else "different"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--random", type=int, default=2000, help="how many random programs (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (default: %(default)s)")
    parser.add_argument("--no-examples", action="store_true", help="verify random programs alone")
    options = parser.parse_args()
    start, counts = perf_counter(), Counter[str]()
    if not options.no_examples:
        for name, analysis in examples():
            counts[outcome(name, analysis)] += 1
        print(f"examples: {dict(counts)}, {perf_counter() - start:.0f} s", flush=True)
    for index, (name, analysis) in enumerate(programs(options.seed, options.random), 1):
        counts[outcome(name, analysis)] += 1
        if index % 100 == 0:
            print(f"{index} random programs: {dict(counts)}, {perf_counter() - start:.0f} s", flush=True)
    print(f"in all: {dict(counts)}, {perf_counter() - start:.0f} s")
    return 1 if counts["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
