"""What the page says of a verification."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webapp.parts import VerificationContext
from webapp.verifications import Job


def view(job: Job | None) -> VerificationContext:
    """Return how far a job is or what it found; None is one that was given up."""
    if job is None:
        return VerificationContext("given up", words="The server gave this verification up. Please try again.")
    if job.result is None:
        return VerificationContext("working", job.id, _progress(job))
    return _outcome(job.id, job.result)


def _progress(job: Job) -> str:
    if job.ahead:
        return f"Waiting as number {job.ahead} in the queue…"
    return f"Verifying: {job.words or 'starting'}…"


def _outcome(identifier: str, result: Mapping[str, Any]) -> VerificationContext:
    key = result["key"] or ""
    if "refused" in result:
        return VerificationContext("refused", identifier, f"Cannot be verified: {result['refused']}", key)
    details = _details(result)
    if not result["ok"]:
        return VerificationContext("different", identifier, result["problem"], key, details)
    frameworks = " and ".join(f"{name} {release}" for name, release in list(result["versions"].items())[:2])
    return VerificationContext("same", identifier, f"Verified in {frameworks} on {result['date']}", details=details)


def _details(result: Mapping[str, Any]) -> str:
    """Return what was compared, and how strictly."""
    said = [f"{result['layers']:,} layers compared", f"results differ by at most {result['output_difference']:.1e}"]
    if result["gradient_difference"] is not None:
        said.append(f"gradients by at most {result['gradient_difference']:.1e}")
    return ". ".join([", ".join(said) + " of the largest value", *result["notes"]])
