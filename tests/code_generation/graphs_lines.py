"""The lines that equations, experts and graphs become in Keras and in PyTorch."""

from tests.layers.rows import Row, row

BOTH: list[tuple[Row, str, str]] = [
    (
        row("EinsumDense", (10, 8), equation="abc,cd->abd", output_dim=(10, 4), bias_axes="d"),
        """
        outputs = layers.EinsumDense("abc,cd->abd", (10, 4), bias_axes="d", name="layer")(
            inputs
        )  # (None, 10, 4)
        """,
        """
        self.layer = EinsumDense("abc,cd->abd", (8, 4), bias=(4,))
        x = self.layer(x)  # (batch, 10, 4)
        """,
    ),
    (
        row("EinsumDense", (10, 8), equation="...x,xy->...y", output_dim=4, activation="relu"),
        """
        outputs = layers.EinsumDense(
            "...x,xy->...y", (4,), activation="relu", name="layer"
        )(inputs)  # (None, 10, 4)
        """,
        """
        self.layer = EinsumDense("...x,xy->...y", (8, 4))
        x = F.relu(self.layer(x))  # (batch, 10, 4)
        """,
    ),
    (
        row("MixtureOfExperts", (10, 8), num_experts=4, ff_dim=16),
        """
        outputs = MixtureOfExperts(4, 16, name="layer")(inputs)  # (None, 10, 8)
        """,
        """
        self.layer = MixtureOfExperts(8, 4, 16, 2, F.silu)
        x = self.layer(x)  # (batch, 10, 8)
        """,
    ),
    (
        row("MixtureOfExperts", (10, 8), num_experts=4, ff_dim=16, top_k=1, activation="gelu"),
        """
        outputs = MixtureOfExperts(4, 16, top_k=1, activation="gelu", name="layer")(inputs)
        """,
        """
        self.layer = MixtureOfExperts(8, 4, 16, 1, F.gelu)
        x = self.layer(x)  # (batch, 10, 8)
        """,
    ),
    (
        row("GraphConv", (10, 8), (10, 10), units=4),
        """
        outputs = GraphConv(4, name="layer")(input_1, input_2)  # (None, 10, 4)
        """,
        """
        self.layer = GraphConv(8, 4)
        x = self.layer(input_1, input_2)  # (batch, 10, 4)
        """,
    ),
    (
        row("GraphConv", (10, 8), (10, 10), units=4, activation="relu", use_bias=False, normalize=False),
        """
        outputs = GraphConv(
            4, activation="relu", use_bias=False, normalize=False, name="layer"
        )(input_1, input_2)  # (None, 10, 4)
        """,
        """
        self.layer = GraphConv(8, 4, bias=False, normalize=False)
        x = F.relu(self.layer(input_1, input_2))  # (batch, 10, 4)
        """,
    ),
    (
        row("GraphAttention", (10, 8), (10, 10), units=4),
        """
        outputs = GraphAttention(4, name="layer")(input_1, input_2)  # (None, 10, 4)
        """,
        """
        self.layer = GraphAttention(8, 4, 1)
        x = self.layer(input_1, input_2)  # (batch, 10, 4)
        """,
    ),
    (
        row(
            "GraphAttention",
            (10, 8),
            (10, 10),
            units=4,
            num_heads=3,
            activation="elu",
            concat=False,
            negative_slope=0.1,
            dropout=0.5,
        ),
        """
        outputs = GraphAttention(
            4,
            num_heads=3,
            activation="elu",
            concat=False,
            negative_slope=0.1,
            dropout=0.5,
            name="layer",
        )(input_1, input_2)  # (None, 10, 4)
        """,
        """
        self.layer = GraphAttention(8, 4, 3, concat=False, slope=0.1, dropout=0.5)
        x = F.elu(self.layer(input_1, input_2))  # (batch, 10, 4)
        """,
    ),
]
