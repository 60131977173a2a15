"""Layers of installed packages: found when they are named, and no trouble when they are broken."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import neural
from neural.caches import clear_caches
from neural.layers.catalogue import LAYERS, find, is_alias, names
from neural.layers.plugins import plugin_layers

MODULE = '''
from dataclasses import dataclass
from typing import ClassVar, final

from neural.layers.base import Inputs, Layer
from neural.layers.fields import Integer, argument
from neural.shapes import Shape


@final
@dataclass(frozen=True, slots=True)
class Doubled(Layer):
    """Repeats the last axis."""

    aliases: ClassVar[tuple[str, ...]] = ("Twice",)

    times: int = argument(Integer(1), "How often.", default=2)

    def output_shape(self, inputs: Inputs) -> Shape:
        (shape,) = inputs
        return (*shape[:-1], None if shape[-1] is None else shape[-1] * self.times)


@final
@dataclass(frozen=True, slots=True)
class Dense(Layer):
    """A layer that takes the name of another."""

    def output_shape(self, inputs: Inputs) -> Shape:
        return inputs[0]


@dataclass(frozen=True, slots=True)
class Unfinished(Layer):
    """A layer that is not final."""

    def output_shape(self, inputs: Inputs) -> Shape:
        return inputs[0]


@final
class Plain(Layer):
    """A layer that is no dataclass."""

    def output_shape(self, inputs: Inputs) -> Shape:
        return inputs[0]


@final
@dataclass(frozen=True, slots=True)
class Undeclared(Layer):
    """A layer whose field is no argument."""

    size: int = 3

    def output_shape(self, inputs: Inputs) -> Shape:
        return inputs[0]
'''

BROKEN = {
    "absent": ("no_such_package_here:Layer", "ModuleNotFoundError: No module named 'no_such_package_here'"),
    "failing": ("failing_layers:Layer", "ZeroDivisionError: division by zero"),
    "nothing": ("tiny_layers:Nothing", "AttributeError: "),
    "function": ("tiny_layers:dataclass", "TypeError: it is no subclass of neural.layers.base.Layer"),
    "open": ("tiny_layers:Unfinished", "TypeError: a layer is final"),
    "plain": ("tiny_layers:Plain", "TypeError: a layer is a frozen dataclass"),
    "undeclared": ("tiny_layers:Undeclared", "TypeError: a layer declares each field"),
}


def install(folder: Path, points: dict[str, str]) -> None:
    """Put a package with entry points into a folder, as an installer leaves it."""
    (folder / "tiny_layers.py").write_text(MODULE)
    (folder / "failing_layers.py").write_text("1 / 0\n")
    info = folder / "tiny_layers-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-layers\nVersion: 1.0\n")
    lines = "".join(f"{name} = {value}\n" for name, value in points.items())
    (info / "entry_points.txt").write_text(f"[neural.layers]\n{lines}")


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(tmp_path)
    plugin_layers.cache_clear()
    clear_caches()
    yield tmp_path
    plugin_layers.cache_clear()
    clear_caches()
    for name in ("tiny_layers", "failing_layers"):
        sys.modules.pop(name, None)


def test_a_layer_of_a_package_is_a_layer(packages: Path) -> None:
    install(packages, {"Doubled": "tiny_layers:Doubled"})
    report = neural.analyze("network Net { input: (6,) layers: Doubled() doubled(times=3) Dense(4) }")
    assert report.diagnostics == ()
    assert [layer.output_shape for layer in report.layers] == [(None, 12), (None, 36), (None, 4)]
    assert [layer.type for layer in report.layers] == ["Doubled", "Doubled", "Dense"]
    assert names()[-1] == "Doubled"


def test_its_arguments_aliases_and_suggestions_are_those_of_any_layer(packages: Path) -> None:
    install(packages, {"Doubled": "tiny_layers:Doubled"})
    assert find("Twice") is find("DOUBLED")
    assert is_alias("Twice")
    found = neural.analyze("network Net { input: (6,) layers: Twice(0) Doubld() }").diagnostics
    assert [each.message for each in found] == [
        "`times`: expected an integer of at least 1, got 0",
        "there is no layer or macro `Doubld`",
    ]
    assert found[1].help == "did you mean `Doubled`?"


def test_generated_code_has_no_form_of_it(packages: Path) -> None:
    install(packages, {"Doubled": "tiny_layers:Doubled"})
    for backend, name in (("pytorch", "PyTorch"), ("tensorflow", "Keras")):
        with pytest.raises(neural.NeuralError, match=f"Doubled has no form in {name}"):
            neural.generate("network Net { input: (6,) layers: Doubled() }", backend=backend)


def test_a_name_of_the_catalogue_stays_its_own(packages: Path) -> None:
    install(packages, {"Dense": "tiny_layers:Dense"})
    assert find("Dense") is LAYERS["Dense"]


@pytest.mark.parametrize(("point", "says"), BROKEN.values(), ids=BROKEN)
def test_a_broken_one_is_a_warning_and_the_others_are_read(packages: Path, point: str, says: str) -> None:
    install(packages, {"Broken": point, "Doubled": "tiny_layers:Doubled"})
    with pytest.warns(UserWarning, match="cannot be used") as said:
        assert neural.analyze("network Net { input: (6,) layers: Doubled()\n Dense(3) }").ok
    (warning,) = said
    assert str(warning.message).startswith(f"the layer Broken ({point}) cannot be used: {says}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not neural.analyze("network Net { input: (6,) layers: Broken() }").ok


def test_packages_are_not_looked_at_for_layers_that_we_have() -> None:
    script = """
import sys
import neural
source = '''
define Block(units) { Dense(units) }
network Net { input: (6,) layers: Block(4) part = Linear(3) Residual() { Dense(3) } }
'''
report = neural.analyze(source)
print(report.ok, "importlib.metadata" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
