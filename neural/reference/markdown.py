"""The reference as Markdown: a page a layer and an index by family."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from neural.cost.report import BatchShape
from neural.layers.base import Weight
from neural.reference.blocks import block_facts
from neural.reference.blocks import names as blocks
from neural.reference.facts import ArgumentFacts, LayerFacts, facts, names, sentence
from neural.reference.forms import Form
from neural.shapes import describe

INDEX = "README.md"


def pages() -> dict[str, str]:
    """Return every page by its file name."""
    listed = [name for layers in names().values() for name in layers]
    return {INDEX: index(), **{f"{name}.md": page(facts(name)) for name in listed}}


def index() -> str:
    """Return the page that lists every layer and every block with its sentence."""
    parts = ["# Layers\n\nNames are read in any case. Arguments have Keras 3's names; PyTorch's are read too.\n"]
    for family, layers in names().items():
        rows = "\n".join(f"| [{name}]({name}.md) | {sentence(name)} |" for name in layers)
        parts.append(f"## {family}\n\n| | |\n|---|---|\n{rows}\n")
    rows = "\n".join(f"| [{name}](../blocks.md#{name.lower()}) | {block_facts(name).sentence} |" for name in blocks())
    return "\n".join([*parts, f"## Blocks\n\nWritten in the language itself.\n\n| | |\n|---|---|\n{rows}\n"])


def page(layer: LayerFacts) -> str:
    """Return the page of one layer."""
    return "\n\n".join([*_head(layer), *_example(layer), *_costs(layer), *_forms(layer.forms), _source(layer)]) + "\n"


def _head(layer: LayerFacts) -> Iterator[str]:
    yield f"# {layer.name}"
    yield from layer.text
    if layer.aliases:
        yield f"Also spelt {_codes(layer.aliases)}."
    yield f"Shape: `{layer.shape}`"
    if layer.rule:
        yield layer.rule
    yield "## Arguments"
    if layer.arguments:
        rows = "\n".join(_argument(each) for each in layer.arguments)
        yield f"| Argument | Accepts | Default | |\n|---|---|---|---|\n{rows}"
    else:
        yield "It takes none."


def _argument(each: ArgumentFacts) -> str:
    spellings = f" Also spelt {_codes(each.aliases)}." if each.aliases else ""
    default = f"`{each.default}`" if each.default else ""
    return f"| `{each.name}` | {each.accepts} | {default} | {each.text}{spellings} |"


def _example(layer: LayerFacts) -> Iterator[str]:
    yield "## Example"
    yield f"```neural\n{layer.program}```"
    if layer.row is None:
        return
    row = layer.row
    yield (
        "| Reads | Output shape | Parameters | FLOPs | Other operations |\n|---|---|---|---|---|\n"
        f"| {_shapes(row.input_shapes)} | {_shapes([row.output_shape])} "
        f"| {row.parameters:,} | {row.flops:,} | {row.other_ops:,} |"
    )
    if layer.pytorch_parameters is not None:
        yield f"In PyTorch it has {layer.pytorch_parameters:,} parameters."
    if layer.weights:
        yield f"| Weight | Shape | |\n|---|---|---|\n{_weights(layer.weights)}"


def _weights(weights: Sequence[Weight]) -> str:
    trained = {True: "trained", False: "not trained"}
    rows = ((f"`{each.name}`", f"`{describe(each.shape, batch=False)}`", trained[each.trainable]) for each in weights)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _costs(layer: LayerFacts) -> Iterator[str]:
    yield "## Costs"
    yield from layer.costs


def _forms(forms: Sequence[Form]) -> Iterator[str]:
    for each in forms:
        yield f"## {each.framework}"
        yield each.problem or (f"```python\n{each.code}\n```" if each.code else "It has no line of its own.")


def _source(layer: LayerFacts) -> str:
    return f"Source: [{layer.source.removeprefix('https://').rstrip('/')}]({layer.source})"


def _shapes(shapes: Sequence[BatchShape | None]) -> str:
    return ", ".join(f"`{describe(shape, batch=False)}`" for shape in shapes if shape is not None)


def _codes(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
