"""The forms of generated code: notebooks run cell by cell, and projects hold their own tests."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from neural.code_generation.emitter import generated
from neural.code_generation.forms import FORMS, Form, make
from neural.code_generation.forms_project import REQUIREMENTS, files
from neural.compiler import Compiler
from neural.errors import NeuralError
from tests.code_generation.plans import NO_LINES, plan_of_program
from tests.code_generation.test_training import CASES
from tests.layers.oracle import keras

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(ROOT.glob("examples/*.neural"))
BACKENDS = ("pytorch", "tensorflow")

TRAINED = """
define Block(filters) {
    Conv2D(filters, 3, padding="same")
    BatchNormalization()
    ReLU()
}

network Small {
    input: (8, 8, 3)
    layers: Block(4) Block(8) GlobalAveragePooling2D() Output(4, "softmax")
    loss: "sparse_categorical_crossentropy"
    optimizer: Adam(0.01)
    metrics: ["accuracy"]
    train { epochs: 2 batch_size: 128 validation_split: 0.25 }
}
"""
PROGRAMS = {
    "trained": TRAINED,
    "not trained": "network Net { input: (6) layers: Dense(4, 'relu') Output(2) }",
    "several": """
        network Pair {
            input: { image: (8, 8, 3), words: (6) int32 }
            layers:
                image: { Conv2D(8, 3, "relu") GlobalAveragePooling2D() }
                words: { Embedding(50, 8) GlobalAveragePooling1D() }
                joined = Concatenate()(image, words)
                label = Dense(5, "softmax")(joined)
                score = Dense(1)(joined)
            output: label, score
            loss: { label: "sparse_categorical_crossentropy", score: "mse" }
            metrics: { label: ["accuracy"] }
            train { }
        }
    """,
    "unknown sizes": "network Net { input: (None, None, None, 3) layers: Conv2D(4, 3) BatchNormalization() }",
    "a penalty": """
        network Net {
            input: (6)
            layers: Dense(4) ActivityRegularization(l2=0.1) Output(2)
            execution { device: "cpu" }
            train { }
        }
    """,
    "tied weights": "network Net { input: (6) layers: w = Embedding(20, 8) Dense(8) Output(tied='w') }",
    "frozen weights": """
        network Net {
            input: (6, 5)
            layers: BatchNormalization() SpectralNormalization(Dense(4)) GRU(3, return_sequences=true) LSTM(3)
        }
    """,
    "an area": CASES["a class for each pixel"],
    "double": CASES["in float64"],
}


def made(name: str, backend: str, form: str) -> Form:
    return make(plan_of_program(PROGRAMS[name]), backend, form, NO_LINES, PROGRAMS[name])


def unpacked(form: Form) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(form.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    keras.config.set_dtype_policy("float32")


# --- all forms ---


@pytest.mark.parametrize(
    ("form", "suffix", "media_type"),
    [
        ("model", ".py", "text/x-python"),
        ("script", ".py", "text/x-python"),
        ("notebook", ".ipynb", "application/x-ipynb+json"),
        ("project", ".zip", "application/zip"),
    ],
)
def test_a_form_is_a_file(form: str, suffix: str, media_type: str) -> None:
    assert form in FORMS
    for backend in BACKENDS:
        file = Compiler().download(TRAINED, backend=backend, form=form)
        assert (file.suffix, file.media_type) == (suffix, media_type)
        assert file == Compiler().download(TRAINED, backend=backend, form=form)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_file_is_what_generate_gives(backend: str) -> None:
    compiler = Compiler()
    assert compiler.download(TRAINED, backend=backend).content.decode() == compiler.generate(TRAINED, backend=backend)
    model = compiler.download(TRAINED, backend=backend, form="model").content.decode()
    assert model == compiler.code(TRAINED, backend=backend, script=False).source
    assert "__main__" not in model
    assert "train" not in model


def test_what_cannot_be_made_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown form 'wheel': use one of model, script, notebook, project"):
        Compiler().download(TRAINED, backend="pytorch", form="wheel")
    with pytest.raises(NeuralError, match="N201"):
        Compiler().download("network Net { input: (4) layers: Dens(2) }", backend="pytorch")
    source = 'network Net { input: (4) layers: Output(4) loss: ["mse", "mae"] train { } }'
    for form in ("script", "notebook", "project"):
        with pytest.raises(NeuralError, match="2 losses do not go with 1 outputs"):
            Compiler().download(source, backend="tensorflow", form=form)
    assert Compiler().download(source, backend="tensorflow", form="model").content


# --- notebooks ---


def document(name: str, backend: str) -> dict[str, Any]:
    found = json.loads(made(name, backend, "notebook").content)
    assert isinstance(found, dict)
    return found


def code(notebook: dict[str, Any]) -> list[str]:
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_notebook_is_of_the_format(name: str, backend: str) -> None:
    """By https://github.com/jupyter/nbformat/blob/main/nbformat/v4/nbformat.v4.5.schema.json."""
    notebook = document(name, backend)
    assert notebook.keys() == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"].keys() == {"display_name", "language", "name"}
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in notebook["cells"]:
        assert re.fullmatch("[a-zA-Z0-9-_]{1,64}", cell["id"])
        assert cell["metadata"] == {}
        assert cell["source"]
        assert all(line.endswith("\n") for line in cell["source"][:-1])
        if cell["cell_type"] == "code":
            assert cell.keys() == {"cell_type", "id", "metadata", "source", "execution_count", "outputs"}
            assert (cell["execution_count"], cell["outputs"]) == (None, [])
        else:
            assert cell["cell_type"] == "markdown"
            assert cell.keys() == {"cell_type", "id", "metadata", "source"}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_notebook_holds_every_part_of_the_script_in_a_cell(name: str, backend: str) -> None:
    cells = [ast.parse(text).body for text in code(document(name, backend))]
    script = ast.parse(generated(plan_of_program(PROGRAMS[name]), backend, NO_LINES).source).body
    parts = [ast.dump(part) for part in script if isinstance(part, ast.FunctionDef | ast.ClassDef)]
    assert [ast.dump(cell[0]) for cell in cells if isinstance(cell[0], ast.FunctionDef | ast.ClassDef)] == parts
    assert all(len(cell) == 1 for cell in cells if isinstance(cell[0], ast.FunctionDef | ast.ClassDef))
    imports = [ast.unparse(part) for part in script if isinstance(part, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(part) for part in cells[0]] == [each for each in imports if each != "import argparse"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_notebook_runs_from_top_to_bottom(name: str, backend: str, capsys: pytest.CaptureFixture[str]) -> None:
    scope: dict[str, Any] = {"__name__": "__main__"}
    for text in code(document(name, backend)):
        exec(compile(text, "cell", "exec"), scope)
    printed = capsys.readouterr().out
    assert plan_of_program(PROGRAMS[name]).network.name in printed
    if "train {" not in PROGRAMS[name]:
        return
    assert scope["model"] is not scope["build_model"]()
    last = ast.parse(code(document(name, backend))[-1]).body[-1]
    assert isinstance(last, ast.Expr)
    assert eval(ast.unparse(last), scope)["loss"] >= 0


def test_the_settings_of_training_are_variables() -> None:
    cells = code(document("trained", "pytorch"))
    assert cells[-3].splitlines()[:4] == [
        "data = None  # or the path of an .npz file",
        "epochs = 2",
        "batch_size = 128",
        "seed = 0",
    ]
    assert cells[-2] == "model = train(data, epochs, batch_size, seed, device)"
    assert 'device = "cpu"' in code(document("a penalty", "pytorch"))[-3]
    assert code(document("a penalty", "tensorflow"))[-2].startswith('with keras.device("cpu:0"):\n    model = train(')


# --- projects ---


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_project_passes_its_own_tests_and_trains(backend: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(made("trained", backend, "project").content)) as archive:
        archive.extractall(tmp_path)
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": ""}

    def run(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
        return done.stdout

    assert "2 passed" in run("-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert "loss" in run("train.py", "--epochs", "1")


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_tests_of_a_project_pass(name: str, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    project = files(plan_of_program(PROGRAMS[name]), backend, NO_LINES)
    model = ModuleType("model")
    exec(project["model.py"], model.__dict__)
    monkeypatch.setitem(sys.modules, "model", model)
    scope: dict[str, Any] = {}
    exec(project["test_model.py"], scope)
    tests = [test for title, test in scope.items() if title.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()
    if "train.py" in project:
        exec(project["train.py"], {"__name__": "train"})


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_tests_of_a_project_find_another_network(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    project = files(plan_of_program(TRAINED), backend, NO_LINES)
    other = files(plan_of_program(TRAINED.replace("Output(4", "Output(5")), backend, NO_LINES)
    model = ModuleType("model")
    exec(other["model.py"], model.__dict__)
    monkeypatch.setitem(sys.modules, "model", model)
    scope: dict[str, Any] = {}
    exec(project["test_model.py"], scope)
    for title in ("test_results_have_their_shapes", "test_parameters_are_as_many"):
        with pytest.raises(AssertionError):
            scope[title]()


def test_what_a_project_holds() -> None:
    project = unpacked(made("trained", "pytorch", "project"))
    names = ["model.py", "train.py", "test_model.py", "requirements.txt", "README.md", "model.neural"]
    assert list(project) == names
    assert project["model.neural"] == TRAINED
    assert "from model import build_model\n" in project["train.py"]
    readme = project["README.md"]
    assert readme.startswith("# `Small`\n\nA network in PyTorch, from `model.neural`.\n")
    assert "| Parameters | 468 (468 trainable, 0 not) |\n" in readme
    for command in ("pip install -r requirements.txt", "python train.py --data FILE.npz", "python -m pytest"):
        assert command in readme
    assert (
        "from model import ActivityRegularization, build_model\n"
        in files(plan_of_program(PROGRAMS["a penalty"]), "pytorch", NO_LINES)["train.py"]
    )
    small = files(plan_of_program(PROGRAMS["not trained"]), "tensorflow", NO_LINES)
    assert list(small) == ["model.py", "test_model.py", "requirements.txt", "README.md"]
    assert "train" not in small["README.md"].replace("trainable", "").replace("Training, Adam", "")


def test_a_project_says_with_which_values_it_was_made() -> None:
    source = "let width = 8 in 4..64 network Net { input: (4) layers: Dense(width) }"
    project = unpacked(Compiler().download(source, backend="tensorflow", form="project", values={"width": 13}))
    assert "A network in Keras, from `model.neural` with `width = 13`.\n" in project["README.md"]
    assert "count_params() == 65" in project["test_model.py"]


def test_a_layer_to_fill_in_is_named() -> None:
    plan = plan_of_program("network Net { input: (4) layers: GateLayer(depth=3, output_shape=(4,), parameters=36) }")
    assert "They pass once GateLayer in `model.py` are filled in." in files(plan, "pytorch", NO_LINES)["README.md"]


def test_an_archive_says_nothing_of_where_it_was_made() -> None:
    with zipfile.ZipFile(io.BytesIO(made("trained", "tensorflow", "project").content)) as archive:
        for entry in archive.infolist():
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.external_attr >> 16 == 0o644
            assert not entry.filename.startswith("/")


def test_requirements_are_those_of_this_package() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["frameworks"]
    assert REQUIREMENTS["pytorch"][0] in extras
    assert f"tensorflow>={REQUIREMENTS['tensorflow'][1][12:16]}" in " ".join(extras)
    assert keras.__version__.startswith(REQUIREMENTS["tensorflow"][0].removeprefix("keras==").removesuffix("*"))
    assert {"numpy>=2.0"} == {line for lines in REQUIREMENTS.values() for line in lines} & set(extras) - {
        REQUIREMENTS["pytorch"][0]
    }


def test_files_are_formatted_and_clean(tmp_path: Path) -> None:
    for path in EXAMPLES:
        for backend in BACKENDS:
            folder = tmp_path / f"{path.stem}_{backend}"
            folder.mkdir()
            plan = plan_of_program(path.read_text())
            for name, text in files(plan, backend, NO_LINES).items():
                if name.endswith(".py"):
                    (folder / name).write_text(text)
            form = make(plan, backend, "notebook", NO_LINES)
            (folder / "notebook.ipynb").write_bytes(form.content)
    for command in (
        ["check", "--no-cache", "--extend-select", "I", "--config", "lint.isort.known-first-party=['model']"],
        ["format", "--check", "--diff", "--no-cache"],
    ):
        result = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", str(tmp_path)], capture_output=True, text=True
        )
        assert result.returncode == 0, result.stdout[-4000:]
