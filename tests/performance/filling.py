"""Distinct programs, as many as are asked for: what the caches hold then, and what the process has grown by.

``python -m tests.performance.filling 100000`` prints it, and exits with 1 beyond 50 MB.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Final

ROOT: Final = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

from neural.caches import cache_counts  # noqa: E402
from neural.compiler import Compiler  # noqa: E402
from neural.errors import NeuralError  # noqa: E402
from tests.performance.profiling_utils import MemoryTracker  # noqa: E402

MOST: Final = 50_000_000
_WARM: Final = 200


def distinct(count: int, seed: int = 1) -> Iterator[str]:
    """Yield programs no two of which are alike: every name and size is another, and some are broken."""
    random = Random(seed)
    for number in range(count):
        layers = [f'Conv2D({number * 7 + place + 1}, 3, padding="same")' for place in range(random.randint(1, 12))]
        layers += [
            f'Dense({number * 3 + place + 1}, name="d{number}_{place}")' for place in range(random.randint(1, 12))
        ]
        layers[random.randrange(len(layers))] += random.choice(("", "", "", " BatchNormalization()", " Unknwn()", ")"))
        notes = f"# {random.randbytes(random.randint(1, 200)).hex()}"
        yield f"{notes}\nnetwork N{number} {{\n input: (32, 32, 3)\n layers:\n  " + "\n  ".join(layers) + "\n}\n"


def ask(compiler: Compiler, source: str) -> None:
    """Ask all that the page asks for a program."""
    report = compiler.analyze(source)
    for backend in ("pytorch", "tensorflow") if report.ok else ():
        try:
            compiler.code(source, backend=backend)
        except NeuralError:
            continue


def main() -> None:
    """Fill the caches, and say what came of it."""
    count, compiler = int(sys.argv[1]), Compiler()
    for source in distinct(_WARM, seed=2):
        ask(compiler, source)
    compiler.clear()
    with MemoryTracker() as memory:
        for source in distinct(count):
            ask(compiler, source)
    held = cache_counts()
    for name, counts in held.items():
        print(f"{name:<12}{counts.size:>8,} entries {counts.bytes / 1e6:>8.1f} of {counts.budget / 1e6:.1f} MB")
    counted = sum(counts.bytes for counts in held.values())
    print(f"{count:,} programs: {memory.resident_growth / 1e6:.1f} MB more, {counted / 1e6:.1f} MB counted")
    sys.exit(memory.resident_growth > MOST)


if __name__ == "__main__":
    main()
