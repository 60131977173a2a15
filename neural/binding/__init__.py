"""Syntax to Network: names, arguments, blocks, macros and settings resolved to a graph of typed layers."""

from neural.binding.program import Bound, bind
from neural.binding.rebinding import Rebinding, moved, rebinding

__all__ = ["Bound", "Rebinding", "bind", "moved", "rebinding"]
