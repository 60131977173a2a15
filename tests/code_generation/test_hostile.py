"""No text of a program changes what generated code does, wherever the language takes text, in any form of the code.

Each hostile program has a harmless twin, which differs in names and strings alone. Their files have the same syntax
tree once names and constants are blanked, the same comments, and use the same names from outside.
"""

from __future__ import annotations

import ast
import builtins
import io
import json
import keyword
import random
import re
import tokenize
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from neural.code_generation.emitter import generated
from neural.code_generation.forms import make
from neural.code_generation.forms_project import files
from neural.compiler import default_compiler
from neural.shape_propagation.plan import Plan
from tests.code_generation.plans import NO_LINES
from tests.code_generation.test_keras_text import TRAINED, WORDS, network

BACKENDS = ("pytorch", "tensorflow")

#: A program with a name in every place for one, as {0}, {1}, …, and a string in every place for one, as [0], [1], …
PROGRAM = """
# [0]
let {0} = 4 in 2..9
define {1}({2}, {3}=2) {{
    {4} = Dense({2}, "relu") # [1]
    Dense({2} * {3})
}}
network {5} {{
    input: {{ {6}: (4), {7}: (4, 3) }}
    layers:
        {6}: {{ Dense({0}) }}
        {8} = Dense({0}, name="{9}", shared="{10}")({6})
        Dense({0}, shared="{10}")
        {11}Layer(mode=[2], {12}=([3], 1, [[4], true]), {13}=-1.5)
        {1}(3) * 2
        {14} = {1}(3, {3}=1)
        {15}, {16} = GRU(6, return_sequences=true, return_state=true)({7})
        {17} = GlobalMaxPooling1D()({15})
        {18} = Concatenate()({8}, {14}, {16}, {17})
        {19} = Dense(3, "softmax")({18})
        {20} = Dense(2)
    output: {19}, {20}
    loss: {{ {19}: "categorical_crossentropy", {20}: "mae" }}
    metrics: {{ {19}: ["accuracy"], {20}: ["mse"] }}
    optimizer: Adam(0.01)
    train {{ epochs: 2 }}
}}
research {21} {{ metrics {{ {22}: 0.5 note: [5] }} references {{ paper: [6] }} }}
"""
NAMES, STRINGS = 23, 7
#: Words of the language itself, which are no names in some of the places.
_LANGUAGE = frozenset(
    {
        *("network", "define", "let", "for", "in", "if", "else", "input", "layers", "output", "loss", "optimizer"),
        *("metrics", "train", "execution", "execute", "true", "false", "none", "int", "min", "max", "abs", "round"),
        *("name", "shared", "parameters", "output_shape", "mode", "lambda", "slice", "linear", "dense", "parallel"),
    }
)
#: What generated files have at their top level and in their functions, and names that Python gives a meaning.
_TAKEN = (
    *(
        "torch",
        "nn",
        "F",
        "Tensor",
        "math",
        "np",
        "keras",
        "layers",
        "ops",
        "tf",
        "os",
        "sys",
        "argparse",
        "annotations",
    ),
    *("build_model", "make_data", "load_data", "make_dataset", "loss_function", "measure", "evaluate", "progress"),
    *("state_of", "Checkpoint", "load_checkpoint", "model", "data", "device", "checkpoint", "resume", "arguments", "x"),
    *("y", "inputs", "outputs", "results", "self", "super", "forward", "training", "modules", "weight", "state_dict"),
    *("DataLoader", "TensorDataset", "Subset", "Iterator", "Sequence", "auc", "hits", "best", "target", "targets"),
    *(
        "__init__",
        "__class__",
        "__import__",
        "__name__",
        "__file__",
        "__builtins__",
        "__del__",
        "__getattr__",
        "__call__",
    ),
    *("_", "__", "___", "_0", "l", "O", "I", "e", "j", "T", "call", "build", "name", "dtype", "trainable", "weights"),
    *("Module", "Linear", "Dense", "Model", "Network", "Layer", "FancyLayer", "Sequential", "Net", "Block", "Parallel"),
)
#: A name beyond 20 letters can break a statement in two, so that its twin would have to be as long.
HOSTILE_NAMES = tuple(
    word
    for word in dict.fromkeys((*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *_TAKEN))
    if word.lower() not in _LANGUAGE and len(word) <= 20
)
HOSTILE_STRINGS = (
    *('"', "'", '"""', "'''", "\\", "\\\\", '\\"', "\\'", "\\n", "\n", "\r", "\r\n", "\t", "\u2028", "\u2029", "\x85"),
    *("#", "# type: ignore", "# noqa", "{x}", "{x!r:>{y}}", "{{", "}}", "%s", "%(x)s", "$x", "f'{exec(1)}'", "rb''"),
    *(
        "'); import os; os.system('x') #",
        '"); exec("1") #',
        '""" + exec("1") + """',
        "\n    import os",
        "\nimport os\n",
    ),
    *("__import__('os').system('x')", "${IFS}", "`id`", "<script>alert(1)</script>", "](javascript:x)", "]]>", "-->"),
    *(
        "\u202e",
        "\u200b",
        "\ufeff",
        "\u0430",
        "\ufb01",
        "\U0001f642",
        "日本語",
        "é" * 90,
        "'" * 300,
        "\\" * 299,
        "\n" * 300,
    ),
    *("\\N{DASH}", "\\x41", "\\u0041", "\\ud800", "\\0", "\\777", "import", "None", "", " ", "a" * 300, "%" * 300),
)
_ESCAPES = {"\\": "\\\\", '"': '\\"', "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def program(names: Sequence[str], strings: Sequence[str]) -> str:
    """Return the program with these names and strings, a comment's on its line."""
    text = PROGRAM.format(*names)
    for index, string in enumerate(strings):
        comment = index < 2
        written = (
            "".join(" " if character in "\r\n" else character for character in string) if comment else _quoted(string)
        )
        text = text.replace(f"[{index}]", written, 1)
    return text


def _quoted(string: str) -> str:
    return '"' + "".join(_ESCAPES.get(character, character) for character in string) + '"'


TWIN = program([f"word{index}" for index in range(NAMES)], ["string"] * STRINGS)


def plan_of(source: str) -> Plan:
    analysis = default_compiler().plan(source)
    assert analysis.plan is not None, (source, analysis.diagnostics)
    assert analysis.ok, (source, analysis.diagnostics)
    return analysis.plan


class Tree:
    """What a file says without its names and constants."""

    def __init__(self, source: str) -> None:
        assert source.isascii()
        tree = ast.parse(source)
        bound, used = set[str](), set[str]()
        self.imports = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        for node in ast.walk(tree):
            match node:
                case ast.Name():
                    (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
                    node.id = ""
                case ast.Constant():
                    node.value = None
                case ast.Attribute():
                    node.attr = ""
                case ast.arg():
                    bound.add(node.arg)
                    node.arg = ""
                case ast.keyword():
                    node.arg = node.arg and ""
                case ast.FunctionDef() | ast.ClassDef():
                    bound.add(node.name)
                    node.name = ""
                case ast.alias():
                    bound.add(node.asname or node.name)
        self.dump = ast.dump(tree)
        self.outside = used - bound
        tokens = tokenize.generate_tokens(io.StringIO(source).readline)
        self.comments = sorted(token.string for token in tokens if token.type == tokenize.COMMENT)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tree) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


def python_files(plan: Plan, backend: str) -> Iterator[tuple[str, str]]:
    """Yield the Python of every form, by name: the files of the project, and the cells of the notebook as one file."""
    for name, text in files(plan, backend, NO_LINES).items():
        if name.endswith(".py"):
            yield name, text
    notebook = json.loads(make(plan, backend, "notebook", NO_LINES).content)
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    yield "notebook", "\n\n\n".join(cells)


@pytest.mark.parametrize("backend", BACKENDS)
def test_ten_thousand_names_and_strings_change_no_syntax(backend: str) -> None:
    """The script of every program, all forms of every sixth."""
    chance = random.Random(backend)
    script = Tree(generated(plan_of(TWIN), backend, NO_LINES).source)
    others = {name: Tree(text) for name, text in python_files(plan_of(TWIN), backend)}
    for number in range(10_000 // (NAMES + STRINGS) + 1):
        source = program(_names(chance), [_string(chance) for _ in range(STRINGS)])
        plan = plan_of(source)
        assert Tree(generated(plan, backend, NO_LINES).source) == script, source
        for name, text in python_files(plan, backend) if number % 6 == 0 else ():
            assert Tree(text) == others[name], (name, source)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("word", WORDS, ids=ascii)
def test_a_name_that_no_program_can_have_changes_no_form(word: str, backend: str) -> None:
    """Names that reach code from a plan alone, as an importer may make it."""
    names = [f"name{index}" for index in range(9)]
    twins = dict(python_files(network(names, TRAINED), backend))
    plan = network([word, *names[1:7], word, word], TRAINED)
    for name, text in python_files(plan, backend):
        assert Tree(text) == Tree(twins[name])


@pytest.mark.parametrize("word", [*WORDS, *HOSTILE_STRINGS], ids=ascii)
def test_a_name_is_no_markup(word: str) -> None:
    plan = network([word, *(f"name{index}" for index in range(8))])
    project = files(plan, "pytorch", NO_LINES)
    notebook = json.loads(make(plan, "pytorch", "notebook", NO_LINES).content)
    title = "".join(notebook["cells"][0]["source"])
    assert project["README.md"].splitlines()[0] == title
    assert project["README.md"].isascii()
    assert re.fullmatch("# `[^`\\n\\r]*`", title)
    assert project["README.md"].count("`") == twin_of_readme().count("`")


def twin_of_readme() -> str:
    return files(network([f"name{index}" for index in range(9)]), "pytorch", NO_LINES)["README.md"]


@pytest.mark.parametrize("string", HOSTILE_STRINGS, ids=ascii)
def test_a_string_arrives_as_it_is(string: str) -> None:
    """In PyTorch's code, whose class keeps its settings."""
    source = f"network Net {{ input: (4) layers: FancyLayer(mode={_quoted(string)}) }}"
    scope: dict[str, Any] = {}
    exec(generated(plan_of(source), "pytorch", NO_LINES, script=False).source, scope)
    assert scope["build_model"]().fancy_layer.settings == {"mode": string}


@pytest.mark.parametrize(
    "text",
    [
        "import os\n",
        "x = 1\nexec('1')\n",
        "x = 1  # of a user\n",
        "x = __import__\n",
        "x = f'{y}'\n",
        "y = (1, 2)\n",
    ],
)
def test_another_file_is_found(text: str) -> None:
    assert Tree(text) != Tree("x = 1\n")


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("word", ["import_", "__class__", "F", "x9", "_l_", "None_or_"])
def test_long_names_bring_nothing(word: str, backend: str) -> None:
    names = [f"{index}{word * 300}"[:300] for index in range(NAMES)]
    source = program([f"a{name}"[:300] for name in names], ["a"] * STRINGS)
    plan = plan_of(source)
    tree, twin = (Tree(generated(each, backend, NO_LINES).source) for each in (plan, plan_of(TWIN)))
    assert tree.outside == twin.outside
    assert tree.imports == twin.imports
    assert set(tree.comments) <= set(twin.comments)
    for _, text in python_files(plan, backend):
        assert Tree(text).outside <= tree.outside | {"build_model"}


def _names(chance: random.Random) -> list[str]:
    """Return different hostile names."""
    return chance.sample(HOSTILE_NAMES, NAMES)


def _string(chance: random.Random) -> str:
    return "".join(chance.choices(HOSTILE_STRINGS, k=chance.choice((1, 1, 2, 3))))
