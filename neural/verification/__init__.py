"""Whether generated PyTorch and Keras code compute the same network: both are built, run and compared.

Each framework has a process of its own, which forks for every job and holds it within bounds. Both networks get the
same seeded weights, by the rules that turn Keras's weights into PyTorch's, and the same input, in float64.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from neural.diagnostics import LineIndex
from neural.shape_propagation.plan import Plan
from neural.verification.result import RefusalError, UnavailableError, Verification

__all__ = ["RefusalError", "UnavailableError", "Verification", "available", "verify"]

_WRONG = {
    "time": "it takes longer than the {seconds} seconds that a network may take",
    "memory": "it needs more memory than a network may take",
    "size": "its results are larger than what is compared",
    "crash": "the process ended",
    "kernel": "TensorFlow has one of its operations on other hardware only",
}


def available() -> bool:
    """Whether the frameworks are installed here."""
    from neural.verification import workers

    return workers.available()


def verify(plan: Plan, lines: LineIndex, progress: Callable[[str], object] = lambda _: None) -> Verification:
    """Build a plan without errors in both frameworks and compare what they compute.

    Compared are every layer's shape, parameters and result, the outputs (relative difference under 1e-9), and the
    gradients of a step of training without what is random (under 1e-6). ``progress`` is told what is done.
    Raises ``NeuralError`` where a backend cannot express the network, ``RefusalError`` where it is not verified,
    ``UnavailableError`` where the frameworks are not installed.
    """
    from neural.verification import workers
    from neural.verification.job import make_job

    begin = time.monotonic()
    if not available():
        raise UnavailableError('PyTorch and Keras are not installed: pip install "neural-playground[frameworks]"')
    progress("writing the code")
    job = make_job(plan, lines)
    progress("starting PyTorch and Keras")
    versions = workers.start()
    progress("computing in PyTorch and Keras")
    answers = workers.run(job.messages, job.arrays)
    progress("comparing")
    found = _compared(job, answers) if not any("error" in each for each in answers.values()) else _failed(answers)
    return Verification(
        plan.network.name,
        versions=tuple((name, versions[name]) for name in ("PyTorch", "Keras", "TensorFlow")),
        parameters=sum(step.facts.parameters for step in plan.steps if step.facts and step.owns_weights),
        seconds=round(time.monotonic() - begin, 3),
        date=datetime.now(UTC).date().isoformat(),
        **found,
    )


def _compared(job: Any, answers: dict[str, Any]) -> dict[str, Any]:
    from neural.verification.comparing import Comparison

    comparison = Comparison(job, answers["pytorch"], answers["tensorflow"])
    problem = comparison.problem()
    reasons = ", ".join(comparison.rounded)
    note = f"compared within {comparison.tolerance:.0e}: TensorFlow computes {reasons} less exactly" if reasons else ""
    return {
        "ok": problem is None,
        "problem": ": ".join(filter(None, problem)) if problem else "",
        "key": problem.key if problem else None,
        "layers": comparison.layers,
        "output_difference": comparison.output_difference,
        "gradient_difference": comparison.gradient_difference,
        "notes": tuple(filter(None, (note, job.skipped))),
    }


def _failed(answers: dict[str, Any]) -> dict[str, Any]:
    """Return the outcome where a framework gave none; raise ``RefusalError`` where bounds were in the way."""
    from neural.verification.sandbox import PROCESSOR_SECONDS

    names = {"pytorch": "PyTorch", "tensorflow": "Keras"}
    backend, answer = next((name, each) for name, each in answers.items() if "error" in each)
    if answer["error"] in _WRONG:
        raise RefusalError(f"{names[backend]}: {_WRONG[answer['error']].format(seconds=PROCESSOR_SECONDS)}")
    return {"ok": False, "problem": f"{names[backend]} does not run the code: {answer['message']}"}
