"""Random programs that are right, which reach every construct of the language, and a way to break them.

``random_program(seed)`` and the strategy ``programs()`` read the catalogue: a new layer is reached without more.
"""

from __future__ import annotations

from hypothesis import strategies as st

from tests.generation.mutation import mutate
from tests.generation.programs import program, random_program, scattered

__all__ = ["mutate", "programs", "random_program", "scattered"]


def programs() -> st.SearchStrategy[str]:
    """Return the strategy of programs that are right."""
    return st.randoms(use_true_random=False).map(program)
