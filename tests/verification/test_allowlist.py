"""Generated code is checked before it runs: what the emitters write passes, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from neural.code_generation.emitter import BACKENDS, generated
from neural.compiler import default_compiler
from neural.layers.lambdas import Lambda
from neural.verification.allowlist import DisallowedError, check
from tests.code_generation.numeric_rows import all_rows
from tests.code_generation.plans import NO_LINES, plan_of

ROWS = [each for each in all_rows() if not isinstance(each.layer, Lambda)]


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_code_of_every_layer_passes(backend: str) -> None:
    for row in ROWS:
        check(generated(plan_of(row.layer, row.shapes), backend, NO_LINES, script=False).source)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("path", sorted(Path("examples").glob("*.neural")), ids=lambda path: path.stem)
def test_the_code_of_every_example_passes(path: Path, backend: str) -> None:
    check(default_compiler().code(path.read_text(encoding="utf-8"), backend=backend, script=False).source)


REFUSED = [
    # source, what is not allowed
    ("import os", "os"),
    ("import torch.hub", "torch.hub"),
    ("from torch import hub", "torch.hub"),
    ("from keras import utils", "keras.utils"),
    ("from . import torch", ".torch"),
    ("from torch import *", "torch.*"),
    ("import torch\ntorch.load('x')", "load"),
    ("import keras\nkeras.utils", "utils"),
    ("open('x')", "open"),
    ("eval('1')", "eval"),
    ("exec('1')", "exec"),
    ("__import__('os')", "__import__"),
    ("globals()", "globals"),
    ("().__class__.__bases__", "__bases__"),
    ("x = [].__class__", "__class__"),
    ("getattr(torch, 'hub')", "getattr"),
    ("def f(self):\n    return getattr(self, '__class__')", "a name with underscores"),
    ("import torch\ntorch.ops.load_library('x')", "load_library"),
    ("import torch\ntorch.zeros(1).numpy().tofile('x')", "tofile"),
    ("with torch as x:\n    pass", "With"),
    ("try:\n    pass\nexcept ValueError:\n    pass", "Try"),
    ("while True:\n    pass", "While"),
    ("async def f():\n    pass", "AsyncFunctionDef"),
    ("global x", "Global"),
    ("x = (y := 1)", "NamedExpr"),
    ("def f():\n    yield 1", "Yield"),
    ("del x", "Delete"),
    ("class A:\n    def __reduce__(self):\n        return 1", "__reduce__"),
]


@pytest.mark.parametrize(("source", "what"), REFUSED)
def test_what_else_there_is_is_refused(source: str, what: str) -> None:
    with pytest.raises(DisallowedError) as refusal:
        check(source)
    assert f"{what} is not allowed" in str(refusal.value)
