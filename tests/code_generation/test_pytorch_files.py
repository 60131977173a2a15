"""Whole PyTorch files: how they read, that they run, and that formatter and linter have nothing to say."""

import ast
import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from neural.code_generation import pytorch
from neural.code_generation.emitter import generate
from neural.code_generation.pytorch_blocks import MODULE_ATTRIBUTES
from neural.diagnostics import LineIndex
from neural.errors import NeuralError
from neural.layers.core import Dense, Input
from neural.network import Network, Node, Place
from neural.shape_propagation.plan import Plan
from neural.shape_propagation.shape_propagator import ShapePropagator
from tests.code_generation.numeric_rows import all_rows
from tests.code_generation.plans import NO_LINES, plan_of, plan_of_program
from tests.code_generation.random_networks import random_plan
from tests.code_generation.torch_modules import torch
from tests.examples.small import small_plan

EXAMPLES = sorted(Path("examples").glob("*.neural"))

PROGRAM = """
network Classifier {
    input: (28, 28, 1)
    layers:
        Conv2D(32, 3, "relu")
        skip = MaxPooling2D(2)
        conv = Conv2D(32, 3, padding="same", activation="relu")
        Add()(skip, conv)
        Flatten()
        Output(10, "softmax")
}
"""

FILE = '''"""A network in PyTorch: maps and volumes have their channels first."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Classifier(nn.Module):
    """A network from (batch, 1, 28, 28) to (batch, 10)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv2d = nn.Conv2d(1, 32, 3)
        self.skip = nn.MaxPool2d(2)
        self.conv = nn.Conv2d(32, 32, 3, padding="same")
        self.output = nn.Linear(5408, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv2d(x))  # (batch, 32, 26, 26)
        skip = self.skip(x)  # (batch, 32, 13, 13)
        x = F.relu(self.conv(skip))  # (batch, 32, 13, 13)
        x = skip + x  # (batch, 32, 13, 13)
        x = x.permute(0, 2, 3, 1).flatten(1)  # (batch, 5408)
        return F.softmax(self.output(x), dim=-1)  # (batch, 10)


def build_model() -> nn.Module:
    """Return the network with fresh weights."""
    return Classifier()


if __name__ == "__main__":
    model = build_model().eval()
    print(model)
    count = sum(weight.numel() for weight in model.parameters())
    print(f"{count:,} parameters")
    with torch.no_grad():
        output = model(torch.zeros(1, 1, 28, 28))
    print("output:", tuple(output.shape))
'''

BRANCHES = """
network Branches {
    input: { image: (8, 8, 3), words: (20), notes: (12, 4) }
    layers:
        seen = GlobalAveragePooling2D()(image)
        Embedding(50, 8)(words)
        Conv1D(4, 3, padding="same", activation="relu")
        MaxPooling1D(2)
        read = Flatten()
        BatchNormalization()(notes)
        heard = LSTM(6)
        Concatenate()(seen, read, heard)
        both = Dense(16, "tanh")
        score = Dense(1, "sigmoid")
        map = Conv2D(4, 3, padding="same")(image)
        Reshape((8, 8, 4))
        picture = Conv2D(2, 1)
    output: score, picture
}
"""


def test_a_whole_file() -> None:
    assert generate(plan_of_program(PROGRAM), "pytorch", NO_LINES) == FILE


def test_several_inputs_and_outputs() -> None:
    code = generate(plan_of_program(BRANCHES), "pytorch", NO_LINES)
    assert "        self, image: Tensor, words: Tensor, notes: Tensor\n    ) -> tuple[Tensor, Tensor]:" in code
    assert "torch.zeros(1, 20, dtype=torch.int32)" in code
    assert "        return score, picture\n" in code


def run(code: str, folder: Path) -> str:
    """Run a file as a person does, every warning an error, and return what it prints."""
    path = folder / "network.py"
    path.write_text(code)
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "error", str(path)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_file_runs_and_prints_its_summary(tmp_path: Path) -> None:
    printed = run(FILE, tmp_path)
    assert "63,658 parameters" in printed
    assert printed.endswith("output: (1, 10)\n")


def test_a_file_of_several_outputs_runs(tmp_path: Path) -> None:
    printed = run(generate(plan_of_program(BRANCHES), "pytorch", NO_LINES), tmp_path)
    assert printed.endswith("outputs: (1, 1) (1, 2, 8, 8)\n")


def test_importing_a_file_does_nothing() -> None:
    allowed = (ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.If, ast.Expr)
    tree = ast.parse(FILE)
    assert all(isinstance(statement, allowed) for statement in tree.body)
    guards = [ast.unparse(statement.test) for statement in tree.body if isinstance(statement, ast.If)]
    assert guards == ["__name__ == '__main__'"]


def test_formatter_and_linter_have_nothing_to_say(tmp_path: Path) -> None:
    codes = [_code(plan_of(row.layer, row.shapes)) for row in all_rows()]
    codes += [_code(random_plan(np.random.default_rng(seed))) for seed in range(300)]
    codes += [_code(plan_of_program(path.read_text())) for path in EXAMPLES]
    codes += [_code(_long_names(length)) for length in range(20, 70)]
    for index, code in enumerate(dict.fromkeys(codes)):
        (tmp_path / f"network_{index}.py").write_text(code)
    for command in (["format", "--check"], ["check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-4000:]


def _code(plan: Plan) -> str:
    return generate(plan, "pytorch", NO_LINES)


def _long_names(length: int) -> Plan:
    label = "a_long_name_" * 6
    one, two = label[:length] + "_one", label[:length] + "_two"
    return plan_of_program(f"""
        network {label[:length]} {{
            input: (10, 12)
            layers:
                {one} = Dense(12, "leaky_relu")
                {two} = MultiHeadAttention(4, key_dim=3, dropout=0.1)
                Add()({one}, {two}, {one})
                LSTM(4, dropout=0.2, recurrent_activation="hard_sigmoid", return_sequences=true)
                {one}_again = Conv1D(12, 4, padding="same", dilation_rate=2, use_bias=false, activation="softmax")
                Average()({one}, {one}_again, {two})
            output: {one}, {two}, {one}_again
        }}""")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_have_the_shapes_and_counts_of_the_report(path: Path) -> None:
    plan = small_plan(path)
    scope = {"__name__": "generated"}
    exec(compile(_code(plan), path.stem, "exec"), scope)
    model = scope["build_model"]().eval()  # type: ignore[operator]
    samples = []
    for step in plan.inputs:
        shape = (2, *(64 if size is None else size for size in step.output_shape or ()))
        dtype = torch.int32 if step.dtype == "int32" else torch.float32
        sample = torch.zeros(shape, dtype=dtype)
        samples.append(sample.movedim(-1, 1) if len(shape) in (4, 5) else sample)
    with torch.no_grad():
        result = model(*samples)
    results = result if isinstance(result, tuple) else (result,)
    for key, tensor in zip(plan.network.outputs, results, strict=True):
        expected = next(step.output_shape for step in plan.steps if step.key == key) or ()
        last = tensor.movedim(1, -1) if tensor.dim() in (4, 5) else tensor
        assert all(size in (have, None) for size, have in zip(expected, last.shape[1:], strict=True))
    trainable = sum(step.facts.trainable_parameters for step in plan.steps if step.facts and step.owns_weights)
    assert sum(weight.numel() for weight in model.parameters()) >= trainable


# --- names ---

_HERE = Place(statement=(0, 0), type=(0, 0))
_HOSTILE = (
    *("import os", "x); import os; (", "\n    pass", "a\\", "'", '"', '"""', "#", "# type: ignore", "{x}", "%s"),
    *("class", "def", "None", "match", "print", "exec", "__import__", "__class__", "__init__", "self", "torch", "nn"),
    *(
        "F",
        "Tensor",
        "x",
        "forward",
        "training",
        "modules",
        "parameters",
        "state_dict",
        "l",
        "O",
        "I",
        "_",
        "",
        "9lives",
    ),
    *("\u202e", "\u0430", "\ufb01", "\x00", "\ud800", "a" * 300, "build_model", "Attention", "ahead", "mask"),
)


def _named(name: str, keys: tuple[str, ...]) -> Plan:
    """Return a plan whose names are as given, as no program can have them."""
    inputs = (Node(keys[0], Input((4,)), (), _HERE, "Input"),)
    nodes = tuple(Node(key, Dense(4), (before,), _HERE, "Dense") for before, key in pairwise(keys))
    plan, _ = ShapePropagator().plan(Network(name, inputs, nodes, (keys[1], keys[-1])), LineIndex(""))
    return plan


def _shape_of(code: str) -> str:
    """Return the syntax tree of a file with every name and constant blanked."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        for part in ("id", "attr", "arg", "name", "value"):
            if isinstance(getattr(node, part, None), str | int):
                setattr(node, part, "")
    return ast.dump(tree)


def test_no_name_changes_the_shape_of_a_file() -> None:
    random = np.random.default_rng(0)
    twin = _shape_of(_code(_named("Net", ("first", *(f"part{i}" for i in range(20))))))
    alphabet = [*"\"'\\#(){}[];:.,= \n\t\r\x00_aZ09\u202e\u0430\ufb01\ud800", *_HOSTILE]
    for _ in range(480):
        names = ["".join(random.choice(alphabet, int(random.integers(1, 6)))) for _ in range(22)]
        keys = tuple(name if names.index(name) == i else f"{name} {i}" for i, name in enumerate(names))[1:]
        code = _code(_named(names[0], keys))
        assert code.isascii()
        assert _shape_of(code) == twin


@pytest.mark.parametrize("name", _HOSTILE, ids=ascii)
def test_hostile_names_build(name: str) -> None:
    code = _code(_named(name, ("in", name, f"{name} 2", "last")))
    scope = {"__name__": "generated"}
    exec(compile(code, "generated.py", "exec"), scope)
    model = scope["build_model"]()  # type: ignore[operator]
    assert sum(weight.numel() for weight in model.parameters()) == 60
    assert [tuple(result.shape) for result in model(torch.zeros(2, 4))] == [(2, 4), (2, 4)]


def test_module_attributes_are_those_of_the_class() -> None:
    graph = torch.fx.GraphModule(torch.nn.Module(), torch.fx.Graph())
    public = {name for name in (*dir(torch.nn.Module()), *dir(graph)) if not name.startswith("_")}
    assert public <= MODULE_ATTRIBUTES


# --- what is refused ---


def test_a_causal_mask_over_a_map_is_refused_at_its_argument() -> None:
    source = "network N { input: (4, 4, 8) layers: MultiHeadAttention(2, 4, use_causal_mask=true) Flatten() Output(2) }"
    analysis = plan_of_program(source)
    with pytest.raises(NeuralError) as caught:
        generate(analysis, "pytorch", LineIndex(source))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "N601"
    assert diagnostic.column == source.index("true") + 1
    assert "Reshape" in diagnostic.help


def test_modules_are_found_by_key() -> None:
    plan = plan_of_program(PROGRAM)
    assert pytorch.modules(plan) == {
        "conv2d": {"": "conv2d"},
        "skip": {"": "skip"},
        "conv": {"": "conv"},
        "output": {"": "output"},
    }
