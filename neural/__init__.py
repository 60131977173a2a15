"""Neural Playground: a language for neural networks, with exact shapes and costs, and PyTorch and Keras code.

Everything public is here and is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from neural.version import __version__

if TYPE_CHECKING:
    from neural.api import analyze, generate, verify
    from neural.compiler import Compiler, default_compiler
    from neural.cost.explanation import Explanation
    from neural.cost.report import LayerReport, Report
    from neural.diagnostics import Diagnostic, Fix, Span
    from neural.errors import NeuralError
    from neural.shape_propagation.shape_propagator import ShapePropagator
    from neural.verification.result import Verification

_HOMES = {
    "analyze": "neural.api",
    "generate": "neural.api",
    "verify": "neural.api",
    "Compiler": "neural.compiler",
    "default_compiler": "neural.compiler",
    "Explanation": "neural.cost.explanation",
    "Report": "neural.cost.report",
    "LayerReport": "neural.cost.report",
    "Diagnostic": "neural.diagnostics",
    "Fix": "neural.diagnostics",
    "Span": "neural.diagnostics",
    "NeuralError": "neural.errors",
    "ShapePropagator": "neural.shape_propagation.shape_propagator",
    "Verification": "neural.verification.result",
    "load_ipython_extension": "neural.notebook",
}

__all__ = [
    "Compiler",
    "Diagnostic",
    "Explanation",
    "Fix",
    "LayerReport",
    "NeuralError",
    "Report",
    "ShapePropagator",
    "Span",
    "Verification",
    "__version__",
    "analyze",
    "default_compiler",
    "generate",
    "verify",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'neural' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
