"""Statements with the shapes they make: layers, labels, merges, blocks, branches, loops, macros and search values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from random import Random
from typing import Any, NamedTuple

from neural.binding.macros import macro_names
from neural.compiler import default_compiler
from neural.errors import RuleError
from neural.layers.base import Layer
from neural.layers.catalogue import LAYERS
from neural.shapes import Shape
from tests.generation.arguments import Arguments, Call
from tests.generation.expressions import KEYWORDS, Expressions

Accept = Callable[[Shape], bool]

ELEMENTS = 6000
DEVICES = ('"cpu"', '"gpu"', "'cuda:0'", '"cuda:1"', '"auto"', '"mps"', '"tpu"', '"xpu:1"')
SAME_SHAPE_MERGES = ("add", "multiply", "average", "maximum", "minimum", "subtract")
CHAIN = tuple(name for name, cls in LAYERS.items() if cls.arity[0] == 1 and cls.integer_input is not True)
SEVERAL = ("Split", "SimpleRNN", "LSTM", "GRU", "Bidirectional", "RNN", "ConvLSTM1D", "ConvLSTM2D")
MERGING = tuple(name for name, cls in LAYERS.items() if cls.arity[1] > 1)

#: Arguments of the blocks of the standard library that fit many shapes.
STANDARD_CALLS: dict[str, tuple[str, ...]] = {
    "BottleneckBlock": ("1", "2, stride=2", "use_bias=true, filters=3, expansion=2"),
    "ConvNeXtBlock": ("", "kernel=3, expansion=2, drop=0.1"),
    "DenseBlock": ("2, 3", "steps=1, growth=4, bottleneck=2"),
    "FeedForward": ("8", '6, "gelu", dropout=0.1'),
    "InceptionBlock": ("1, 2, 3, 4, 5, 6", '2, 2, 3, 1, 2, 2, activation="tanh"'),
    "InvertedResidual": ("4", "6, expansion=2, stride=2", "filters=3, expansion=1"),
    "MBConv": ("4", "6, expansion=2, kernel=5, stride=2", "4, squeeze=0, dropout=0.2"),
    "PatchEmbedding": ("2, 6", "width=4, patch=1"),
    "PreNormTransformerEncoder": ("2, 8", "1, 6, causal=true, key_dim=3"),
    "ResidualBlock": ("4", "6, stride=2, use_bias=true"),
    "SqueezeExcitation": ("", "ratio=2", 'units=3, gate="hard_sigmoid"'),
    "SwiGLU": ("8", "units=6"),
    "Transformer": ("2, 8, 1, 1", "num_heads=1, ff_dim=6, num_encoder_layers=2, num_decoder_layers=2"),
    "TransformerDecoder": ("2, 8", "num_heads=1, ff_dim=6, dropout=0.2"),
    "TransformerEncoder": ("2, 8", "num_heads=1, ff_dim=6, dropout=0.2", '2, 4, activation="gelu", key_dim=3'),
}


class Tensor(NamedTuple):
    """What a statement reads: its shape, and whether it holds whole numbers that only an embedding reads."""

    shape: Shape
    integer: bool = False


@dataclass
class Place:
    """Where statements stand: the names in scope, the tensor at hand, and what is allowed there."""

    current: Tensor
    tensors: dict[str, Tensor]
    values: dict[str, Any] = field(default_factory=dict)
    depth: int = 0
    named: bool = False
    """Whether a layer may be given a name: it is written once."""
    accept: Accept | None = None
    labels: list[str] = field(default_factory=list)

    @property
    def shape(self) -> Shape:
        return self.current.shape

    def takes(self, shape: Shape) -> bool:
        """Whether a result is of a size and rank to go on with."""
        known = prod(size or 1 for size in shape)
        return 1 <= len(shape) <= 4 and 1 <= known <= ELEMENTS and (self.accept is None or self.accept(shape))

    def readable(self) -> dict[str, Shape]:
        """Return the shapes of the tensors in scope that hold numbers to compute with."""
        return {name: tensor.shape for name, tensor in self.tensors.items() if not tensor.integer}


#: Blocks of the standard library that read two tensors.
READING_TWO = ("Transformer", "TransformerDecoder")


class Macro(NamedTuple):
    """A macro: its text, its parameters with the values it was designed for, and how many tensors it reads."""

    name: str
    text: str
    parameters: tuple[tuple[str, Any, bool], ...]
    """Name, value and whether that is its default."""
    inputs: int = 1


class Statements:
    """Writes the statements of one program, whose constants and macros come into being as they are wanted."""

    def __init__(self, rng: Random, favoured: Sequence[str] = ()) -> None:
        self.rng = rng
        self.favoured = favoured
        self.lets: list[str] = []
        self.constants: dict[str, Any] = {}
        self.macros: list[Macro] = []
        self._names = 0

    def fresh(self, stem: str) -> str:
        """Return a name that nothing has yet."""
        self._names += 1
        return f"{stem}_{self._names}"

    def expressions(self, place: Place) -> Expressions:
        """Return the writer of values at a place; at times there is a new constant."""
        if len(self.lets) < 12 and self.rng.random() < 0.06:
            self._let(self.rng.randint(1, 12))
        return Expressions(self.rng, {**self.constants, **place.values}, place.readable())

    def arguments(self, place: Place) -> Arguments:
        """Return the writer of arguments at a place."""
        return Arguments(self.rng, self.expressions(place), place.shape)

    def _let(self, value: int) -> None:
        name, write = self.fresh("k"), Expressions(self.rng, self.constants, {})
        form = self.rng.random()
        if form < 0.1:
            self.constants[name] = value / 8
            self.lets.append(f"let {name} = {value / 8}")
        elif form < 0.2:
            self.lets.append(f"let {name} = {self.rng.choice(('(3, 3)', chr(34) + 'relu' + chr(34), 'true', 'none'))}")
        else:
            low, high = write.integer(self.rng.randint(0, value)), write.integer(value + self.rng.randint(0, 9))
            within = f" in {low}..{high}" if self.rng.random() < 0.5 else ""
            self.lets.append(f"let {name} = {write.integer(value)}{within}")
            self.constants[name] = value

    # --- chains ---

    def chain(self, place: Place, count: int) -> list[str]:
        """Return statements in sequence; the place holds what they make."""
        return [text for _ in range(count) for text in self.statement(place)]

    def statement(self, place: Place) -> list[str]:
        """Return one statement, or a few that belong together."""
        if place.current.integer:
            return self._embedding(place)
        forms = _FORMS if place.depth < 3 else _FLAT
        for _ in range(20):
            favoured = self.favoured and self.rng.random() < 0.5
            form = (
                Statements._favoured
                if favoured
                else self.rng.choices([each for each, _ in forms], [weight for _, weight in forms])[0]
            )
            try:
                texts = form(self, place)
            except RuleError:
                continue
            if texts:
                return texts
        return []

    def _embedding(self, place: Place) -> list[str]:
        embeds = tuple(name for name, cls in LAYERS.items() if cls.integer_input is True)
        call = self.arguments(place).layer(embeds)
        assert call is not None, "an input of whole numbers is read by an embedding"
        place.current = Tensor(call.output)
        return [call.text]

    def _drawn(self, place: Place, names: tuple[str, ...] = CHAIN, *inputs: Shape) -> Call | None:
        for _ in range(6):
            call = self.arguments(place).layer(names, inputs=inputs)
            if call is None:
                return None
            if place.takes(call.output):
                return call
        return None

    def _layer(self, place: Place) -> list[str]:
        call = self._drawn(place)
        if call is None:
            return []
        text, count, shape = call.text, 1, call.output
        if self.rng.random() < 0.1:
            count, shape = self._repeats(call.layer, place)
        if place.named and count == 1 and self.rng.random() < 0.06:
            text = _with(text, f'name="{self.fresh("named")}"')
        label = self._label(place)
        text = f"{label}{text}{self._reference_to_current(place)}{self._device()}{self._times(place, count)}"
        self._made(place, label, shape)
        return [text]

    def _repeats(self, layer: Layer, place: Place) -> tuple[int, Shape]:
        shape, count = layer.output_shape((place.shape,)), 1
        for _ in range(self.rng.randint(1, 3)):
            try:
                following = layer.output_shape((shape,))
                layer.weights((shape,))
            except RuleError:
                break
            if not place.takes(following):
                break
            shape, count = following, count + 1
        return count, shape

    def _times(self, place: Place, count: int) -> str:
        if count == 1 and self.rng.random() < 0.97:
            return ""
        known = [name for name, each in self.constants.items() if type(each) is int and each == count]
        forms = [str(count), f"({count})", f"({count + 2} - 2)", f"min({count}, 9)", f"{count}.0", *known]
        return f" * {self.rng.choice(forms)}"

    def _label(self, place: Place) -> str:
        return f"{self.fresh(self.rng.choice(('x', 'skip', 'h', 'Left')))} = " if self.rng.random() < 0.25 else ""

    def _made(self, place: Place, label: str, *shapes: Shape) -> None:
        """Take down the labels of a statement with the results that they name."""
        place.current = Tensor(shapes[0])
        if label:
            names = label.removesuffix(" = ").split(", ")
            place.tensors |= {name: Tensor(shape) for name, shape in zip(names, shapes, strict=False)}
            place.labels += names

    def _several(self, place: Place) -> list[str]:
        """Name several results of a layer."""
        call = self._drawn(place, SEVERAL)
        if call is None or call.layer.results == 1:
            return []
        shapes = call.layer.output_shapes((place.shape,))
        count = self.rng.randint(2, min(len(shapes), 5))
        label = ", ".join(self.fresh("part") for _ in range(count)) + " = "
        self._made(place, label, *shapes)
        return [f"{label}{call.text}{self._device()}"]

    def _reference_to_current(self, place: Place) -> str:
        """Name what is read anyway, at times: a tensor of the same shape."""
        same = [name for name, shape in place.readable().items() if shape == place.shape]
        if not same or self.rng.random() < 0.75:
            return ""
        return f"({self.rng.choice(same)}{self.rng.choice(('', '', ','))})"

    def _device(self) -> str:
        return f" @ {self.rng.choice(DEVICES)}" if self.rng.random() < 0.04 else ""

    def _merge(self, place: Place) -> list[str]:
        known = place.readable()
        if not known:
            return []
        first = self.rng.choice(list(known))
        alike = [name for name, shape in known.items() if len(shape) == len(known[first])]
        names = [first, *(self.rng.choice(alike) for _ in range(self.rng.choice((1, 1, 1, 2))))]
        inner = replace(place, current=Tensor(known[first]))
        call = self._drawn(inner, MERGING, *(known[name] for name in names))
        if call is None:
            return []
        label = self._label(place)
        self._made(place, label, call.output)
        return [f"{label}{call.text}({', '.join(names)}){self._device()}"]

    def _jump(self, place: Place) -> list[str]:
        """Read another tensor than the one at hand."""
        known = place.readable()
        if not known:
            return []
        name = self.rng.choice(list(known))
        call = self._drawn(replace(place, current=Tensor(known[name])))
        if call is None:
            return []
        label = self._label(place)
        self._made(place, label, call.output)
        return [f"{label}{call.text}({name})"]

    def _shared(self, place: Place) -> list[str]:
        known = place.readable()
        if not known:
            return []
        first = self.rng.choice(list(known))
        second = self.rng.choice([name for name, shape in known.items() if shape == known[first]])
        call = self._drawn(replace(place, current=Tensor(known[first])))
        if call is None or None in call.output:
            return []
        text = _with(call.text, f'shared="{self.fresh("weights")}"')
        left, right = self.fresh("tower"), self.fresh("tower")
        place.tensors[left] = place.tensors[right] = Tensor(call.output)
        place.labels += [left, right]
        place.current = Tensor(call.output)
        return [f"{left} = {text}({first})", f"{right} = {text}({second})", f"Add()({left}, {right})"]

    def _choice(self, place: Place) -> list[str]:
        call, others = self._drawn(place), [self._drawn(place) for _ in range(self.rng.randint(0, 2))]
        if call is None:
            return []
        texts = [call.text, *(each.text for each in others if each)]
        if any("HPO" in text for text in texts):
            return []
        label = self._label(place)
        self._made(place, label, call.output)
        return [f"{label}HPO(choice({', '.join(texts)}))"]

    # --- blocks ---

    def inner(self, place: Place, accept: Accept | None = None, *, named: bool = False) -> Place:
        """Return the place inside a block that reads the tensor at hand."""
        tensors = {**place.tensors, "input": place.current}
        deeper = place.depth + 1
        return Place(place.current, tensors, place.values, deeper, place.named and named, accept)

    def _residual(self, place: Place) -> list[str]:
        shape, rng = place.shape, self.rng
        merge = rng.choice(SAME_SHAPE_MERGES)
        if not place.takes(shape):
            return []
        count = rng.choice((1, 1, 1, 2, 3))
        inside = self.inner(place, lambda each: each == shape, named=count == 1)
        body = self.chain(inside, rng.choice((0, 1, 1, 2, 3)))
        known = f'merge="{merge}"'
        head = rng.choice(("Residual()", "Residual()", "Residual", "ResidualConnection()", f"Residual({known})"))
        if rng.random() < 0.05:
            head, count = f'Residual("{merge}")', 1
        elif place.named and rng.random() < 0.05:
            head, count = f'Residual(merge="Add", name="{self.fresh("named")}")', 1
        if "(" in head:
            head += self._reference_to_current(place)
        label = self._label(place)
        self._made(place, label, shape)
        return [f"{label}{head}{self._device()} {braces(rng, body)}{self._times(place, count)}"]

    def _parallel(self, place: Place) -> list[str]:
        shape, rng = place.shape, self.rng
        merge = rng.choice(("Concatenate", "Concatenate", "Add", "Maximum"))

        def accept(each: Shape) -> bool:
            return each == shape or (merge == "Concatenate" and each[:-1] == shape[:-1])

        branches, results = [], []
        for _ in range(rng.randint(2, 3)):
            inside = self.inner(place, accept, named=True)
            body = self.chain(inside, rng.choice((0, 1, 1, 2)))
            branches.append(f"{self.fresh('branch')}: {braces(rng, body)}")
            results.append(inside.shape)
        layer = LAYERS[merge]()
        output = layer.output_shape(tuple(results))
        if not place.takes(output):
            return []
        head = {"Concatenate": ["Parallel()", "Parallel", 'Parallel(merge="concat")', "Parallel(axis=-1)",
                                f'Parallel(merge="concatenate", axis={len(shape)})']}.get(
            merge, [f'Parallel(merge="{merge.lower()}")', f"Parallel('{merge}')"])  # fmt: skip
        label = self._label(place)
        self._made(place, label, output)
        return [f"{label}{rng.choice(head)} {braces(rng, branches)}"]

    def _branches(self, place: Place) -> list[str]:
        known = [name for name in place.tensors if name not in KEYWORDS]
        if not known:
            return []
        names = self.rng.sample(known, min(len(known), self.rng.choice((1, 2, 2, 3))))
        return self.branches(place, names)

    def branches(self, place: Place, names: list[str]) -> list[str]:
        """Return named branches that end alike, and the layer that merges them."""
        width, texts = self.rng.randint(1, 8), []
        done: dict[str, Tensor] = {}
        if any(None in place.tensors[name].shape for name in names):
            return []
        for name in names:
            outside = replace(place, current=place.tensors[name], tensors={**place.tensors, **done})
            inside = self.inner(outside, lambda each: None not in each, named=True)
            body = self.chain(inside, self.rng.randint(1, 2))
            body += ["Flatten()"] if len(inside.shape) > 1 else []
            body.append(f"Dense({self.expressions(inside).integer(width)})")
            texts.append(f"{name}: {braces(self.rng, body)}")
            done[name] = Tensor((width,))
        merged = Place(Tensor((width,)), {}, place.values, accept=place.accept)
        call = self._drawn(merged, MERGING, *((width,),) * len(names)) if len(names) > 1 else self._drawn(merged)
        if call is None:
            raise RuleError("no layer reads these branches")
        place.tensors.update(done)
        self._made(place, "", call.output)
        return [*texts, call.text]

    def _loop(self, place: Place) -> list[str]:
        low, count, name = self.rng.randint(0, 3), self.rng.randint(0, 3), self.fresh("i")
        inside = Place(place.current, {}, {**place.values, name: low}, place.depth + 1, accept=place.accept)
        body = self.chain(inside, self.rng.randint(1, 2))
        write = Expressions(self.rng, self.constants, {})
        text = f"for {name} in {write.integer(low)}..{write.integer(low + count)} {braces(self.rng, body)}"
        shape = self._probed(place, text)
        if shape is None or not place.takes(shape):
            return []
        place.current = Tensor(shape)
        return [text]

    # --- macros ---

    def _macro(self, place: Place) -> list[str]:
        known = [macro for macro in self.macros if macro.inputs == 1 and "shared=" not in macro.text]
        if not known or self.rng.random() < 0.4:
            return self._new_macro(place)
        return self._call(place, self.rng.choice(known))

    def _new_macro(self, place: Place) -> list[str]:
        parameters: dict[str, Any] = {}
        for _ in range(self.rng.randint(0, 3)):
            parameters[self.rng.choice((self.fresh("p"), "filters", "rate"))] = self.rng.randint(1, 8)
        inside = Place(place.current, {"input": place.current}, dict(parameters), place.depth + 1)
        body = self.chain(inside, self.rng.randint(1, 3))
        if not body:
            return []
        macro = self._defined(parameters, body, 1)
        texts = self._call(place, macro, designed=True)
        if not texts:
            self.macros.remove(macro)
        return texts

    def _defined(self, parameters: dict[str, Any], body: list[str], inputs: int) -> Macro:
        name = self.fresh("Block")
        defaults = sorted((self.rng.random() < 0.5, key) for key in parameters)
        heads, taken = [], []
        for optional, key in defaults:
            heads.append(
                f"{key}={Expressions(self.rng, self.constants, {}).integer(parameters[key])}" if optional else key
            )
            taken.append((key, parameters[key], optional))
        comma = "," if heads and self.rng.random() < 0.1 else ""
        head = f"({', '.join(heads)}{comma})" if heads or self.rng.random() < 0.3 else ""
        macro = Macro(name, f"define {name}{head} {braces(self.rng, body)}", tuple(taken), inputs)
        self.macros.append(macro)
        return macro

    def _call(self, place: Place, macro: Macro, *, designed: bool = False, references: str = "") -> list[str]:
        values = {name: each for name, each in place.values.items() if name not in self.constants}
        write = Expressions(self.rng, {**self.constants, **values}, {})
        given = []
        for name, value, optional in macro.parameters:
            if not optional or self.rng.random() < 0.4:
                wanted = value if designed or self.rng.random() < 0.4 else self.rng.randint(1, 8)
                given.append((name, write.integer(wanted)))
        positions = len(given) if not any(each[2] for each in macro.parameters) else 0
        positions = self.rng.randint(0, positions)
        parts = [text if index < positions else f"{name}={text}" for index, (name, text) in enumerate(given)]
        bare = not parts and not references and self.rng.random() < 0.3
        head = macro.name if bare else f"{macro.name}({', '.join(parts)}){references}"
        block = ""
        if not references and self.rng.random() < 0.15:
            block = " " + braces(self.rng, self.chain(Place(place.current, {}, place.values, place.depth + 2), 1))
        count = self.rng.choice((1, 1, 1, 2)) if not references else 1
        return self._accepted(place, f"{head}{self._device()}{block}{self._times(place, count)}", bool(references))

    def _accepted(self, place: Place, text: str, jumps: bool = False) -> list[str]:
        shape = self._probed(place, text, jumps)
        if shape is None or not place.takes(shape):
            return []
        label = self._label(place)
        self._made(place, label, shape)
        return [label + text]

    def _joining_macro(self, place: Place) -> list[str]:
        """Define and call a macro that reads two tensors."""
        known = [name for name, shape in place.readable().items() if None not in shape]
        if not known:
            return []
        names = [self.rng.choice(known), self.rng.choice(known)]
        tensors = {f"input_{number}": place.tensors[name] for number, name in enumerate(names, 1)}
        inside = Place(place.tensors[names[0]], dict(tensors), {}, place.depth + 1)
        body = self._merge(inside) or self._jump(inside)
        if not body:
            return []
        macro = self._defined({}, [*body, *self.chain(inside, 1)], 2)
        return self._call(place, macro, references=f"({', '.join(names)})")

    def _favoured(self, place: Place) -> list[str]:
        """Return a call of a layer, or of a block of the standard library, that is asked for."""
        name = self.rng.choice(self.favoured)
        if name in STANDARD_CALLS:
            return self._standard(place, name)
        call = self._drawn(place, (name,)) if name in LAYERS else None
        if call is None:
            return []
        self._made(place, "", call.output)
        return [call.text]

    def _standard(self, place: Place, name: str = "") -> list[str]:
        name = name or self.rng.choice([name for name in macro_names() if name in STANDARD_CALLS])
        call = f"{name}({self.rng.choice(STANDARD_CALLS[name])})"
        if name not in READING_TWO:
            return self._accepted(place, call)
        known = [each for each, tensor in place.tensors.items() if not tensor.integer and len(tensor.shape) > 1]
        references = f"({self.rng.choice(known)}, {self.rng.choice(known)})" if known else ""
        return self._accepted(place, call + references, jumps=True) if known else []

    def _custom(self, place: Place) -> list[str]:
        """Return a layer of the program's own."""
        if None in place.shape:
            return []
        shape = f"({', '.join(str(size) for size in place.shape)},)"
        weights = f"parameters={self.rng.randint(0, 99)}"
        forms = (
            f"FancyLayer(output_shape={shape}, {weights})",
            f'FancyLayer(depth=3, mode="deep", output_shape={shape})',
            f"PlainLayer({weights}, output_shape={shape})",
            f"CustomShape(Folded, {shape})",
        )
        return self._accepted(place, self.rng.choice(forms))

    def _probed(self, place: Place, text: str, jumps: bool = False) -> Shape | None:
        """Return what a statement makes of the tensor at hand, by the compiler; None when it is wrong there."""
        own = [f"let {name} = {value}" for name, value in place.values.items() if name not in self.constants]
        macros = [macro.text for macro in self.macros]
        shapes = {name: tensor.shape for name, tensor in place.tensors.items()} if jumps else {"input": place.shape}
        inputs = ", ".join(f"{name}: ({_dims(shape)})" for name, shape in shapes.items())
        source = "\n".join([*self.lets, *own, *macros, f"network P {{ input: {{ {inputs} }} layers: {text} }}"])
        analysis = default_compiler().plan(source)
        if not analysis.ok or analysis.plan is None or len(analysis.plan.network.outputs) != 1:
            return None
        (key,) = analysis.plan.network.outputs
        return next(step.output_shape for step in analysis.plan.all() if step.key == key)


def _dims(shape: Shape) -> str:
    return "None, " + ", ".join(str(size) for size in shape)


def _with(text: str, argument: str) -> str:
    """Return a call with one more argument."""
    inside = text[:-1].rstrip(", ")
    return f"{inside}{'' if inside.endswith('(') else ', '}{argument})"


def braces(rng: Random, statements: list[str]) -> str:
    """Return a block, on one line or on several."""
    if not statements:
        return rng.choice(("{}", "{ }", "{\n}", "{;}"))
    if rng.random() < 0.3:
        return "{ " + rng.choice((" ", "; ")).join(statements) + " }"
    lines = "\n".join(statements).replace("\n", "\n    ")
    return "{\n    " + lines + rng.choice(("\n}", "\n}", ";\n}"))


Form = Callable[[Statements, Place], list[str]]

_FLAT: tuple[tuple[Form, float], ...] = (
    (Statements._layer, 20),
    (Statements._jump, 2),
    (Statements._merge, 4),
    (Statements._several, 1),
    (Statements._choice, 1),
    (Statements._custom, 0.5),
)
_FORMS: tuple[tuple[Form, float], ...] = (
    *_FLAT,
    (Statements._shared, 1),
    (Statements._residual, 3),
    (Statements._parallel, 2),
    (Statements._branches, 1),
    (Statements._loop, 2),
    (Statements._macro, 3),
    (Statements._joining_macro, 1),
    (Statements._standard, 2),
)
