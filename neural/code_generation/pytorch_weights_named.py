"""How Keras's weights become a ``state_dict`` where the names of the weights say it: positions, heads, experts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from neural.layers import attention_grouped, attention_windows, einsum, experts, graphs, positions
from neural.layers.base import Inputs, Layer

Array = Any
State = dict[tuple[str, str], Array]
Rule = Callable[[Any, Inputs, Sequence[Array]], State]


def projections(layer: Layer, inputs: Inputs, weights: Sequence[Array]) -> State:
    """Return attention's projections as those of ``nn.Linear``.

    Kernels (in, heads, size) become (heads * size, in); the output's, (heads, size, out), becomes (out, heads * size).
    """
    state: State = {}
    for weight, array in zip(layer.weights(inputs), weights, strict=True):
        part, name = weight.name.removeprefix("attention_").split("/")
        if name == "bias":
            state["", f"{part}.bias"] = array.reshape(-1)
        else:
            size = array.shape[-1] if part == "output" else array.size // array.shape[0]
            state["", f"{part}.weight"] = array.reshape(-1, size).T
    return state


def by_name(**names: str) -> Rule:
    """Return the rule of a layer whose kernels are those of ``nn.Linear`` and whose other weights have ``names``."""

    def rule(layer: Layer, inputs: Inputs, weights: Sequence[Array]) -> State:
        state: State = {}
        for weight, array in zip(layer.weights(inputs), weights, strict=True):
            part, _, name = weight.name.partition("/")
            linear = {"kernel": f"{part}.weight", "bias": f"{part}.bias"}
            state["", linear.get(name) or names[part]] = array.T if name == "kernel" else array
        return state

    return rule


def _einsum(layer: Layer, inputs: Inputs, weights: Sequence[Array]) -> State:
    return {("", name): array for name, array in zip(("weight", "bias"), weights, strict=False)}


def _experts(layer: Layer, inputs: Inputs, weights: Sequence[Array]) -> State:
    router, gate, up, down = weights
    return {("", "router.weight"): router.T, ("", "gate"): gate, ("", "up"): up, ("", "down"): down}


def _graph(layer: Layer, inputs: Inputs, weights: Sequence[Array]) -> State:
    names = {"attention_self": "of_self", "attention_neighbour": "of_neighbour", "bias": "bias"}
    kernel, *others = weights
    state = {("", "linear.weight"): kernel.reshape(len(kernel), -1).T}
    return state | {("", names[w.name]): array for w, array in zip(layer.weights(inputs)[1:], others, strict=True)}


RULES: Mapping[type[Layer], Rule] = {
    attention_grouped.GroupQueryAttention: projections,
    attention_windows.WindowAttention: by_name(relative_position_bias_table="table"),
    einsum.EinsumDense: _einsum,
    experts.MixtureOfExperts: _experts,
    graphs.GraphConv: _graph,
    graphs.GraphAttention: _graph,
    positions.PositionEmbedding: by_name(embeddings="weight"),
    positions.RelativePositionBias: by_name(embeddings="bias.weight"),
    positions.ClassToken: by_name(token="weight"),
}
