"""Lazy modules: imported once, when first used, and missing ones reported with their remedy."""

import copy
import importlib
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from types import ModuleType

import pytest

from neural import lazy
from neural.cli import lazy_imports
from neural.lazy import LazyLoader, get_module, lazy_import


@pytest.fixture
def slow_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that takes a while to import and counts how often it is."""
    name = "lazily_imported_example"
    source = "import time, builtins\ntime.sleep(0.1)\nbuiltins._imports_seen += 1\nvalue = [1]\n"
    (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("builtins._imports_seen", 0, raising=False)
    monkeypatch.setattr(lazy, "_MODULES", {})
    monkeypatch.delitem(sys.modules, name, raising=False)
    return name


def imports_seen() -> int:
    import builtins

    return builtins._imports_seen  # type: ignore[attr-defined]


def test_nothing_is_imported_until_an_attribute_is_asked_for(slow_module: str) -> None:
    loader = lazy_import(slow_module)
    assert loader.module is None
    assert slow_module not in sys.modules
    assert loader.value == [1]
    assert loader.module is sys.modules[slow_module]


def test_slots_are_the_documented_ones() -> None:
    assert set(LazyLoader.__slots__) == {"module_name", "module", "_cached_attrs", "_import_lock"}
    assert LazyLoader.__dictoffset__ == 0


def test_the_command_line_offers_the_same_names() -> None:
    assert lazy_imports.LazyLoader is LazyLoader
    assert lazy_imports.lazy_import is lazy_import
    assert lazy_imports.get_module is get_module


def test_threads_at_the_first_access_import_once(slow_module: str) -> None:
    loader = lazy_import(slow_module)
    barrier = Barrier(8)

    def first_access(_: int) -> object:
        barrier.wait()
        return loader.value

    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(first_access, range(8)))
    assert all(value is values[0] for value in values)
    assert imports_seen() == 1


def test_loaders_of_one_module_share_it(slow_module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    real = importlib.import_module
    monkeypatch.setattr(importlib, "import_module", lambda name: calls.append(name) or real(name))
    first, second = lazy_import(slow_module), lazy_import(slow_module)
    assert first.value is second.value
    assert get_module(slow_module) is get_module(first) is second.module
    assert calls == [slow_module]


def test_attributes_are_cached(slow_module: str) -> None:
    loader = lazy_import(slow_module)
    assert loader.value is loader.value
    assert loader._cached_attrs == {"value": [1]}
    del sys.modules[slow_module].value
    assert loader.value == [1]


def test_a_cached_attribute_is_quick() -> None:
    loader = lazy_import("json")
    assert loader.dumps is not None
    start = time.perf_counter()
    for _ in range(10_000):
        _ = loader.dumps
    assert time.perf_counter() - start < 0.5


def test_nested_names_give_the_inner_module() -> None:
    assert lazy_import("xml.dom.minidom").parseString is importlib.import_module("xml.dom.minidom").parseString


def test_a_missing_attribute_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_like_this"):
        _ = lazy_import("json").nothing_like_this


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("torch", 'pip install "neural-playground[frameworks]"'),
        ("tensorflow.keras", 'pip install "neural-playground[frameworks]"'),
        ("keras", 'pip install "neural-playground[frameworks]"'),
        ("no_such_package_here", "pip install no_such_package_here"),
        ("no_such_package_here.inner", "pip install no_such_package_here"),
    ],
)
def test_a_missing_package_is_reported_with_the_command_that_installs_it(
    name: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(wanted: str) -> ModuleType:
        package = wanted.partition(".")[0]
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)

    monkeypatch.setattr(lazy, "_MODULES", {})
    monkeypatch.setattr(importlib, "import_module", absent)
    loader = lazy_import(name)
    with pytest.raises(ImportError) as caught:
        _ = loader.anything
    assert str(caught.value).endswith(command)
    assert str(caught.value).startswith(f"{name} needs the package ")
    assert loader.module is None


def test_a_missing_part_of_a_package_is_told_as_python_tells_it() -> None:
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'json\.nothing'"):
        _ = lazy_import("json.nothing").anything


def test_get_module_takes_a_name_a_loader_or_a_module() -> None:
    import json

    assert get_module("json") is get_module(lazy_import("json")) is get_module(json) is json


def test_a_loader_shows_its_state_and_its_names() -> None:
    loader = lazy_import("json")
    assert repr(loader) == "<LazyLoader 'json' (not loaded)>"
    assert "dumps" in dir(loader)
    assert repr(loader) == "<LazyLoader 'json' (loaded)>"


def test_a_copy_is_a_fresh_loader() -> None:
    loader = lazy_import("json")
    assert loader.dumps is not None
    twin = copy.copy(loader)
    assert (twin.module_name, twin.module) == ("json", None)


def test_heavy_packages_stay_untouched() -> None:
    script = (
        "import sys; from neural.cli.lazy_imports import lazy_import\n"
        "loaders = [lazy_import(n) for n in ('torch', 'tensorflow', 'tensorflow.keras', 'keras', 'numpy', 'plotly')]\n"
        "assert all(loader.module is None for loader in loaders)\n"
        "print([n for n in ('torch', 'tensorflow', 'keras', 'numpy', 'plotly') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
