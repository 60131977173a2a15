"""The lines that layers with several results, and recurrent layers made of others, become in Keras and in PyTorch."""

from tests.layers.rows import Row, make, row

CELLS = [make("LSTMCell", {"units": 8}), make("GRUCell", {"units": 4})]

BOTH: list[tuple[Row, str, str]] = [
    (
        row("Split", (10, 64), num_or_sizes=2),
        """
        layer, result_1 = layers.Lambda(
            lambda x: keras.ops.split(x, 2, axis=-1), name="layer"
        )(inputs)  # (None, 10, 32)
        """,
        """
        layer, result_1 = x.chunk(2, dim=2)  # (batch, 10, 32)
        """,
    ),
    (
        row("Split", (8, 8, 6), num_or_sizes=(1, 2, 3)),
        """
        layer, result_1, result_2 = layers.Lambda(
            lambda x: keras.ops.split(x, [1, 3], axis=-1), name="layer"
        )(inputs)  # (None, 8, 8, 1), (None, 8, 8, 2), (None, 8, 8, 3)
        """,
        """
        layer, result_1, result_2 = x.split((1, 2, 3), dim=1)
        """,
    ),
    (
        row("LSTM", (20, 3), units=8, return_sequences=True, return_state=True),
        """
        layer, result_1, result_2 = layers.LSTM(
            8, return_sequences=True, return_state=True, name="layer"
        )(inputs)  # (None, 20, 8), (None, 8)
        """,
        """
        self.layer = nn.LSTM(3, 8, batch_first=True)
        layer, (hidden, memory) = self.layer(x)
        result_1 = hidden[0]  # (batch, 8)
        result_2 = memory[0]  # (batch, 8)
        """,
    ),
    (
        row("GRU", (20, 3), (8,), units=8, activation="relu"),
        """
        outputs = layers.GRU(8, activation="relu", name="layer")(
            input_1, initial_state=[input_2]
        )  # (None, 8)
        """,
        """
        self.layer = GatedRecurrence(3, 8, F.relu, torch.sigmoid)
        x = self.layer(input_1, input_2.unsqueeze(0))[0][:, -1]  # (batch, 8)
        """,
    ),
    (
        row("Bidirectional", (20, 3), layer=make("LSTM", {"units": 8, "return_state": True}), merge_mode="sum"),
        """
        layer, result_1, result_2, result_3, result_4 = layers.Bidirectional(
            layers.LSTM(8, return_state=True), merge_mode="sum", name="layer"
        )(inputs)  # (None, 8)
        """,
        """
        self.layer = nn.LSTM(3, 8, batch_first=True, bidirectional=True)
        _, (hidden, memory) = self.layer(x)
        layer = hidden.sum(0)  # (batch, 8)
        result_1 = hidden[0]  # (batch, 8)
        result_2 = memory[0]  # (batch, 8)
        result_3 = hidden[1]  # (batch, 8)
        result_4 = memory[1]  # (batch, 8)
        """,
    ),
    (
        row("Bidirectional", (20, 3), layer=make("GRU", {"units": 8, "return_sequences": True}), merge_mode=None),
        """
        layer, result_1 = layers.Bidirectional(
            layers.GRU(8, return_sequences=True), merge_mode=None, name="layer"
        )(inputs)  # (None, 20, 8)
        """,
        """
        self.layer = nn.GRU(3, 8, batch_first=True, bidirectional=True)
        output, _ = self.layer(x)
        layer = output[..., :8]  # (batch, 20, 8)
        result_1 = output[..., 8:]  # (batch, 20, 8)
        """,
    ),
    (
        row("ConvLSTM1D", (10, 32, 8), filters=16, kernel_size=3),
        """
        outputs = layers.ConvLSTM1D(16, 3, name="layer")(inputs)  # (None, 30, 16)
        """,
        """
        self.layer = ConvolutionalRecurrence(
            nn.Conv1d, 8, 16, (3,), torch.tanh, torch.sigmoid
        )
        x = self.layer(x.transpose(1, 2))[0][:, -1]  # (batch, 16, 30)
        """,
    ),
    (
        row("ConvLSTM2D", (10, 9, 8, 1), filters=4, kernel_size=3, strides=2, padding="same", return_sequences=True),
        """
        outputs = layers.ConvLSTM2D(
            4, 3, strides=2, padding="same", return_sequences=True, name="layer"
        )(inputs)  # (None, 10, 5, 4, 4)
        """,
        """
        self.layer = ConvolutionalRecurrence(
            nn.Conv2d,
            1,
            4,
            (3, 3),
            torch.tanh,
            torch.sigmoid,
            stride=2,
            padding=(0, 1, 1, 1),
        )
        x = self.layer(x.transpose(1, 2))[0]  # (batch, 10, 4, 5, 4)
        """,
    ),
    (
        row("ConvLSTM3D", (4, 8, 8, 8, 1), filters=4, kernel_size=2, return_state=True),
        """
        layer, result_1, result_2 = layers.ConvLSTM3D(
            4, 2, return_state=True, name="layer"
        )(inputs)  # (None, 7, 7, 7, 4)
        """,
        """
        self.layer = ConvolutionalRecurrence(
            nn.Conv3d, 1, 4, (2, 2, 2), torch.tanh, torch.sigmoid
        )
        _, (hidden, memory) = self.layer(x.permute(0, 1, 5, 2, 3, 4))
        layer = hidden[0]  # (batch, 4, 7, 7, 7)
        result_1 = hidden[0]  # (batch, 4, 7, 7, 7)
        result_2 = memory[0]  # (batch, 4, 7, 7, 7)
        """,
    ),
    (
        row("RNN", (20, 3), cell=CELLS[0]),
        """
        outputs = layers.RNN(layers.LSTMCell(8), name="layer")(inputs)  # (None, 8)
        """,
        """
        self.layer = nn.LSTM(3, 8, batch_first=True)
        x = self.layer(x)[0][:, -1]  # (batch, 8)
        """,
    ),
    (
        row("RNN", (20, 3), cell=CELLS, return_state=True),
        """
        layer, (result_1, result_2), result_3 = layers.RNN(
            [layers.LSTMCell(8), layers.GRUCell(4)], return_state=True, name="layer"
        )(inputs)  # (None, 4), (None, 8)
        """,
        """
        self.layer_0 = nn.LSTM(3, 8, batch_first=True)
        self.layer_1 = nn.GRU(8, 4, batch_first=True)
        layer, (hidden, memory) = self.layer_0(x)
        result_1 = hidden[0]  # (batch, 8)
        result_2 = memory[0]  # (batch, 8)
        layer, hidden = self.layer_1(layer)
        result_3 = hidden[0]  # (batch, 4)
        layer = layer[:, -1]  # (batch, 4)
        """,
    ),
    (
        row("StackedRNNCells", (20,), cells=CELLS),
        """
        outputs = keras.Sequential(
            [OneStep(layers.LSTMCell(8)), OneStep(layers.GRUCell(4))], name="layer"
        )(inputs)  # (None, 4)
        """,
        """
        self.layer_0 = nn.LSTM(20, 8, batch_first=True)
        self.layer_1 = nn.GRU(8, 4, batch_first=True)
        x = self.layer_0(x.unsqueeze(1))[0]  # (batch, 1, 8)
        x = self.layer_1(x)[0][:, -1]  # (batch, 4)
        """,
    ),
]
