"""The lines that positions and attention which knows of them become in Keras and in PyTorch."""

from tests.layers.rows import Row, row

BOTH: list[tuple[Row, str, str]] = [
    (
        row("PositionEmbedding", (10, 8), sequence_length=16),
        """
        outputs = PositionEmbedding(16, name="layer")(inputs)  # (None, 10, 8)
        """,
        """
        self.layer = PositionEmbedding(16, 8)
        x = self.layer(x)  # (batch, 10, 8)
        """,
    ),
    (
        row("SinePositionEncoding", (10, 8)),
        """
        outputs = SinePositionEncoding(name="layer")(inputs)  # (None, 10, 8)
        """,
        """
        x = sine_positions(x, 10000.0)  # (batch, 10, 8)
        """,
    ),
    (
        row("SinePositionEncoding", (10, 8), max_wavelength=100),
        """
        outputs = SinePositionEncoding(max_wavelength=100.0, name="layer")(inputs)
        """,
        """
        x = sine_positions(x, 100.0)  # (batch, 10, 8)
        """,
    ),
    (
        row("RotaryEmbedding", (10, 8)),
        """
        outputs = RotaryEmbedding(name="layer")(inputs)  # (None, 10, 8)
        """,
        """
        x = rotated(x, 10000.0)  # (batch, 10, 8)
        """,
    ),
    (
        row("RotaryEmbedding", (4, 10, 8), scaling_factor=2, sequence_axis=2),
        """
        outputs = RotaryEmbedding(scaling_factor=2.0, sequence_axis=2, name="layer")(inputs)
        """,
        """
        x = rotated(x.transpose(1, 3), 10000.0, scaling=2.0)  # (batch, 10, 4, 8)
        """,
    ),
    (
        row("RelativePositionBias", (10, 8), num_heads=4),
        """
        outputs = RelativePositionBias(4, name="layer")(inputs)  # (None, 4, 10, 10)
        """,
        """
        self.layer = RelativePositionBias(4, 32, 128)
        x = self.layer(x, x)  # (batch, 4, 10, 10)
        """,
    ),
    (
        row("RelativePositionBias", (10, 8), (6, 8), num_heads=4, num_buckets=8, max_distance=16, bidirectional=False),
        """
        outputs = RelativePositionBias(
            4, num_buckets=8, max_distance=16, bidirectional=False, name="layer"
        )(input_1, input_2)  # (None, 4, 10, 6)
        """,
        """
        self.layer = RelativePositionBias(4, 8, 16, bidirectional=False)
        x = self.layer(input_1, input_2)  # (batch, 4, 10, 6)
        """,
    ),
    (
        row("ClassToken", (10, 8)),
        """
        outputs = ClassToken(name="layer")(inputs)  # (None, 11, 8)
        """,
        """
        self.layer = ClassToken(8)
        x = self.layer(x)  # (batch, 11, 8)
        """,
    ),
    (
        row("MultiHeadAttention", (10, 8), num_heads=2, key_dim=4, rope_theta=10000),
        """
        outputs = GeneralAttention(heads=2, key_size=4, theta=10000.0, name="layer")(
            inputs, inputs
        )  # (None, 10, 8)
        """,
        """
        self.layer = GeneralAttention(
            8, 8, 8, heads=2, groups=2, key_size=4, value_size=4, width=8, theta=10000.0
        )
        x = self.layer(x, x, x)  # (batch, 10, 8)
        """,
    ),
    (
        row("MultiHeadAttention", (10, 8), num_heads=2, key_dim=4, use_key_bias=False, dropout=0.1),
        """
        outputs = GeneralAttention(
            heads=2, key_size=4, dropout=0.1, use_key_bias=False, name="layer"
        )(inputs, inputs)  # (None, 10, 8)
        """,
        """
        self.layer = GeneralAttention(
            8,
            8,
            8,
            heads=2,
            groups=2,
            key_size=4,
            value_size=4,
            width=8,
            key_bias=False,
            dropout=0.1,
        )
        x = self.layer(x, x, x)  # (batch, 10, 8)
        """,
    ),
    (
        row("MultiHeadAttention", (10, 8), num_heads=2, key_dim=4, sliding_window=3, use_causal_mask=True),
        """
        outputs = layers.MultiHeadAttention(2, 4, sliding_window=3, name="layer")(
            inputs, inputs, use_causal_mask=True
        )  # (None, 10, 8)
        """,
        """
        self.layer = GeneralAttention(
            8,
            8,
            8,
            heads=2,
            groups=2,
            key_size=4,
            value_size=4,
            width=8,
            causal=True,
            window=3,
        )
        x = self.layer(x, x, x)  # (batch, 10, 8)
        """,
    ),
    (
        row(
            "GroupQueryAttention",
            (10, 8),
            head_dim=4,
            num_query_heads=4,
            num_key_value_heads=2,
            use_bias=False,
            use_causal_mask=True,
            rope_theta=500000,
        ),
        """
        outputs = GeneralAttention(
            key_size=4,
            heads=4,
            groups=2,
            use_bias=False,
            causal=True,
            theta=500000.0,
            name="layer",
        )(inputs, inputs)  # (None, 10, 8)
        """,
        """
        self.layer = GeneralAttention(
            8,
            8,
            8,
            heads=4,
            groups=2,
            key_size=4,
            value_size=4,
            width=8,
            bias=False,
            causal=True,
            theta=500000.0,
        )
        x = self.layer(x, x, x)  # (batch, 10, 8)
        """,
    ),
    (
        row("GroupQueryAttention", (10, 8), head_dim=4, num_query_heads=4, num_key_value_heads=2, sliding_window=4),
        """
        outputs = layers.GroupQueryAttention(4, 4, 2, sliding_window=4, name="layer")(
            inputs, inputs
        )  # (None, 10, 8)
        """,
        """
        self.layer = GeneralAttention(
            8, 8, 8, heads=4, groups=2, key_size=4, value_size=4, width=8, window=4
        )
        x = self.layer(x, x, x)  # (batch, 10, 8)
        """,
    ),
    (
        row("WindowAttention", (14, 14, 8), num_heads=2),
        """
        outputs = WindowAttention(2, name="layer")(inputs)  # (None, 14, 14, 8)
        """,
        """
        self.layer = WindowAttention(8, 2, (7, 7))
        x = self.layer(x.permute(0, 2, 3, 1))  # (batch, 14, 14, 8)
        """,
    ),
    (
        row(
            "WindowAttention",
            (14, 12, 8),
            num_heads=2,
            window_size=(4, 2),
            shift_size=(2, 1),
            dropout=0.1,
            use_bias=False,
        ),
        """
        outputs = WindowAttention(
            2,
            window_size=(4, 2),
            shift_size=(2, 1),
            dropout=0.1,
            use_bias=False,
            name="layer",
        )(inputs)  # (None, 14, 12, 8)
        """,
        """
        self.layer = WindowAttention(
            8, 2, (4, 2), shift=(2, 1), bias=False, dropout=0.1
        )
        x = self.layer(x.permute(0, 2, 3, 1))  # (batch, 14, 12, 8)
        """,
    ),
]
