"""The functions of the public surface, over the process-wide compiler."""

from __future__ import annotations

from collections.abc import Mapping

from neural.compiler import default_compiler
from neural.cost.report import Framework, Report
from neural.verification.result import Verification


def analyze(
    source: str,
    framework: Framework = "tensorflow",
    batch: int = 1,
    dtype: str = "float32",
    optimizer: str | None = None,
    values: Mapping[str, int | float] | None = None,
    network: str | None = None,
    device: str | None = None,
) -> Report:
    """Return the report of a program: shapes, parameters, FLOPs, memory and diagnostics.

    Never raises for a bad program. FLOPs count a multiply-add as two; memory is in bytes; both are for the whole batch.
    With a ``device``, "H100" for one, each layer has the least time it takes there.
    Raises ``ValueError`` for a framework, batch, dtype or device that does not exist.
    """
    return default_compiler().analyze(
        source,
        framework=framework,
        batch=batch,
        dtype=dtype,
        optimizer=optimizer,
        values=values,
        network=network,
        device=device,
    )


def generate(
    source: str, backend: str, network: str | None = None, values: Mapping[str, int | float] | None = None
) -> str:
    """Return a Python file that builds the network in "pytorch" or "tensorflow" (Keras 3).

    Raises ``NeuralError``, with its diagnostics, when the program has errors or the backend cannot express it.
    """
    return default_compiler().generate(source, backend=backend, network=network, values=values)


def verify(source: str, network: str | None = None, values: Mapping[str, int | float] | None = None) -> Verification:
    """Build the network in PyTorch and in Keras, and compare every layer, the outputs and the gradients, in float64.

    Needs both frameworks. Raises ``NeuralError`` when the program has errors or a backend cannot express it,
    ``neural.verification.RefusalError`` when it cannot be verified, ``neural.verification.UnavailableError`` where the
    frameworks are not installed.
    """
    return default_compiler().verify(source, network=network, values=values)
