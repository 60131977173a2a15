"""Syntax to Network: names, arguments, blocks, macros and settings resolved to a graph of typed layers."""

from neural.binding.program import Bound, bind
from neural.binding.rebinding import Rebound, moved, rebind

__all__ = ["Bound", "Rebound", "bind", "moved", "rebind"]
