"""What others take to tell the same, in turns with what it takes here: PyTorch, torchinfo, Keras, and neural-dsl."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from neural.cost.report import Framework
from tests.performance import engine
from tests.performance.edits import KEYS, REAL, SOURCES, Texts
from tests.performance.figures import Figure, Figures, SkippedError, Taken, Trial, in_turns
from tests.performance.programs import chain

SHAPES: Final = {"ResNet50": (3, 224, 224), "encoder": (128, 1024)}
#: What the peers' own environment holds: without its requirements, which this environment has or which nothing needs.
NEURAL_DSL: Final = ("neural-dsl==0.2.9", "pysnooper", "graphviz", "psutil")
_SCRIPT: Final = Path(__file__).with_name("neural_dsl.py")


def ours(network: str, peer: str, framework: Framework) -> Trial:
    """Time a source that is new, where nothing of it is kept, and a few edits of one line of it, as a person types."""
    source, texts = SOURCES[network], REAL[network]["edit"]()

    def trial(taken: Taken) -> None:
        for _ in range(KEYS):
            engine.forget()
            taken.time(f"peers/{peer}/{network}/new source", lambda: engine.analyze(source, framework))
        engine.analyze(texts(), framework)  # now it is open
        for _ in range(KEYS):
            text = texts()
            taken.time(f"peers/{peer}/{network}/edit", lambda text=text: engine.analyze(text, framework))  # type: ignore[misc]

    return trial


def pytorch() -> Figures:
    """Build each network on the meta device and run it once, with hooks for shapes and saved tensors."""
    taken = Taken()
    taken.time("peers/PyTorch/import", _import("torch"))
    from tests.performance.torch_costs import builder, torch_costs

    figures = taken.figures()
    for network, source in SOURCES.items():
        build, shape = builder(source), SHAPES[network]
        name = f"peers/PyTorch/{network}/build and FlopCounterMode"
        theirs = _timed(name, lambda build=build, shape=shape: torch_costs(build, shape))  # type: ignore[misc]
        figures |= in_turns([ours(network, "PyTorch", "pytorch"), theirs], seconds=6)
    return figures


def torchinfo() -> Figures:
    """Build each network on the meta device and summarize it."""
    _import("torchinfo")()
    import torch
    import torchinfo as peer

    from tests.performance.torch_costs import builder

    def summarize(build: Callable[[], Any], shape: tuple[int, ...]) -> None:
        with torch.device("meta"):
            model = build()
        peer.summary(model, input_size=(1, *shape), device="meta", verbose=0)

    figures: Figures = {}
    for network, source in SOURCES.items():
        build, shape = builder(source), SHAPES[network]
        name = f"peers/torchinfo/{network}/build and summary"
        theirs = _timed(name, lambda build=build, shape=shape: summarize(build, shape))  # type: ignore[misc]
        figures |= in_turns([ours(network, "torchinfo", "pytorch"), theirs], seconds=4)
    return figures


def keras() -> Figures:
    """Build each network in Keras and print its summary to nowhere; weights are made, as Keras makes them."""
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "KERAS_BACKEND": "tensorflow"}
    taken = Taken()
    taken.time("peers/Keras/import", _import("keras"))
    import keras as peer

    def build_and_summarize(source: str) -> None:
        scope: dict[str, Any] = {"__name__": "generated"}
        exec(compile(engine.generate_keras(source), "generated.py", "exec"), scope)
        scope["build_model"]().summary(print_fn=lambda *_, **__: None)
        peer.backend.clear_session()

    figures = taken.figures()
    for network, source in SOURCES.items():
        name = f"peers/Keras/{network}/build and summary"
        theirs = _timed(name, lambda source=source: build_and_summarize(source))  # type: ignore[misc]
        figures |= in_turns([ours(network, "Keras", "tensorflow"), theirs], seconds=8)
    return figures


def neural_dsl(environment: Path | None) -> Figures:
    """Parse what neural-dsl 0.2.9 can read, there and here."""
    if environment is None:
        raise SkippedError("not installed: --peers-venv DIR makes an environment for it")
    python = str(environment / "bin" / "python")
    if not Path(python).exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", *NEURAL_DSL]
        subprocess.run(install, check=True, stdout=sys.stderr)
    texts = {f"chain of {layers}": _in_their_words(chain(layers)) for layers in (10, 100, 1_000)}
    # What it needs of ours (lark, numpy, torch) is looked for after its own.
    command = [python, str(_SCRIPT), sysconfig.get_path("purelib")]
    off = {**os.environ, "PYSNOOPER_DISABLED": "1", "PYTHONPATH": ""}  # it traces every call of its own
    done = subprocess.run(
        command, input=json.dumps(texts), stdout=subprocess.PIPE, text=True, check=True, env=off, cwd=environment
    )
    told = json.loads(done.stdout.splitlines()[-1])
    figures = {f"peers/neural-dsl/{name}/parse": Figure.of(values) for name, values in told["seconds"].items()}
    for name, text in texts.items():
        figures |= in_turns(
            [_timed(f"peers/neural-dsl/{name}/parse here", lambda text=text: engine.parse(text))],  # type: ignore[misc]
            seconds=0.5,
        )
    if told["broken"]:
        broken = "; ".join(f"{what} does not work ({why})" for what, why in told["broken"].items())
        raise SkippedError(broken, figures)
    return figures


def real() -> Figures:
    """Time new sources, edits and the page's answers for the real programs."""
    from tests.performance.page import Page

    def trial(network: str, page: Page, edits: dict[str, Texts], paged: Texts) -> Trial:
        def run(taken: Taken) -> None:
            for kind, texts in edits.items():
                text = texts()
                taken.time(f"real/{network}/{kind}", lambda text=text: engine.analyze(text))  # type: ignore[misc]
            text = paged()
            answer = taken.time(f"real/{network}/page, edit", lambda: page.analyze(text))
            taken.add(f"sent/{network}/page, edit", page.shown(answer), "B")

        return run

    trials = []
    for network, kinds in REAL.items():
        page, source = Page(), SOURCES[network]
        page.shown(page.open(source))
        # The page's texts have a line more, so that none of them is one of the engine's.
        paged = kinds["edit"]()
        trials.append(
            trial(network, page, {kind: make() for kind, make in kinds.items()}, lambda paged=paged: paged() + "\n")  # type: ignore[misc]
        )
    return in_turns(trials, seconds=5)


def _timed(name: str, work: Callable[[], object]) -> Trial:
    return lambda taken: taken.time(name, work)


def _import(name: str) -> Callable[[], object]:
    def work() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return __import__(name)
            except ImportError as error:
                raise SkippedError(f"not installed: {error}") from None

    return work


def _in_their_words(source: str) -> str:
    """Return a chain as neural-dsl reads it: with a loss and an optimizer, which it demands."""
    return source[: source.rindex("}")] + '    loss: "mse"\n    optimizer: "sgd"\n}\n'
