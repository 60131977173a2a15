"""Whole programs: networks with their sections, constants, macros and notes, in an odd layout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from neural.parser.parser import shared_parser
from neural.training_names import LOSSES, METRICS, OPTIMIZERS, PRECISION, SCHEDULES, TRAIN, Entry, Rate
from tests.generation.arguments import Arguments
from tests.generation.expressions import KEYWORDS, Expressions
from tests.generation.statements import DEVICES, Place, Statements, Tensor, braces

SHAPES = (
    (6,),
    (1,),
    (8, 3),
    (5, 4),
    (7, 8, 3),
    (8, 8, 4),
    (6, 6, 1),
    (2, 6, 5, 3),
    (4, 5, 4, 2),
    (5, 4, 4, 1),
    (2, 3, 4, 3, 2),
    (None, 4),
    (None, 8, 3),
)
COMMENTS = ("# note", "#", "# } ) {", '# "quoted', "#\ttab", "# über 💡", "## twice # over", "# layers: Dense(3)  ")
DTYPES = ("float32", "float16", "float64", "bfloat16", "FLOAT32")


def random_program(seed: int, favoured: Sequence[str] = ()) -> str:
    """Return a random program that is right; the same one for the same seed.

    ``favoured`` are the layers and blocks that it holds before others, where they fit.
    """
    return program(Random(seed), favoured)


def program(rng: Random, favoured: Sequence[str] = ()) -> str:
    """Return a random program that is right."""
    text = Programs(rng, favoured).text()
    return text if rng.random() < 0.4 else scattered(text, rng)


class Programs:
    """Writes one program."""

    def __init__(self, rng: Random, favoured: Sequence[str] = ()) -> None:
        self.rng = rng
        self.statements = Statements(rng, favoured)

    def text(self) -> str:
        """Return the program."""
        rng = self.rng
        networks = [self._network() for _ in range(rng.choice((1, 1, 1, 1, 2)))]
        notes = [self._research()] if rng.random() < 0.15 else []
        items = [*networks, *notes, *(macro.text for macro in self.statements.macros)]
        rng.shuffle(items)
        for let in reversed(self.statements.lets) if rng.random() < 0.5 else ():
            items.insert(0, let)
        if len(items) == len(networks) + len(notes) + len(self.statements.macros):
            places = sorted(rng.randint(0, len(items)) for _ in self.statements.lets)
            for place, let in reversed(list(zip(places, self.statements.lets, strict=True))):
                items.insert(place, let)
        return rng.choice(("\n", "\n\n", "\n\n", " ", ";\n")).join(items) + rng.choice(("\n", "\n", ""))

    # --- networks ---

    def _network(self) -> str:
        rng = self.rng
        name = rng.choice(("Net", "train", "input", self.statements.fresh("Model")))
        inputs, place = self._inputs()
        statements = self._first(place) + self.statements.chain(place, rng.randint(1, 6))
        sections = [inputs, self._layers(statements)]
        outputs = self._outputs(place)
        if outputs:
            sections.append(f"output: {', '.join(outputs)}")
        for often, section in ((0.4, self._loss), (0.6, self._optimizer), (0.3, self._metrics)):
            if rng.random() < often:
                sections.append(section(outputs))
        if rng.random() < 0.3:
            sections.append(self._train())
        if rng.random() < 0.3:
            sections.append(self._execution())
        rng.shuffle(sections)
        lines = rng.choice(("\n", "\n", "\n\n", ";\n", " ")).join(sections).replace("\n", "\n    ")
        return f"network {name} {{\n    {lines}\n}}"

    def _layers(self, statements: list[str]) -> str:
        between = self.rng.choice(("\n    ", "\n    ", "\n    ", " ", "; ", ";\n\n"))
        return "layers:" + self.rng.choice(("\n    ", " ")) + between.join(statements)

    def _shape(self, shape: tuple[int | None, ...]) -> str:
        write = Expressions(self.rng, self.statements.constants, {})
        dims = [write.integer(size) if size is not None else "None" for size in shape]
        if shape[0] is None or self.rng.random() < 0.2:
            dims.insert(0, self.rng.choice(("None", "none")))
        return (
            f"({', '.join(dims)}{self.rng.choice(('', '', ',')) if len(dims) < 2 or self.rng.random() < 0.1 else ''})"
        )

    def _input(self) -> tuple[str, Tensor]:
        if self.rng.random() < 0.15:
            steps = (self.rng.randint(3, 9),)
            return self._shape(steps) + self.rng.choice(("", " int32", " int64")), Tensor(steps, integer=True)
        shape = self.rng.choice(SHAPES)
        dtype = f" {self.rng.choice(DTYPES)}" if self.rng.random() < 0.1 else ""
        return self._shape(shape) + dtype, Tensor(shape)

    def _inputs(self) -> tuple[str, Place]:
        rng = self.rng
        form = rng.random()
        if form < 0.6:
            text, tensor = self._input()
            return f"input: {text}", Place(tensor, {"input": tensor}, named=True)
        found = [self._input() for _ in range(rng.randint(2, 3))]
        if rng.random() < 0.4:
            found = [found[0]] * len(found)
        if form < 0.75:
            tensors = {f"input_{number}": tensor for number, (_, tensor) in enumerate(found, 1)}
            return f"input: {', '.join(text for text, _ in found)}", Place(found[0][1], tensors, named=True)
        names = rng.sample(("image", "words", "table", "left", "right", "loss", "train", "in"), len(found))
        if form > 0.95:
            found, names = found[:1], names[:1]
        tensors = {name: tensor for name, (_, tensor) in zip(names, found, strict=True)}
        comma = rng.choice(("", ","))
        texts = ", ".join(f"{name}: {text}" for name, (text, _) in zip(names, found, strict=True)) + comma
        return f"input: {{ {texts} }}", Place(found[0][1], tensors, named=True)

    def _first(self, place: Place) -> list[str]:
        """Return the statements that take up the inputs of a network with several."""
        names = list(place.tensors)
        if len(names) == 1:
            place.current = place.tensors[names[0]]
            return []
        shapes = {tensor.shape for tensor in place.tensors.values()}
        integer = any(tensor.integer for tensor in place.tensors.values())
        if len(shapes) == 1 and not integer and self.rng.random() < 0.5:
            return [f"{self.rng.choice(('Add', 'Maximum', 'Average'))}()"]
        if not KEYWORDS & set(names) and self.rng.random() < 0.6:
            texts = self.statements.branches(place, names)
            if texts:
                return texts
        name = self.rng.choice(names)
        place.current = place.tensors[name]
        if place.current.integer:
            (text,) = self.statements.statement(place)
            return [f"{text}({name})"]
        place.current = Tensor(place.shape)
        return [f"Activation('relu')({name})"]

    def _outputs(self, place: Place) -> list[str]:
        if not place.labels or self.rng.random() < 0.6:
            return []
        return self.rng.sample(place.labels, min(len(place.labels), self.rng.choice((1, 2, 2))))

    # --- training ---

    def _plain(self) -> Arguments:
        return Arguments(self.rng, Expressions(self.rng, {}, {}), (1,))

    def _call(self, entry: Entry, *, bare: bool = True) -> str:
        """Return an entry with arguments, or its name alone where it needs none."""
        rng, plain = self.rng, self._plain()
        word = rng.choice((entry.name, entry.name, *entry.aliases))
        needs = any(argument.required for argument in entry.arguments.values())
        if bare and not needs and rng.random() < 0.5:
            return rng.choice((word, f'"{word}"', f"'{word}'"))
        arguments: Mapping[str, Any] = entry.arguments
        given = plain.given(arguments, 0.4)
        for name in [name for name in given if name.startswith(("clip", "global_clip"))][1:]:
            del given[name]
        if entry.name == "PiecewiseConstantDecay":
            steps = rng.randint(1, 3)
            given["boundaries"] = ([], str([100 * (step + 1) for step in range(steps)]))
            given["values"] = ([], str([0.1 / (step + 1) for step in range(steps + 1)]))
        for name in given:
            if isinstance(arguments[name].kind, Rate) and rng.random() < 0.7:
                schedule = self._call(rng.choice(list(SCHEDULES.values())), bare=False)
                given[name] = (None, schedule)
        return f"{word}({plain.written(arguments, given)})"

    def _several(self, name: str, entries: Mapping[str, Entry], outputs: list[str]) -> str:
        rng, known = self.rng, list(entries.values())
        if len(outputs) > 1:
            pairs = [
                f"{rng.choice((each, chr(34) + each + chr(34)))}: {self._call(rng.choice(known))}" for each in outputs
            ]
            return f"{name}: {{ {', '.join(pairs)} }}"
        if rng.random() < 0.3:
            return f"{name}: [{', '.join(self._call(each) for each in rng.sample(known, rng.randint(1, 2)))}]"
        return f"{name}: {self._call(rng.choice(known))}"

    def _loss(self, outputs: list[str]) -> str:
        return self._several("loss", LOSSES, outputs)

    def _metrics(self, outputs: list[str]) -> str:
        return self._several("metrics", METRICS, outputs)

    def _optimizer(self, outputs: list[str]) -> str:
        text = self._call(self.rng.choice(list(OPTIMIZERS.values())))
        quoted = '"' not in text and "'" not in text and self.rng.random() < 0.1
        return f'optimizer: "{text}"' if quoted else f"optimizer: {text}"

    def _train(self) -> str:
        plain, rng = self._plain(), self.rng
        keys = rng.sample(list(TRAIN), rng.randint(0, 4))
        pairs = [f"{key}: {plain.spelled(TRAIN[key].kind, plain.draw(TRAIN[key].kind))}" for key in keys]
        return f"train{rng.choice(('', ':'))} {self._entries(pairs)}"

    def _execution(self) -> str:
        rng, pairs = self.rng, []
        if rng.random() < 0.7:
            pairs.append(f"device: {rng.choice((*DEVICES, 'auto', 'cpu'))}")
        if rng.random() < 0.5:
            pairs.append(f"precision: {rng.choice((chr(34) + rng.choice(PRECISION.values) + chr(34), 'float32'))}")
        rng.shuffle(pairs)
        return f"{rng.choice(('execution', 'execute'))}{rng.choice(('', '', ':'))} {self._entries(pairs)}"

    def _entries(self, pairs: list[str]) -> str:
        if self.rng.random() < 0.5:
            return braces(self.rng, pairs)
        return "{ " + self.rng.choice((", ", " ", "; ")).join(pairs) + self.rng.choice((" }", ", }"))

    def _research(self) -> str:
        rng = self.rng
        metrics = [f"{name}: {rng.randint(1, 99) / 100}" for name in ("accuracy", "loss")]
        papers = ['paper: "https://example.org"', "year: 2017", "tags: [1, 'two', {three: 3}]", "in: (1 + 2)"]
        groups = [f"metrics {self._entries(metrics)}", f"references {self._entries(papers[: rng.randint(0, 4)])}"]
        inside = "\n    ".join(groups[: rng.randint(0, 2)])
        return f"research{rng.choice(('', ' Notes', ' network'))} {{\n    {inside}\n}}"


# --- layout ---


def scattered(source: str, rng: Random) -> str:
    """Return a program with other space, line ends and comments between its words."""
    end_of_line = rng.choice(("\n", "\n", "\r\n", "\r"))
    often = rng.choice((0.05, 0.2, 0.5))
    parts, end = [], 0
    for token in shared_parser().lex(source):
        start = int(token.start_pos or 0)
        parts += [_gap(source[end:start], rng, often), str(token)]
        end = int(token.end_pos or 0)
    parts.append(_gap(source[end:], rng, often))
    text = "".join(parts).replace("\n", end_of_line)
    return "\ufeff" + text if rng.random() < 0.05 else text


def _gap(gap: str, rng: Random, often: float) -> str:
    if rng.random() >= often:
        return gap
    if rng.random() < 0.3:
        before = gap if rng.random() < 0.5 else rng.choice(("", " ", "\n"))
        return f"{before}{rng.choice(COMMENTS)}\n{rng.choice(('', '', '  ', chr(10)))}"
    return rng.choice((" ", "\n", "\t", "  ", "\n\n", "\n\n\n", "\f")) if gap or rng.random() < 0.3 else gap
