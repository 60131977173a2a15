"""Keras 3 source of a plan: a function that builds the model, laid out as in the program.

Layers are named by their keys, so that Keras's summary and the table can be compared; those of a function that is
called several times have the name of the call before their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from neural.code_generation.emitter import Refusals
from neural.code_generation.keras_blocks import Function, Line, Part, functions, settled
from neural.code_generation.keras_body import Bodies
from neural.code_generation.keras_layers import ROWS
from neural.code_generation.keras_outline import expanded
from neural.code_generation.keras_text import statement
from neural.code_generation.outline import outline
from neural.code_generation.templates import unify
from neural.code_generation.training import has_training
from neural.code_generation.training_keras import write_training
from neural.code_generation.writer import WIDTH, Generated, Names, Writer
from neural.diagnostics import LineIndex
from neural.shape_propagation.plan import Plan

__all__ = ["ROWS", "emit", "names"]

_INDENT = 4
#: How many statements are few enough to stand twice.
_FEW = 6


def emit(plan: Plan, refusals: Refusals, *, script: bool = True) -> Generated:
    """Return one file that defines ``build_model``; with ``script`` it trains, or shows the model."""
    writer = Writer()
    writer.use("import keras", "from keras import layers")
    network, blocks = _laid_out(plan, refusals, writer)
    for block in blocks:
        _write_function(writer, block.signature(), block.summary(), block.lines)
    lines = settled(network)
    texts = unify([[line.made for line in lines]], Names()).lines
    whole = [(line.source(text), line) for text, line in zip(texts, lines, strict=True)]
    _write_function(writer, "def build_model() -> keras.Model:", "Return the network with fresh weights.", whole)
    if script and has_training(plan):
        write_training(writer, plan, refusals)
    elif script:
        writer.section()
        with writer.block('if __name__ == "__main__":'):
            writer.line("build_model().summary()")
    made = writer.generated("A network in Keras.")
    position = {step.key: index for index, step in enumerate(plan.all())}
    return replace(made, places=tuple(sorted(made.places, key=lambda each: (each.first, position[each.mark.key]))))


def names(plan: Plan) -> dict[str, str]:
    """Return, by the key of each step that has a layer in the built model, the name of that layer."""
    network, _ = _laid_out(plan, Refusals(LineIndex("")), Writer())
    return network.names


def _laid_out(plan: Plan, refusals: Refusals, writer: Writer) -> tuple[Part, list[Function]]:
    """Return the network and its functions: none for the calls of a macro that only divides the network."""
    items = expanded(outline(plan.live(), plan.network.outputs))
    while True:
        bodies = Bodies(plan, refusals, writer, items)
        network = bodies.network()
        if refusals.found:
            return network, []
        blocks = functions(network, bodies.reserved)
        dividing = set(_dividing(blocks))
        if not dividing:
            return network, blocks
        items = expanded(items, dividing)


def _dividing(blocks: Sequence[Function]) -> Iterator[tuple[str, str]]:
    """Yield, by macro and key, calls of macros of which nearly each has a function of its own: alone, or short."""
    calls = Counter(part.macro for block in blocks for part in block.parts)
    made = Counter(block.parts[0].macro for block in blocks)
    for block in blocks:
        macro, alone = block.parts[0].macro, len(block.parts) == 1
        if calls[macro] > 1 and 4 * made[macro] > 3 * calls[macro] and (alone or len(block.lines) <= _FEW):
            yield from ((macro, part.key) for part in block.parts)


def _write_function(writer: Writer, head: str, summary: str, lines: Sequence[tuple[str, Line]]) -> None:
    writer.section()
    with writer.block(head):
        writer.line(f'"""{summary}"""')
        for text, line in lines:
            _write(writer, text, line)


def _write(writer: Writer, text: str, line: Line) -> None:
    """Write a statement, its comment beside it or above; above it none that the statement before has shown."""
    indent = _INDENT * (1 + line.depth)
    if not text:
        writer.blank()
        return
    head = "return " if line.target == "return" else f"{line.target} = " if line.target else ""
    lines = statement(head, text, line.tensors, indent)
    beside = f"{lines[-1]}  # {line.comment}"
    if line.comment and len(beside) <= WIDTH:
        lines[-1] = beside
    elif line.comment and not line.keeps:
        writer.written([f"{' ' * indent}# {line.comment}"])
    writer.written(lines, line.marks)
