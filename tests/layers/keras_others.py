"""Layers that Keras does not have, or has without what ours know of positions, written plainly after their papers."""

from __future__ import annotations

import warnings
from math import cos, log, sin
from typing import Any

import numpy as np

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import keras

ops = keras.ops
Tensor = Any


class PositionEmbedding(keras.layers.Layer):  # type: ignore[misc]
    """A row of a table for each position, for every sample."""

    def __init__(self, sequence_length: int) -> None:
        super().__init__()
        self.sequence_length = sequence_length

    def build(self, shape: Any) -> None:
        self.table = self.add_weight(shape=(self.sequence_length, shape[-1]), name="embeddings")

    def call(self, x: Tensor) -> Tensor:
        return ops.zeros_like(x) + self.table[: ops.shape(x)[-2]]


class SinePositionEncoding(keras.layers.Layer):  # type: ignore[misc]
    """https://arxiv.org/abs/1706.03762, section 3.5."""

    def __init__(self, max_wavelength: float = 10000) -> None:
        super().__init__()
        self.max_wavelength = max_wavelength

    def call(self, x: Tensor) -> Tensor:
        positions, size = x.shape[-2] or 1, x.shape[-1]
        angles = [[p / self.max_wavelength ** (2 * (i // 2) / size) for i in range(size)] for p in range(positions)]
        waves = [[cos(each) if i % 2 else sin(each) for i, each in enumerate(row)] for row in angles]
        return ops.zeros_like(x) + ops.convert_to_tensor(waves, dtype=x.dtype)


def turned(x: Tensor, theta: float, scaling: float = 1) -> Tensor:
    """Multiply each position, axis 1, by its rotation matrix: https://arxiv.org/abs/2104.09864, equation 15."""
    positions, size = x.shape[1] or 1, x.shape[-1]
    if size % 2:
        raise ValueError("pairs of features are turned")
    matrices, half = np.zeros((positions, size, size)), size // 2
    for p in range(positions):
        for i in range(half):
            angle = p / scaling / theta ** (i / half)
            matrices[p, [i, i + half], [i, i + half]] = cos(angle)
            matrices[p, i + half, i], matrices[p, i, i + half] = sin(angle), -sin(angle)
    if x.shape[1] is None:
        return x
    return ops.einsum("bp...f,pgf->bp...g", x, ops.convert_to_tensor(matrices, dtype=x.dtype))


class RotaryEmbedding(keras.layers.Layer):  # type: ignore[misc]
    """A rotation of each position of an axis."""

    def __init__(
        self, max_wavelength: float = 10000, scaling_factor: float = 1, sequence_axis: int = 1, feature_axis: int = -1
    ) -> None:
        super().__init__()
        self.waves, self.axes = (max_wavelength, scaling_factor), (sequence_axis, feature_axis)

    def call(self, x: Tensor) -> Tensor:
        return ops.moveaxis(turned(ops.moveaxis(x, self.axes, (1, -1)), *self.waves), (1, -1), self.axes)


class RelativePositionBias(keras.layers.Layer):  # type: ignore[misc]
    """https://arxiv.org/abs/1910.10683, section 2.1, with the buckets of its published code."""

    def __init__(self, num_heads: int, num_buckets: int = 32, max_distance: int = 128, bidirectional: bool = True):
        super().__init__()
        self.sizes, self.max_distance, self.bidirectional = (num_buckets, num_heads), max_distance, bidirectional

    def build(self, shapes: Any) -> None:
        self.table = self.add_weight(shape=self.sizes, name="embeddings")

    def call(self, inputs: list[Tensor]) -> Tensor:
        query, key = inputs[0], inputs[-1]
        rows = [[self.bucket(j - i) for j in range(key.shape[1])] for i in range(query.shape[1])]
        bias = ops.transpose(ops.take(self.table, ops.convert_to_tensor(rows), axis=0), (2, 0, 1))
        return ops.zeros_like(query[:, :1, :1, None]) + bias

    def bucket(self, ahead: int) -> int:
        buckets, first = self.sizes[0], 0
        if self.bidirectional:
            buckets //= 2
            first, ahead = (buckets if ahead > 0 else 0), -abs(ahead)
        far, exact = max(-ahead, 0), buckets // 2
        if far < exact:
            return first + far
        growth = log(far / exact) / log(self.max_distance / exact)
        return first + min(exact + int(growth * (buckets - exact)), buckets - 1)


class ClassToken(keras.layers.Layer):  # type: ignore[misc]
    """https://arxiv.org/abs/2010.11929, equation 1."""

    def build(self, shape: Any) -> None:
        self.token = self.add_weight(shape=(1, shape[-1]), name="token")

    def call(self, x: Tensor) -> Tensor:
        return ops.concatenate([ops.zeros_like(x[:, :1]) + self.token, x], axis=1)


def _scores_of(layer: Any, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
    """Attend with the scale, the rotary positions and the bias of a layer, of which Keras's knows none."""
    if layer.theta is not None:
        query, key = turned(query, layer.theta), turned(key, layer.theta)
    scale = query.shape[-1] ** -0.5 if layer.factor is None else layer.factor
    scores = ops.einsum("bqhs,bkhs->bhqk", query, key) * scale
    if layer.bias is not None:
        scores = scores + layer.bias
    if mask is not None:
        scores = ops.where(ops.cast(mask, "bool")[:, None], scores, -1e300)
    weights = ops.softmax(scores)
    return ops.einsum("bhqk,bkhs->bqhs", weights, value), weights


class MultiHeadAttention(keras.layers.MultiHeadAttention):  # type: ignore[misc]
    """Keras's own, with other scores."""

    bias: Tensor | None = None

    def __init__(self, *args: Any, theta: float | None, factor: float | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.theta, self.factor = theta, factor

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None, bias_shape: Any = None) -> None:
        super().build(query_shape, value_shape, key_shape)

    def call(self, query: Tensor, value: Tensor, key: Any = None, bias: Any = None, **given: Any) -> Tensor:
        self.bias = bias
        return super().call(query, value, key, **given)

    def compute_output_spec(self, query: Tensor, value: Tensor, key: Any = None, bias: Any = None, **_: Any) -> Any:
        return super().compute_output_spec(query, value, key)

    def _compute_attention(
        self, query: Tensor, key: Tensor, value: Tensor, attention_mask: Any = None, *_: Any, **__: Any
    ) -> tuple[Tensor, Tensor]:
        return _scores_of(self, query, key, value, attention_mask)


class GroupQueryAttention(keras.layers.GroupQueryAttention):  # type: ignore[misc]
    """Keras's own, with other scores."""

    bias, factor = None, None

    def __init__(self, *args: Any, theta: float | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.theta = theta

    def _compute_attention(
        self, query: Tensor, key: Tensor, value: Tensor, attention_mask: Any = None, *_: Any, **__: Any
    ) -> tuple[Tensor, Tensor]:
        return _scores_of(self, query, key, value, attention_mask)


def attention(type_name: str, given: dict[str, Any]) -> Any:
    """Return Keras's attention where our arguments are its own, and one with other scores where they are not."""
    theta, factor, keyed = (given.pop(name, None) for name in ("rope_theta", "scale", "use_key_bias"))
    if keyed is False:
        raise NotImplementedError("Keras's attention has a bias everywhere or nowhere")
    if theta is None and factor is None:
        return getattr(keras.layers, type_name)(**given)
    if type_name == "GroupQueryAttention":
        return GroupQueryAttention(**given, theta=theta)
    return MultiHeadAttention(**given, theta=theta, factor=factor)


class WindowAttention(keras.layers.Layer):  # type: ignore[misc]
    """https://arxiv.org/abs/2103.14030, section 3.2, window by window."""

    def __init__(
        self, num_heads: int, window_size: Any = 7, shift_size: Any = 0, dropout: float = 0, use_bias: bool = True
    ) -> None:
        super().__init__()
        self.heads, self.use_bias = num_heads, use_bias
        self.window, self.shift = (
            (size, size) if isinstance(size, int) else tuple(size) for size in (window_size, shift_size)
        )

    def build(self, shape: Any) -> None:
        rows = (2 * self.window[0] - 1) * (2 * self.window[1] - 1)
        self.table = self.add_weight(shape=(rows, self.heads), name="relative_position_bias_table")
        self.qkv = keras.layers.Dense(3 * shape[-1], use_bias=self.use_bias, name="qkv")
        self.proj = keras.layers.Dense(shape[-1], name="proj")
        self.qkv.build(shape)
        self.proj.build(shape)

    def call(self, x: Tensor) -> Tensor:
        size, window = x.shape[1:3], self.window
        padded = tuple(-(-n // w) * w for n, w in zip(size, window, strict=True))
        x = ops.pad(x, ((0, 0), (0, padded[0] - size[0]), (0, padded[1] - size[1]), (0, 0)))
        shift = tuple(s if n > w else 0 for s, n, w in zip(self.shift, padded, window, strict=True))
        place = np.stack(np.meshgrid(*map(np.arange, padded), indexing="ij"), axis=-1)
        place = np.roll(place, (-shift[0], -shift[1]), (0, 1))
        x = ops.roll(x, (-shift[0], -shift[1]), (1, 2))
        rows = []
        for i in range(0, padded[0], window[0]):
            cut = [(slice(i, i + window[0]), slice(j, j + window[1])) for j in range(0, padded[1], window[1])]
            rows.append(ops.concatenate([self.attend(x[:, a, b], place[a, b]) for a, b in cut], axis=2))
        return ops.roll(ops.concatenate(rows, axis=1), shift, (1, 2))[:, : size[0], : size[1]]

    def attend(self, x: Tensor, place: Any) -> Tensor:
        """Attend within one window, whose positions stood at ``place`` before the shift."""
        tall, wide = self.window
        within = np.stack(np.meshgrid(range(tall), range(wide), indexing="ij"), axis=-1).reshape(-1, 2)
        far = within[:, None] - within[None]
        apart = np.any(place.reshape(-1, 2)[:, None] - place.reshape(-1, 2)[None] != far, axis=-1)
        rows = (far[..., 0] + tall - 1) * (2 * wide - 1) + far[..., 1] + wide - 1
        x = ops.reshape(x, (-1, tall * wide, x.shape[-1]))
        split = (-1, tall * wide, self.heads, x.shape[-1] // self.heads)
        query, key, value = (ops.reshape(part, split) for part in ops.split(self.qkv(x), 3, axis=-1))
        scores = ops.einsum("bqhs,bkhs->bhqk", query, key) * split[-1] ** -0.5
        scores = scores + ops.transpose(ops.take(self.table, rows, axis=0), (2, 0, 1))
        weights = ops.softmax(ops.where(apart, -1e300, scores))
        x = ops.einsum("bhqk,bkhs->bqhs", weights, value)
        return self.proj(ops.reshape(x, (-1, tall, wide, x.shape[-1] * self.heads)))


class MixtureOfExperts(keras.layers.Layer):  # type: ignore[misc]
    """https://arxiv.org/abs/2401.04088, section 2.1, expert by expert."""

    def __init__(self, num_experts: int, ff_dim: int, top_k: int = 2, activation: str = "silu") -> None:
        super().__init__()
        self.experts, self.hidden, self.chosen = num_experts, ff_dim, top_k
        self.activation = keras.activations.get(activation)
        if top_k > num_experts:
            raise ValueError("more experts chosen than there are")

    def build(self, shape: Any) -> None:
        sizes = {"router": (shape[-1], self.experts)}
        sizes |= dict.fromkeys(("gate", "up"), (self.experts, shape[-1], self.hidden))
        sizes |= {"down": (self.experts, self.hidden, shape[-1])}
        self.parts = [self.add_weight(shape=size, name=name) for name, size in sizes.items()]

    def call(self, x: Tensor) -> Tensor:
        router, gate, up, down = self.parts
        scores = ops.matmul(x, router)
        least = ops.sort(scores, axis=-1)[..., -self.chosen, None]
        shares = ops.softmax(ops.where(scores < least, -1e300, scores))
        result = ops.zeros_like(x)
        for i in range(self.experts):
            hidden = self.activation(ops.matmul(x, gate[i])) * ops.matmul(x, up[i])
            result = result + shares[..., i : i + 1] * ops.matmul(hidden, down[i])
        return result


class GraphConv(keras.layers.Layer):  # type: ignore[misc]
    """https://arxiv.org/abs/1609.02907, equation 2, with the diagonal matrices written out."""

    def __init__(self, units: int, activation: Any = None, use_bias: bool = True, normalize: bool = True) -> None:
        super().__init__()
        self.units, self.use_bias, self.normalize = units, use_bias, normalize
        self.activation = keras.activations.get(activation)

    def build(self, shapes: Any) -> None:
        self.kernel = self.add_weight(shape=(shapes[0][-1], self.units), name="kernel")
        self.bias = self.add_weight(shape=(self.units,), name="bias") if self.use_bias else 0.0

    def call(self, inputs: list[Tensor]) -> Tensor:
        x, adjacency = inputs
        if self.normalize:
            loops = ops.eye(ops.shape(adjacency)[-1], dtype=x.dtype)
            adjacency = adjacency + loops
            root = loops * (ops.sum(adjacency, axis=-1, keepdims=True) ** -0.5)
            adjacency = ops.matmul(ops.matmul(root, adjacency), root)
        return self.activation(ops.matmul(ops.matmul(adjacency, x), self.kernel) + self.bias)


class GraphAttention(keras.layers.Layer):  # type: ignore[misc]
    """https://arxiv.org/abs/1710.10903, equations 3 to 6, head by head, the features of both nodes side by side."""

    def __init__(
        self,
        units: int,
        num_heads: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        concat: bool = True,
        negative_slope: float = 0.2,
        dropout: float = 0,
    ) -> None:
        super().__init__()
        self.units, self.heads, self.use_bias, self.concat = units, num_heads, use_bias, concat
        self.slope, self.activation = negative_slope, keras.activations.get(activation)

    def build(self, shapes: Any) -> None:
        heads = (self.heads, self.units)
        self.kernel = self.add_weight(shape=(shapes[0][-1], *heads), name="kernel")
        self.own = self.add_weight(shape=heads, name="attention_self")
        self.other = self.add_weight(shape=heads, name="attention_neighbour")
        width = self.units * (self.heads if self.concat else 1)
        self.bias = self.add_weight(shape=(width,), name="bias") if self.use_bias else 0.0

    def call(self, inputs: list[Tensor]) -> Tensor:
        x, adjacency = inputs
        nodes = ops.shape(adjacency)[-1]
        joined = adjacency + ops.eye(nodes, dtype=x.dtype) != 0
        results = []
        for head in range(self.heads):
            h = ops.matmul(x, self.kernel[:, head])
            first = ops.repeat(h[:, :, None], nodes, axis=2)
            both = ops.concatenate([first, ops.transpose(first, (0, 2, 1, 3))], axis=-1)
            vector = ops.concatenate([self.own[head], self.other[head]])
            scores = ops.leaky_relu(ops.sum(both * vector, axis=-1), self.slope)
            results.append(ops.matmul(ops.softmax(ops.where(joined, scores, -1e300)), h))
        merged = ops.concatenate(results, axis=-1) if self.concat else sum(results) / self.heads
        return self.activation(merged + self.bias)


OTHERS = {
    layer.__name__: layer
    for layer in (
        *(PositionEmbedding, SinePositionEncoding, RotaryEmbedding, RelativePositionBias, ClassToken),
        *(WindowAttention, MixtureOfExperts, GraphConv, GraphAttention),
    )
}
