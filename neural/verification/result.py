"""What a verification found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, final


@final
@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of building a network in both frameworks and comparing what they compute.

    Differences are relative to the largest value; ``key`` is the first layer that differs, and ``problem`` says how.
    """

    network: str
    ok: bool
    problem: str = ""
    key: str | None = None
    versions: tuple[tuple[str, str], ...] = ()
    """Framework and release: ("PyTorch", "2.13.0"), ("Keras", "3.15.0"), ("TensorFlow", "2.21.0")."""
    layers: int = 0
    """How many layers' results were compared."""
    parameters: int = 0
    output_difference: float = 0.0
    gradient_difference: float | None = None
    """None where nothing can be trained."""
    notes: tuple[str, ...] = ()
    """What was not compared, or less strictly, and why."""
    seconds: float = 0.0
    date: str = ""
    """The day, as 2026-11-22, in UTC."""

    def summary(self) -> str:
        """Return one line: verified in what, or the problem."""
        if not self.ok:
            return self.problem
        return "verified in " + " and ".join(f"{name} {version}" for name, version in self.versions[:2])

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {**asdict(self), "versions": dict(self.versions)}


class RefusalError(Exception):
    """A network that is not verified, and why; ``key`` is the layer at fault, if one is."""

    def __init__(self, why: str, key: str | None = None) -> None:
        super().__init__(why)
        self.key = key


class UnavailableError(Exception):
    """The frameworks are not installed here."""
