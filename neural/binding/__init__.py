"""Syntax to Network: names, arguments, blocks, macros and settings resolved to a graph of typed layers."""

from neural.binding.program import Bound, bind

__all__ = ["Bound", "bind"]
