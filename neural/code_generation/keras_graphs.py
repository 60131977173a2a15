"""Layers on graphs and mixtures of experts, in Keras."""

from __future__ import annotations

from collections.abc import Mapping

from neural.code_generation.keras_made import Row
from neural.code_generation.keras_positions import own
from neural.code_generation.writer import Helper
from neural.layers import experts, graphs
from neural.layers.base import Layer

_IMPORTS = ("import keras", "from keras import layers")

EXPERTS = Helper(
    "MixtureOfExperts",
    '''
@keras.saving.register_keras_serializable()
class MixtureOfExperts(layers.Layer):
    """Gated feed-forward parts of which a router chooses some for each position.

    Every expert is computed at every position; those not chosen have weight zero.
    """

    def __init__(self, num_experts, ff_dim, top_k=2, activation="silu", **kwargs):
        super().__init__(**kwargs)
        self.num_experts, self.ff_dim, self.top_k = num_experts, ff_dim, top_k
        self.activation = keras.activations.get(activation)

    def build(self, input_shape):
        features, experts = input_shape[-1], self.num_experts
        wide = (experts, features, self.ff_dim)
        self.router = self.add_weight(shape=(features, experts), name="router")
        self.gate = self.add_weight(shape=wide, name="gate")
        self.up = self.add_weight(shape=wide, name="up")
        self.down = self.add_weight(shape=(experts, self.ff_dim, features), name="down")

    def call(self, x):
        scores, chosen = keras.ops.top_k(keras.ops.matmul(x, self.router), self.top_k)
        total = keras.ops.logsumexp(scores, axis=-1, keepdims=True)
        shares = keras.ops.exp(scores - total)
        places = keras.ops.one_hot(chosen, self.num_experts, dtype=shares.dtype)
        weights = keras.ops.einsum("...k,...ke->...e", shares, places)
        hidden = self.activation(keras.ops.einsum("...f,efh->...eh", x, self.gate))
        hidden = hidden * keras.ops.einsum("...f,efh->...eh", x, self.up)
        return keras.ops.einsum("...eh,ehf,...e->...f", hidden, self.down, weights)

    def get_config(self):
        return {
            **super().get_config(),
            "num_experts": self.num_experts,
            "ff_dim": self.ff_dim,
            "top_k": self.top_k,
            "activation": keras.activations.serialize(self.activation),
        }
''',
    _IMPORTS,
)

CONVOLUTION = Helper(
    "GraphConv",
    '''
@keras.saving.register_keras_serializable()
class GraphConv(layers.Layer):
    """Adds up the features of joined nodes; the adjacency may be normalised first."""

    def __init__(self, units, activation=None, use_bias=True, normalize=True, **kwargs):
        super().__init__(**kwargs)
        self.units, self.use_bias, self.normalize = units, use_bias, normalize
        self.activation = keras.activations.get(activation)

    def build(self, features_shape, adjacency_shape):
        shape = (features_shape[-1], self.units)
        self.kernel = self.add_weight(shape=shape, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(self.units,), initializer="zeros", name="bias"
            )

    def call(self, features, adjacency):
        if self.normalize:
            nodes = keras.ops.shape(adjacency)[-1]
            adjacency = adjacency + keras.ops.eye(nodes, dtype=adjacency.dtype)
            roots = keras.ops.rsqrt(keras.ops.sum(adjacency, axis=-1))
            adjacency = roots[:, :, None] * adjacency * roots[:, None]
        x = keras.ops.matmul(adjacency, keras.ops.matmul(features, self.kernel))
        return self.activation(x + self.bias if self.use_bias else x)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "normalize": self.normalize,
        }
''',
    _IMPORTS,
)

ATTENTION = Helper(
    "GraphAttention",
    '''
@keras.saving.register_keras_serializable()
class GraphAttention(layers.Layer):
    """Takes the mean of a node and its neighbours, weighed by learned scores."""

    def __init__(
        self,
        units,
        num_heads=1,
        activation=None,
        use_bias=True,
        concat=True,
        negative_slope=0.2,
        dropout=0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.units, self.num_heads, self.concat = units, num_heads, concat
        self.activation = keras.activations.get(activation)
        self.use_bias, self.negative_slope = use_bias, negative_slope
        self.dropout = dropout

    def build(self, features_shape, adjacency_shape):
        heads = (self.num_heads, self.units)
        kernel = (features_shape[-1], *heads)
        self.kernel = self.add_weight(shape=kernel, name="kernel")
        self.of_self = self.add_weight(shape=heads, name="attention_self")
        self.of_neighbour = self.add_weight(shape=heads, name="attention_neighbour")
        if self.use_bias:
            width = self.units * (self.num_heads if self.concat else 1)
            self.bias = self.add_weight(
                shape=(width,), initializer="zeros", name="bias"
            )
        self.drop = layers.Dropout(self.dropout)

    def call(self, features, adjacency, training=False):
        x = keras.ops.einsum("bnf,fhu->bhnu", features, self.kernel)
        own = keras.ops.einsum("bhnu,hu->bhn", x, self.of_self)[..., None]
        other = keras.ops.einsum("bhnu,hu->bhn", x, self.of_neighbour)[:, :, None]
        scores = keras.ops.leaky_relu(own + other, self.negative_slope)
        nodes = keras.ops.shape(adjacency)[-1]
        joined = (adjacency != 0) | keras.ops.eye(nodes, dtype="bool")
        scores = keras.ops.where(joined[:, None], scores, float("-inf"))
        weights = self.drop(keras.ops.softmax(scores), training=training)
        x = keras.ops.einsum("bhij,bhju->bihu", weights, x)
        if self.concat:
            width = self.num_heads * self.units
            x = keras.ops.reshape(x, (-1, nodes, width))
        else:
            x = keras.ops.mean(x, axis=2)
        return self.activation(x + self.bias if self.use_bias else x)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "num_heads": self.num_heads,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "concat": self.concat,
            "negative_slope": self.negative_slope,
            "dropout": self.dropout,
        }
''',
    _IMPORTS,
)


ROWS: Mapping[type[Layer], Row] = {
    experts.MixtureOfExperts: own(EXPERTS),
    graphs.GraphConv: own(CONVOLUTION),
    graphs.GraphAttention: own(ATTENTION),
}

HELPERS = (EXPERTS, CONVOLUTION, ATTENTION)
