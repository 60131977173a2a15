"""The parts of a run. ``python -m tests.performance.parts NAME OPTIONS`` takes one in a process of its own.

The last line that it prints is JSON: figures by name, and why it was skipped if it was.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Final

from tests.performance import growing, stages
from tests.performance.figures import Figures, SkippedError


@dataclass(frozen=True, slots=True)
class Options:
    """What a person chooses of a run."""

    edits: int = 5_000
    peers_venv: str = ""

    @property
    def environment(self) -> Path | None:
        """Where the peers' own environment is, or is to be made."""
        return Path(self.peers_venv).absolute() if self.peers_venv else None


@dataclass(frozen=True, slots=True)
class Part:
    """What takes figures, and in how many processes: many runs are made within one, but a first run is one alone."""

    take: Callable[[Options], Figures]
    processes: int = 1


def _growth(program: str, kind: str) -> Part:
    return Part(lambda _: growing.measure(kind, program))


def _stage(name: str) -> Part:
    return Part(lambda _: stages.measure(name), processes=3)


def _peer(name: str) -> Part:
    def take(options: Options) -> Figures:
        from tests.performance import peers

        if name == "neural_dsl":
            return peers.neural_dsl(options.environment)
        figures: Figures = getattr(peers, name)()
        return figures

    return Part(take)


def _starts(_: Options) -> Figures:
    from tests.performance import starts

    return starts.measure()


def _worker(name: str, options: Options) -> Figures:
    from tests.performance import worker

    return worker.memory(options.edits) if name == "memory" else worker.repeated()


PARTS: Final[Mapping[str, Part]] = {
    **{f"stages/{name}": _stage(name) for name in stages.STAGES},
    **{f"growth/{program}/{kind}": _growth(program, kind) for program in growing.PROGRAMS for kind in growing.GROWING},
    "real": _peer("real"),
    "peers/PyTorch": _peer("pytorch"),
    "peers/torchinfo": _peer("torchinfo"),
    "peers/Keras": _peer("keras"),
    "peers/neural-dsl": _peer("neural_dsl"),
    "starts": Part(_starts),
    "worker/repeated": Part(partial(_worker, "repeated")),
    "worker/memory": Part(partial(_worker, "memory")),
}


def main(name: str, options: str) -> None:
    """Take one part, and print it."""
    skipped = ""
    try:
        figures = PARTS[name].take(Options(**json.loads(options)))
    except SkippedError as error:
        figures, skipped = error.figures, str(error)
    print(json.dumps({"figures": {key: asdict(figure) for key, figure in figures.items()}, "skipped": skipped}))


if __name__ == "__main__":
    main(*sys.argv[1:])
