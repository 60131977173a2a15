"""Layers tied to an Embedding: which one a label means."""

from __future__ import annotations

from neural.binding.graph import Graph
from neural.binding.scope import BindError, Scope, UnknownError, unknown
from neural.layers.core import Embedding, Matrix
from neural.network import Range
from neural.suggest import shown


def matrix_of(graph: Graph, name: str, scope: Scope, at: Range) -> Matrix:
    """Return the matrix of the Embedding that has a label in scope, or else a name; raise ``BindError``."""
    graph.touched += 1
    node = graph.find(scope.tensors.get(name, name))
    if node is not None and isinstance(node.layer, Embedding):
        return Matrix(node.key, node.layer.input_dim, node.layer.output_dim)
    if node is not None and node.layer is None:
        raise UnknownError
    known = _embeddings(graph, scope)
    if node is None and name not in scope.tensors:
        raise unknown("N307", f"no Embedding is called `{shown(name)}` here", at, name, known, quote=True)
    what = node.type if node else "an input"
    error = BindError("N307", f"`{shown(name)}` is {what}, and a layer is tied to an Embedding", at)
    error.help = f"known are {', '.join(known)}" if known else "put an Embedding before it and give it a label"
    raise error


def _embeddings(graph: Graph, scope: Scope) -> list[str]:
    """Return the names of the Embeddings so far, those with a label in scope by that."""
    labels = {key: label for label, key in scope.tensors.items()}
    return [labels.get(node.key, node.key) for node in graph.nodes if isinstance(node.layer, Embedding)]
