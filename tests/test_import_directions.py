"""Imports go one way: a level imports lower levels, or its own without a circle, as docs/architecture.md says."""

from __future__ import annotations

import ast
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FRAMEWORKS = frozenset({"torch", "tensorflow", "keras"})
FRAMEWORK_ROOMS = frozenset({"verification", "importers"})
FACES = frozenset({"cli", "lsp", "webapp"})

#: Every room of the house and its level.
LEVELS: Mapping[str, int] = {
    **dict.fromkeys(
        (
            "diagnostics",
            "errors",
            "caches",
            "cachedir",
            "collecting",
            "diskcache",
            "lazy",
            "limits",
            "records",
            "suggest",
            "terminal",
            "version",
        ),
        0,
    ),
    **dict.fromkeys(("explanations", "fixing", "shapes", "syntax"), 1),
    **dict.fromkeys(("layers", "parser", "training_names"), 2),
    **dict.fromkeys(("network", "binding", "repairs", "stdlib"), 3),
    **dict.fromkeys(("shape_propagation", "cost"), 4),
    **dict.fromkeys(("code_generation", "visualization", "importers", "search", "verification"), 5),
    "revisions": 5,
    **dict.fromkeys(("compiler", "kept", "profiling", "reference"), 6),
    **dict.fromkeys(FACES, 7),
    **dict.fromkeys(("neural", "api", "verifier"), 7),
    **dict.fromkeys(("__main__", "notebook"), 8),
}

#: Modules that stand on another level than their room.
APART: Mapping[str, int] = {
    "neural.cost.explaining": 5,  # explains that view
    "neural.cost.accounting": 5,  # shows a framework's view of what its code will hold
    "neural.code_generation.code_generator": 7,  # the way in for tools of the earlier language: text to code
}

#: What a room may import of the house where its level alone would allow more.
NARROWER: Mapping[str, frozenset[str]] = {
    "parser": frozenset(room for room, level in LEVELS.items() if level <= 1) | {"parser"},
    "layers": frozenset(room for room, level in LEVELS.items() if level <= 1) | {"layers"},
}

#: Where code generation and drawing read their input: finished data, and nothing that infers it anew.
DATA_ONLY: Mapping[str, frozenset[str]] = {
    "code_generation": frozenset({"neural.parser", "neural.binding", "neural.shape_propagation.shape_propagator"}),
    "visualization": frozenset({"neural.parser", "neural.binding", "neural.shape_propagation", "neural.network"}),
}

#: The modules that faces stand on: the compiler, its data, and what draws it.
PUBLIC = (
    "neural.compiler",
    "neural.cost.devices",
    "neural.cost.explanation",
    "neural.cost.folding",
    "neural.cost.markup",
    "neural.fixing",
    "neural.verifier",
    "neural.profiling",
    "neural.cost.memory",
    "neural.cost.report",
    "neural.cost.tables",
    "neural.explanations",
    "neural.kept",
    "neural.reference",
    "neural.training_names",
    "neural.verification",
    "neural.visualization",
    *(f"neural.{room}" for room, level in LEVELS.items() if level == 0),
)

#: What comes from outside the standard library, by the rooms that may use it.
PACKAGES: Mapping[str, frozenset[str]] = {
    "parser": frozenset({"lark"}),
    "code_generation": frozenset({"numpy"}),
    "cost": frozenset({"rich"}),
    "cli": frozenset({"click", "gunicorn", "plotly", "rich", "werkzeug"}),
    "notebook": frozenset({"IPython", "click"}),
    "webapp": frozenset({"flask", "jinja2", "markupsafe", "prometheus_client", "sqlalchemy", "werkzeug"}),
}


@dataclass(frozen=True)
class Import:
    """An import statement, or a module's name given to ``lazy_import``."""

    importer: str
    target: str
    line: int
    at_start: bool
    lazy: bool = False

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.target}"


def room_of(module: str) -> str:
    """Return the room a module of the house is in: the part below ``neural``, or ``webapp``."""
    first, *rest = module.split(".")
    return rest[0] if first == "neural" and rest else first


def is_ours(module: str) -> bool:
    return module.split(".")[0] in {"neural", "webapp"}


def sources() -> dict[str, str]:
    """Return the text of every module of ``neural`` and ``webapp``."""
    found = {}
    for top in ("neural", "webapp"):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path.read_text(encoding="utf-8")
    return found


def imports_of(modules: Mapping[str, str]) -> list[Import]:
    return [each for name, text in modules.items() for each in _imports(name, text, modules.keys())]


def _imports(importer: str, text: str, known: Collection[str]) -> Iterator[Import]:
    tree = ast.parse(text)
    at_start = set(_run_at_import(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{importer}:{node.lineno}: a relative import"
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            targets = [name if name in known else str(node.module) for name in inner]
        elif lazily := _lazily_named(node):
            yield Import(importer, lazily, node.lineno, at_start=False, lazy=True)  # type: ignore[attr-defined]
            continue
        else:
            continue
        for target in dict.fromkeys(targets):
            yield Import(importer, target, node.lineno, node in at_start)


def _run_at_import(node: ast.AST) -> Iterator[ast.AST]:
    """Walk what runs when the module is imported: not functions' bodies, not what is for the type checker alone."""
    for child in ast.iter_child_nodes(node):
        typing_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        if not typing_only and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _run_at_import(child)


def _lazily_named(node: ast.AST) -> str | None:
    """Return the module that a call of ``lazy_import``, ``get_module`` or ``import_module`` names."""
    if not isinstance(node, ast.Call) or not node.args:
        return None
    function, first = node.func, node.args[0]
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", None)
    if name in {"lazy_import", "get_module", "LazyLoader", "import_module", "__import__"}:
        return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
    return None


def complaint(each: Import) -> str | None:
    """Return what is wrong with an import, or None."""
    room = room_of(each.importer)
    return _inner(each, room) if is_ours(each.target) else _outer(each, room)


def _inner(each: Import, room: str) -> str | None:
    target = room_of(each.target)
    if target not in LEVELS or room not in LEVELS:
        return "is between rooms that this test does not know"
    if target == room:
        return None
    if room in FACES:
        public = any(each.target == name or each.target.startswith(f"{name}.") for name in PUBLIC)
        return None if public or each.target == "neural" else "reaches past the compiler and its data"
    up = APART.get(each.target, LEVELS[target]) > APART.get(each.importer, LEVELS[room])
    if up or (room in NARROWER and target not in NARROWER[room]):
        return "goes up the house"
    if any(each.target == name or each.target.startswith(f"{name}.") for name in DATA_ONLY.get(room, ())):
        return "infers anew what it is given"
    return None


def _outer(each: Import, room: str) -> str | None:
    package = each.target.split(".")[0]
    if package in FRAMEWORKS:
        if each.lazy and room in FRAMEWORK_ROOMS:
            return None
        return "is a framework: only verification and importers use those, through neural.lazy"
    if package in sys.stdlib_module_names or package in PACKAGES.get(room, ()) or room in FRAMEWORK_ROOMS:
        return None
    return "is a package that this room does not use"


def complaints(modules: Mapping[str, str]) -> list[str]:
    return [f"{each}, which {wrong}" for each in imports_of(modules) if (wrong := complaint(each))]


def circle(modules: Mapping[str, str]) -> list[str]:
    """Return modules that import one another when they are imported, or nothing."""
    graph: dict[str, set[str]] = {name: set() for name in modules}
    for each in imports_of(modules):
        # A package's own __init__ is entered before its modules are, so that importing it from them is no circle.
        if each.at_start and each.target in graph and not each.importer.startswith(f"{each.target}."):
            graph[each.importer].add(each.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_every_import_goes_down() -> None:
    assert complaints(sources()) == []


def test_there_is_no_circle() -> None:
    assert circle(sources()) == []


def test_every_room_has_a_level() -> None:
    rooms = {room_of(name) for name in sources()}
    assert rooms - LEVELS.keys() == set()


@pytest.mark.parametrize(
    ("importer", "line", "wrong"),
    [
        ("neural.layers.core", "from neural.network import Network", "goes up the house"),
        ("neural.parser.parser", "from neural.layers.catalogue import LAYERS", "goes up the house"),
        ("neural.layers.core", "import numpy", "is a package"),
        ("neural.layers.core", "from neural.parser import parser", "goes up the house"),
        ("neural.code_generation.pytorch", "import torch", "is a framework"),
        ("neural.code_generation.pytorch", "t = lazy_import('torch')", "is a framework"),
        ("neural.verification.runner", "import torch.nn", "is a framework"),
        ("neural.code_generation.pytorch", "from neural.binding import statements", "infers anew"),
        ("neural.cli.main", "import webapp", "reaches past"),
        ("webapp.views.page", "from neural.cli.console import shown", "reaches past"),
        ("webapp.views.page", "from neural.parser.parser import parse", "reaches past"),
        ("neural.compiler", "def f():\n    import flask", "is a package"),
        ("neural.caches", "if TYPE_CHECKING:\n    from neural.shapes import Shape", "goes up the house"),
    ],
)
def test_a_wrong_import_is_found(importer: str, line: str, wrong: str) -> None:
    known = dict.fromkeys(("neural.binding.statements", "neural.parser.parser"), "")
    (found,) = complaints({**known, importer: line})
    assert wrong in found


@pytest.mark.parametrize(
    ("importer", "line"),
    [
        ("neural.layers.core", "from neural.shapes import Shape\nimport math"),
        ("neural.parser.parser", "import lark\nfrom neural.syntax import Program"),
        ("neural.verification.runner", "torch = lazy_import('torch.nn')"),
        ("neural.code_generation.pytorch", "from neural.shape_propagation.plan import Plan"),
        ("webapp.views.page", "from neural.compiler import default_compiler\nimport flask\nfrom webapp import config"),
        ("neural.cli.main", "import neural\nfrom neural.cost.report import Report"),
    ],
)
def test_a_right_import_is_not(importer: str, line: str) -> None:
    assert complaints({importer: line}) == []


def test_a_circle_is_found() -> None:
    modules = {"neural.layers.a": "import neural.layers.b", "neural.layers.b": "from neural.layers import a"}
    assert set(circle(modules)) == {"neural.layers.a", "neural.layers.b"}
    modules["neural.layers.b"] = "def later():\n    from neural.layers import a"
    assert circle(modules) == []
