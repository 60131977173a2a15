"""The lines that each layer becomes in PyTorch."""

import inspect
import re

import pytest

from neural.code_generation.emitter import generate
from neural.layers.catalogue import LAYERS
from tests.code_generation.both_lines import BOTH
from tests.code_generation.plans import NO_LINES, plan_of
from tests.layers.rows import Row, make, row

LINES = [
    (
        row("Dense", (8,), units=4),
        """
        self.layer = nn.Linear(8, 4)
        x = self.layer(x)  # (batch, 4)
        """,
    ),
    (
        row("Dense", (4, 5, 3), units=2, activation="relu", use_bias=False),
        """
        self.layer = nn.Linear(3, 2, bias=False)
        x = F.relu(self.layer(x.permute(0, 2, 3, 1)))  # (batch, 4, 5, 2)
        """,
    ),
    (
        row("Output", (8,), units=3, activation="softmax"),
        """
        self.layer = nn.Linear(8, 3)
        x = F.softmax(self.layer(x), dim=-1)  # (batch, 3)
        """,
    ),
    (
        row("Embedding", (20,), input_dim=100, output_dim=8),
        """
        self.layer = nn.Embedding(100, 8)
        x = self.layer(x)  # (batch, 20, 8)
        """,
    ),
    (
        row("Activation", (4, 5, 3), activation="softmax"),
        """
        x = F.softmax(x, dim=1)  # (batch, 3, 4, 5)
        """,
    ),
    (
        row("Activation", (8,), activation="gelu"),
        """
        x = F.gelu(x)  # (batch, 8)
        """,
    ),
    (
        row("Activation", (8,), activation="leaky_relu"),
        """
        x = F.leaky_relu(x, 0.2)  # (batch, 8)
        """,
    ),
    (
        row("ReLU", (8,)),
        """
        x = F.relu(x)  # (batch, 8)
        """,
    ),
    (
        row("ReLU", (8,), max_value=6),
        """
        x = F.relu6(x)  # (batch, 8)
        """,
    ),
    (
        row("ReLU", (8,), negative_slope=0.1),
        """
        x = F.leaky_relu(x, 0.1)  # (batch, 8)
        """,
    ),
    (
        row("ReLU", (8,), max_value=2),
        """
        x = x.clamp(0.0, 2.0)  # (batch, 8)
        """,
    ),
    (
        row("LeakyReLU", (8,)),
        """
        x = F.leaky_relu(x, 0.3)  # (batch, 8)
        """,
    ),
    (
        row("PReLU", (4, 5, 3), shared_axes=(1, 2)),
        """
        self.layer = nn.PReLU(3)
        x = self.layer(x)  # (batch, 3, 4, 5)
        """,
    ),
    (
        row("PReLU", (4, 5, 3)),
        """
        self.layer = BroadcastPReLU(3, 4, 5)
        x = self.layer(x)  # (batch, 3, 4, 5)
        """,
    ),
    (
        row("ELU", (8,), alpha=0.5),
        """
        x = F.elu(x, 0.5)  # (batch, 8)
        """,
    ),
    (
        row("Softmax", (4, 5, 3), axis=1),
        """
        x = F.softmax(x, dim=2)  # (batch, 3, 4, 5)
        """,
    ),
    (
        row("GELU", (8,)),
        """
        x = F.gelu(x)  # (batch, 8)
        """,
    ),
    (
        row("SiLU", (8,)),
        """
        x = F.silu(x)  # (batch, 8)
        """,
    ),
    (
        row("Sigmoid", (8,)),
        """
        x = torch.sigmoid(x)  # (batch, 8)
        """,
    ),
    (
        row("Tanh", (8,)),
        """
        x = torch.tanh(x)  # (batch, 8)
        """,
    ),
    (
        row("Conv1D", (20, 3), filters=4, kernel_size=5, padding="causal", activation="relu"),
        """
        self.layer = nn.Conv1d(3, 4, 5)
        x = F.pad(x.transpose(1, 2), (4, 0))  # (batch, 3, 24)
        x = F.relu(self.layer(x))  # (batch, 4, 20)
        """,
    ),
    (
        row("Conv2D", (28, 28, 1), filters=32, kernel_size=3),
        """
        self.layer = nn.Conv2d(1, 32, 3)
        x = self.layer(x)  # (batch, 32, 26, 26)
        """,
    ),
    (
        row("Conv2D", (28, 28, 1), filters=8, kernel_size=3, padding="same", activation="hard_silu"),
        """
        self.layer = nn.Conv2d(1, 8, 3, padding="same")
        x = F.hardswish(self.layer(x))  # (batch, 8, 28, 28)
        """,
    ),
    (
        row("Conv2D", (28, 28, 4), filters=8, kernel_size=3, strides=2, padding="same", groups=2, use_bias=False),
        """
        self.layer = nn.Conv2d(4, 8, 3, stride=2, groups=2, bias=False)
        x = F.pad(x, (0, 1, 0, 1))  # (batch, 4, 29, 29)
        x = self.layer(x)  # (batch, 8, 14, 14)
        """,
    ),
    (
        row("Conv2D", (27, 27, 1), filters=8, kernel_size=3, strides=2, padding="same"),
        """
        self.layer = nn.Conv2d(1, 8, 3, stride=2, padding=1)
        x = self.layer(x)  # (batch, 8, 14, 14)
        """,
    ),
    (
        row("Conv2D", (None, None, 3), filters=8, kernel_size=3, strides=2, padding="same"),
        """
        self.layer = nn.Conv2d(3, 8, 3, stride=2)
        x = pad_same(x, (3, 3), (2, 2))
        x = self.layer(x)  # (batch, 8, ?, ?)
        """,
    ),
    (
        row("DepthwiseConv1D", (20, 3), kernel_size=3, dilation_rate=2),
        """
        self.layer = nn.Conv1d(3, 3, 3, dilation=2, groups=3)
        x = self.layer(x.transpose(1, 2))  # (batch, 3, 16)
        """,
    ),
    (
        row("DepthwiseConv2D", (28, 28, 8), kernel_size=(3, 5), depth_multiplier=2, padding="same"),
        """
        self.layer = nn.Conv2d(8, 16, (3, 5), padding="same", groups=8)
        x = self.layer(x)  # (batch, 16, 28, 28)
        """,
    ),
    (
        row("SeparableConv1D", (20, 3), filters=4, kernel_size=3),
        """
        self.layer = nn.Sequential(
            nn.Conv1d(3, 3, 3, groups=3, bias=False), nn.Conv1d(3, 4, 1)
        )
        x = self.layer(x.transpose(1, 2))  # (batch, 4, 18)
        """,
    ),
    (
        row("SeparableConv2D", (28, 28, 8), filters=16, kernel_size=3, activation="relu"),
        """
        self.layer = nn.Sequential(
            nn.Conv2d(8, 8, 3, groups=8, bias=False), nn.Conv2d(8, 16, 1)
        )
        x = F.relu(self.layer(x))  # (batch, 16, 26, 26)
        """,
    ),
    (
        row("MaxPooling1D", (20, 3)),
        """
        self.layer = nn.MaxPool1d(2)
        x = self.layer(x.transpose(1, 2))  # (batch, 3, 10)
        """,
    ),
    (
        row("MaxPooling2D", (28, 28, 3), pool_size=3, strides=2, padding="same"),
        """
        self.layer = nn.MaxPool2d(3, 2, ceil_mode=True)
        x = self.layer(x)  # (batch, 3, 14, 14)
        """,
    ),
    (
        row("MaxPooling2D", (6, 6, 3), pool_size=2, strides=1, padding="same"),
        """
        self.layer = nn.MaxPool2d(2, 1)
        x = F.pad(x, (0, 1, 0, 1), value=float("-inf"))  # (batch, 3, 7, 7)
        x = self.layer(x)  # (batch, 3, 6, 6)
        """,
    ),
    (
        row("AveragePooling1D", (20, 3), pool_size=2, strides=1, padding="same"),
        """
        x = average_pool_same(x.transpose(1, 2), (2,), (1,))  # (batch, 3, 20)
        """,
    ),
    (
        row("AveragePooling2D", (28, 28, 3), pool_size=3, strides=1, padding="same"),
        """
        self.layer = nn.AvgPool2d(3, 1, padding=1, count_include_pad=False)
        x = self.layer(x)  # (batch, 3, 28, 28)
        """,
    ),
    (
        row("GlobalMaxPooling1D", (20, 3)),
        """
        x = x.amax(1)  # (batch, 3)
        """,
    ),
    (
        row("GlobalMaxPooling2D", (8, 8, 3)),
        """
        x = x.amax((2, 3))  # (batch, 3)
        """,
    ),
    (
        row("GlobalAveragePooling1D", (20, 3), keepdims=True),
        """
        x = x.mean(1, keepdim=True)  # (batch, 1, 3)
        """,
    ),
    (
        row("GlobalAveragePooling2D", (8, 8, 3)),
        """
        x = x.mean((2, 3))  # (batch, 3)
        """,
    ),
    (
        row("BatchNormalization", (8, 8, 3)),
        """
        self.layer = nn.BatchNorm2d(3, eps=0.001, momentum=0.01)
        x = self.layer(x)  # (batch, 3, 8, 8)
        """,
    ),
    (
        row("BatchNormalization", (20, 3), scale=False, epsilon=1e-5, momentum=0.9),
        """
        self.layer = nn.BatchNorm1d(3)
        self.layer.register_parameter("weight", None)
        x = self.layer(x.transpose(1, 2))  # (batch, 3, 20)
        """,
    ),
    (
        row("LayerNormalization", (20, 8)),
        """
        self.layer = nn.LayerNorm(8, eps=0.001)
        x = self.layer(x)  # (batch, 20, 8)
        """,
    ),
    (
        row("LayerNormalization", (4, 5, 3), axis=(1, 2, 3), center=False, epsilon=1e-6),
        """
        self.layer = nn.LayerNorm((4, 5, 3), eps=1e-6, bias=False)
        x = self.layer(x.permute(0, 2, 3, 1))  # (batch, 4, 5, 3)
        """,
    ),
    (
        row("Dropout", (8,), rate=0.5),
        """
        self.layer = nn.Dropout(0.5)
        x = self.layer(x)  # (batch, 8)
        """,
    ),
    (
        row("SpatialDropout1D", (20, 3), rate=0.2),
        """
        self.layer = nn.Dropout1d(0.2)
        x = self.layer(x.transpose(1, 2))  # (batch, 3, 20)
        """,
    ),
    (
        row("SpatialDropout2D", (8, 8, 3), rate=0.2),
        """
        self.layer = nn.Dropout2d(0.2)
        x = self.layer(x)  # (batch, 3, 8, 8)
        """,
    ),
    (
        row("AlphaDropout", (8,), rate=0.1),
        """
        self.layer = nn.AlphaDropout(0.1)
        x = self.layer(x)  # (batch, 8)
        """,
    ),
    (
        row("GaussianDropout", (8,), rate=0.1),
        """
        self.layer = GaussianDropout(0.1)
        x = self.layer(x)  # (batch, 8)
        """,
    ),
    (
        row("GaussianNoise", (8,), stddev=0.1),
        """
        self.layer = GaussianNoise(0.1)
        x = self.layer(x)  # (batch, 8)
        """,
    ),
    (
        row("Flatten", (4, 5, 3)),
        """
        x = x.permute(0, 2, 3, 1).flatten(1)  # (batch, 60)
        """,
    ),
    (
        row("Flatten", (4, 5, 1)),
        """
        x = x.flatten(1)  # (batch, 20)
        """,
    ),
    (
        row("Reshape", (784,), target_shape=(28, 28, 1)),
        """
        x = x.reshape(-1, 28, 28, 1)  # (batch, 28, 28, 1)
        """,
    ),
    (
        row("Permute", (10, 3), dims=(2, 1)),
        """
        x = x.transpose(1, 2)  # (batch, 3, 10)
        """,
    ),
    (
        row("RepeatVector", (8,), n=3),
        """
        x = x.unsqueeze(1).repeat(1, 3, 1)  # (batch, 3, 8)
        """,
    ),
    (
        row("ZeroPadding1D", (20, 3), padding=(2, 1)),
        """
        x = F.pad(x, (0, 0, 2, 1))  # (batch, 23, 3)
        """,
    ),
    (
        row("ZeroPadding2D", (8, 8, 3)),
        """
        x = F.pad(x, (1, 1, 1, 1))  # (batch, 3, 10, 10)
        """,
    ),
    (
        row("Cropping1D", (20, 3), cropping=(0, 2)),
        """
        x = x[:, :-2]  # (batch, 18, 3)
        """,
    ),
    (
        row("Cropping2D", (8, 8, 3), cropping=((1, 0), (2, 3))),
        """
        x = x[:, :, 1:, 2:-3]  # (batch, 3, 7, 3)
        """,
    ),
    (
        row("UpSampling1D", (20, 3)),
        """
        x = x.repeat_interleave(2, dim=1)  # (batch, 40, 3)
        """,
    ),
    (
        row("UpSampling2D", (8, 8, 3), size=(2, 3), interpolation="bilinear"),
        """
        self.layer = nn.Upsample(scale_factor=(2, 3), mode="bilinear")
        x = self.layer(x)  # (batch, 3, 16, 24)
        """,
    ),
    (
        row("Add", (8, 8, 3), (8, 8, 3)),
        """
        x = input_1 + input_2  # (batch, 3, 8, 8)
        """,
    ),
    (
        row("Subtract", (8,), (8,)),
        """
        x = input_1 - input_2  # (batch, 8)
        """,
    ),
    (
        row("Multiply", (8, 8, 3), (3,)),
        """
        x = input_1 * input_2[:, :, None, None]  # (batch, 3, 8, 8)
        """,
    ),
    (
        row("Average", (8,), (8,), (8,)),
        """
        x = (input_1 + input_2 + input_3) / 3  # (batch, 8)
        """,
    ),
    (
        row("Maximum", (8,), (8,), (8,)),
        """
        x = torch.maximum(torch.maximum(input_1, input_2), input_3)  # (batch, 8)
        """,
    ),
    (
        row("Minimum", (8,), (8,)),
        """
        x = torch.minimum(input_1, input_2)  # (batch, 8)
        """,
    ),
    (
        row("Concatenate", (8, 8, 3), (8, 8, 5)),
        """
        x = torch.cat((input_1, input_2), dim=1)  # (batch, 8, 8, 8)
        """,
    ),
    (
        row("Concatenate", (10, 3), (4, 3), axis=1),
        """
        x = torch.cat((input_1, input_2), dim=1)  # (batch, 14, 3)
        """,
    ),
    (
        row("SimpleRNN", (10, 3), units=4, activation="relu"),
        """
        self.layer = nn.RNN(3, 4, nonlinearity="relu", batch_first=True)
        x = self.layer(x)[0][:, -1]  # (batch, 4)
        """,
    ),
    (
        row("LSTM", (10, 3), units=4, return_sequences=True),
        """
        self.layer = nn.LSTM(3, 4, batch_first=True)
        x = self.layer(x)[0]  # (batch, 10, 4)
        """,
    ),
    (
        row("LSTM", (10, 3), units=4, dropout=0.2, go_backwards=True),
        """
        self.layer_dropout = nn.Dropout1d(0.2)
        self.layer = nn.LSTM(3, 4, batch_first=True)
        x = self.layer_dropout(x.transpose(1, 2)).transpose(1, 2)
        x = self.layer(x.flip(1))[0][:, -1]  # (batch, 4)
        """,
    ),
    (
        row("LSTM", (10, 3), units=4, recurrent_activation="hard_sigmoid"),
        """
        self.layer = LongShortRecurrence(3, 4, torch.tanh, F.hardsigmoid)
        x = self.layer(x)[0][:, -1]  # (batch, 4)
        """,
    ),
    (
        row("GRU", (10, 3), units=4),
        """
        self.layer = nn.GRU(3, 4, batch_first=True)
        x = self.layer(x)[0][:, -1]  # (batch, 4)
        """,
    ),
    (
        row("GRU", (10, 3), units=4, reset_after=False, recurrent_dropout=0.1),
        """
        self.layer = ResetBeforeRecurrence(
            3, 4, torch.tanh, torch.sigmoid, recurrent_dropout=0.1
        )
        x = self.layer(x)[0][:, -1]  # (batch, 4)
        """,
    ),
    (
        row("Bidirectional", (10, 3), layer=make("LSTM", {"units": 4})),
        """
        self.layer = nn.LSTM(3, 4, batch_first=True, bidirectional=True)
        x = self.layer(x)[1][0].transpose(0, 1).flatten(1)  # (batch, 8)
        """,
    ),
    (
        row("Bidirectional", (10, 3), layer=make("GRU", {"units": 4, "return_sequences": True}), merge_mode="ave"),
        """
        self.layer = nn.GRU(3, 4, batch_first=True, bidirectional=True)
        x = self.layer(x)[0].unflatten(-1, (2, 4)).mean(-2)  # (batch, 10, 4)
        """,
    ),
    (
        row("Bidirectional", (10, 3), layer=make("GRU", {"units": 4, "dropout": 0.2}), merge_mode="sum"),
        """
        self.layer_forward_dropout = nn.Dropout1d(0.2)
        self.layer_forward = nn.GRU(3, 4, batch_first=True)
        self.layer_backward_dropout = nn.Dropout1d(0.2)
        self.layer_backward = nn.GRU(3, 4, batch_first=True)
        ahead = self.layer_forward_dropout(x.transpose(1, 2)).transpose(1, 2)
        ahead = self.layer_forward(ahead)[0][:, -1]
        back = self.layer_backward_dropout(x.transpose(1, 2)).transpose(1, 2)
        back = self.layer_backward(back.flip(1))[0][:, -1]
        x = ahead + back  # (batch, 4)
        """,
    ),
    (
        row("TimeDistributed", (10, 8, 8, 3), layer=make("Conv2D", {"filters": 4, "kernel_size": 3})),
        """
        self.layer = nn.Conv2d(3, 4, 3)
        x = x.transpose(1, 2).flatten(0, 1)  # (batch * 10, 3, 8, 8)
        x = self.layer(x)  # (batch * 10, 4, 6, 6)
        x = x.unflatten(0, (-1, 10))  # (batch, 10, 4, 6, 6)
        """,
    ),
    (
        row("TimeDistributed", (10, 3), layer=make("Dense", {"units": 4})),
        """
        self.layer = nn.Linear(3, 4)
        x = self.layer(x)  # (batch, 10, 4)
        """,
    ),
    (
        row("MultiHeadAttention", (10, 8), num_heads=2, key_dim=4),
        """
        self.layer = nn.MultiheadAttention(8, 2, batch_first=True)
        x = self.layer(x, x, x, need_weights=False)[0]  # (batch, 10, 8)
        """,
    ),
    (
        row("MultiHeadAttention", (10, 8), (6, 5), num_heads=2, key_dim=4, dropout=0.1),
        """
        self.layer = nn.MultiheadAttention(
            8, 2, dropout=0.1, kdim=5, vdim=5, batch_first=True
        )
        # (batch, 10, 8)
        x = self.layer(input_1, input_2, input_2, need_weights=False)[0]
        """,
    ),
    (
        row("MultiHeadAttention", (10, 8), num_heads=2, key_dim=4, use_causal_mask=True),
        """
        self.layer = nn.MultiheadAttention(8, 2, batch_first=True)
        mask = torch.ones(10, 10, dtype=torch.bool, device=x.device).triu(1)
        x = self.layer(x, x, x, attn_mask=mask, need_weights=False)[0]  # (batch, 10, 8)
        """,
    ),
    (
        row("MultiHeadAttention", (10, 8), num_heads=2, key_dim=16),
        """
        self.layer = Attention(8, 8, 8, heads=2, key_size=16, value_size=16, width=8)
        x = self.layer(x, x, x)  # (batch, 10, 8)
        """,
    ),
]


LINES += [(each, pytorch) for each, _, pytorch in BOTH]


def written(code: str) -> str:
    """Return what the class holds: the modules after ``super().__init__()``, and ``forward``, its result as ``x``."""
    text = code[code.index("class Net(") : code.index("\n\n\ndef build_model")]
    kept = [line[8:] for line in text.splitlines() if line.startswith("        ")]
    kept = [re.sub(r"^return (?=.*[^\w, ].* #)", "x = ", line) for line in kept]
    return "\n".join(line for line in kept if not line.startswith(("super()", "return "))) + "\n"


@pytest.mark.parametrize(("each", "lines"), LINES, ids=[str(each) for each, _ in LINES])
def test_lines_of_a_layer(each: Row, lines: str) -> None:
    code = generate(plan_of(each.layer, each.shapes), "pytorch", NO_LINES)
    assert written(code) == inspect.cleandoc(lines) + "\n"


def test_every_layer_has_lines_here() -> None:
    assert {each.type for each, _ in LINES} == set(LAYERS) - {"Input"}
