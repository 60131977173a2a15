"""Code of a model in one call: ``generate_code(model, backend)``."""

from __future__ import annotations

from neural.compiler import default_compiler


def generate_code(model: str, backend: str) -> str:
    """Return a complete Python file of a program in "pytorch" or "tensorflow".

    Raises ``NeuralError``, with its diagnostics, when the program has errors or the backend cannot express it.
    """
    return default_compiler().generate(model, backend=backend)
