"""The reference says what the layers are: every fact of every layer, and pages that are written from nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

import neural
from neural.layers.base import Layer, Weight
from neural.layers.catalogue import LAYERS
from neural.reference.facts import FAMILIES, facts, find, names, similar
from neural.reference.forms import FRAMEWORKS
from neural.reference.markdown import pages

DOCS = Path(__file__).parent.parent / "docs" / "layers"

RULES = [
    pytest.param(base, rule, id=f"{base.__name__}.{rule}")
    for base in dict.fromkeys(base for layer in LAYERS.values() for base in layer.__mro__ if base is not Layer)
    for rule in ("flops", "saved")
    if rule in vars(base)
]


@pytest.mark.parametrize(("base", "rule"), RULES)
def test_every_rule_of_costs_is_stated_in_words(base: type[Layer], rule: str) -> None:
    words = vars(base)[rule].__doc__ or ""
    assert words.strip().endswith("."), f"the docstring of {rule} is shown as its formula or what is kept"


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_has_every_fact(name: str) -> None:
    layer = facts(name)
    assert layer.family in FAMILIES
    assert all(words.endswith(".") for words in (*layer.text, *layer.costs))
    assert "->" in layer.shape
    assert layer.source.startswith("https://")
    assert [each for each in layer.arguments if not each.text.endswith(".") or not each.accepts] == []
    assert (layer.row is None) == (name == "Input")
    assert [form.framework for form in layer.forms] == ["PyTorch", "Keras"]
    assert neural.analyze(layer.program).ok


@pytest.mark.parametrize("name", LAYERS)
def test_code_is_that_of_the_generated_files(name: str) -> None:
    layer = facts(name)
    for backend, form in zip(FRAMEWORKS, layer.forms, strict=True):
        if form.problem:
            with pytest.raises(neural.NeuralError):
                neural.generate(layer.program, backend=backend)
            continue
        lines = [line.strip() for line in neural.generate(layer.program, backend=backend).splitlines()]
        assert [line for line in form.code.splitlines() if line.strip() not in lines] == []
        assert form.code or (name, backend) in {("Identity", "pytorch"), ("Input", "pytorch")}


def test_a_layer_s_facts() -> None:
    layer = facts("Conv2D")
    assert layer.sentence == "A convolution over height and width."
    assert layer.shape == "(height, width, channels) -> (new height, new width, filters)"
    assert layer.weights == (Weight("kernel", (3, 3, 1, 32)), Weight("bias", (32,)))
    assert layer.formula == "2 x output elements x kernel positions x (input channels / groups)"
    assert layer.formula_with_values == "2 x 21,632 x 9 x (1 / 1)"
    assert layer.row is not None
    assert (layer.row.output_shape, layer.row.parameters, layer.row.flops) == ((None, 26, 26, 32), 320, 389_376)
    strides = next(each for each in layer.arguments if each.name == "strides")
    assert (strides.default, strides.accepts) == ("(1, 1)", "an integer of at least 1, or a tuple of 2 of them")
    assert strides.aliases == ("stride",)
    assert [form.code.splitlines() for form in layer.forms] == [
        ["self.conv2d = nn.Conv2d(1, 32, 3)", "", "return F.relu(self.conv2d(x))  # (batch, 32, 26, 26)"],
        ["# (None, 26, 26, 32)", 'outputs = layers.Conv2D(32, 3, activation="relu", name="conv2d")(inputs)'],
    ]


@pytest.mark.parametrize(
    ("name", "framework", "lines"),
    [
        ("Dot", "PyTorch", ['return torch.einsum("bz,bz->b", x, inputs).unsqueeze(1)  # (batch, 1)']),
        ("Dot", "Keras", ['outputs = layers.Dot(1, name="dot")([x, inputs])  # (None, 1)']),
        ("Identity", "PyTorch", []),
        ("Input", "PyTorch", []),
        ("Input", "Keras", ['inputs = keras.Input(shape=(28, 28, 1), name="input")']),
    ],
)
def test_only_a_layer_s_own_lines_are_shown(name: str, framework: str, lines: list[str]) -> None:
    (form,) = (each for each in facts(name).forms if each.framework == framework)
    assert form.code.splitlines() == lines


def test_pytorch_s_parameters_are_given_where_they_differ() -> None:
    lstm = facts("LSTM")
    assert lstm.row is not None
    assert (lstm.row.parameters, lstm.pytorch_parameters) == (24_832, 24_832 + 4 * 64)
    assert facts("Dense").pytorch_parameters is None


def test_activations_are_listed_on_one_page() -> None:
    (every,) = facts("Activation").arguments
    assert '"squareplus"' in every.accepts
    (one,) = (each for each in facts("Dense").arguments if each.name == "activation")
    assert one.accepts == "the name of an activation"


@pytest.mark.parametrize(
    ("spelling", "name"), [("Conv2D", "Conv2D"), ("conv2d", "Conv2D"), ("LINEAR", "Dense"), ("Convv2D", None)]
)
def test_layers_are_found_by_any_spelling(spelling: str, name: str | None) -> None:
    assert find(spelling) == name


def test_a_misspelt_name_is_near_others() -> None:
    assert similar("Convv2D")[0] == "Conv2D"
    assert similar("Linaer") == ["Dense"]
    assert similar("?" * 500) == []


def test_every_layer_stands_in_one_family() -> None:
    assert sorted(name for layers in names().values() for name in layers) == sorted(LAYERS)


def test_the_pages_are_written_from_here() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.md")}
    written = pages()
    differing = sorted(name for name in written.keys() | kept.keys() if written.get(name) != kept.get(name))
    assert differing == [], "run: python -m neural.reference"
