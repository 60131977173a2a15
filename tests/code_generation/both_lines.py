"""The lines that layers become in Keras and in PyTorch, side by side."""

from tests.layers.rows import Row, row

BOTH: list[tuple[Row, str, str]] = [
    (
        row("Conv3D", (16, 28, 28, 1), filters=8, kernel_size=3, activation="relu"),
        """
        # (None, 14, 26, 26, 8)
        outputs = layers.Conv3D(8, 3, activation="relu", name="layer")(inputs)
        """,
        """
        self.layer = nn.Conv3d(1, 8, 3)
        x = F.relu(self.layer(x))  # (batch, 8, 14, 26, 26)
        """,
    ),
    (
        row("Conv3D", (9, 8, 7, 2), filters=4, kernel_size=3, strides=2, padding="same", use_bias=False),
        """
        outputs = layers.Conv3D(
            4, 3, strides=2, padding="same", use_bias=False, name="layer"
        )(inputs)  # (None, 5, 4, 4, 4)
        """,
        """
        self.layer = nn.Conv3d(2, 4, 3, stride=2, bias=False)
        x = F.pad(x, (1, 1, 0, 1, 1, 1))  # (batch, 2, 11, 9, 9)
        x = self.layer(x)  # (batch, 4, 5, 4, 4)
        """,
    ),
    (
        row("MaxPooling3D", (16, 28, 28, 8)),
        """
        outputs = layers.MaxPooling3D(name="layer")(inputs)  # (None, 8, 14, 14, 8)
        """,
        """
        self.layer = nn.MaxPool3d(2)
        x = self.layer(x)  # (batch, 8, 8, 14, 14)
        """,
    ),
    (
        row("AveragePooling3D", (7, 9, 10, 3), pool_size=3, strides=2, padding="same"),
        """
        outputs = layers.AveragePooling3D(3, strides=2, padding="same", name="layer")(
            inputs
        )  # (None, 4, 5, 5, 3)
        """,
        """
        self.layer = nn.AvgPool3d(
            3, 2, padding=(1, 1, 0), ceil_mode=True, count_include_pad=False
        )
        x = self.layer(x)  # (batch, 3, 4, 5, 5)
        """,
    ),
    (
        row("AveragePooling3D", (7, 8, 5, 3), pool_size=(2, 1, 1), strides=1, padding="same"),
        """
        outputs = layers.AveragePooling3D(
            (2, 1, 1), strides=1, padding="same", name="layer"
        )(inputs)  # (None, 7, 8, 5, 3)
        """,
        """
        x = average_pool_same(x, (2, 1, 1), (1, 1, 1))  # (batch, 3, 7, 8, 5)
        """,
    ),
    (
        row("GlobalMaxPooling3D", (4, 5, 6, 3), keepdims=True),
        """
        # (None, 1, 1, 1, 3)
        outputs = layers.GlobalMaxPooling3D(keepdims=True, name="layer")(inputs)
        """,
        """
        x = x.amax((2, 3, 4), keepdim=True)  # (batch, 3, 1, 1, 1)
        """,
    ),
    (
        row("GlobalAveragePooling3D", (4, 5, 6, 3)),
        """
        outputs = layers.GlobalAveragePooling3D(name="layer")(inputs)  # (None, 3)
        """,
        """
        x = x.mean((2, 3, 4))  # (batch, 3)
        """,
    ),
    (
        row("ZeroPadding3D", (8, 28, 28, 1), padding=((1, 0), (2, 2), (0, 3))),
        """
        outputs = layers.ZeroPadding3D(padding=((1, 0), (2, 2), (0, 3)), name="layer")(
            inputs
        )  # (None, 9, 32, 31, 1)
        """,
        """
        x = F.pad(x, (0, 3, 2, 2, 1, 0))  # (batch, 1, 9, 32, 31)
        """,
    ),
    (
        row("Cropping3D", (8, 28, 28, 1)),
        """
        outputs = layers.Cropping3D(name="layer")(inputs)  # (None, 6, 26, 26, 1)
        """,
        """
        x = x[:, :, 1:-1, 1:-1, 1:-1]  # (batch, 1, 6, 26, 26)
        """,
    ),
    (
        row("UpSampling3D", (4, 14, 14, 8), size=(1, 2, 2)),
        """
        # (None, 4, 28, 28, 8)
        outputs = layers.UpSampling3D(size=(1, 2, 2), name="layer")(inputs)
        """,
        """
        self.layer = nn.Upsample(scale_factor=(1, 2, 2))
        x = self.layer(x)  # (batch, 8, 4, 28, 28)
        """,
    ),
    (
        row("SpatialDropout3D", (4, 5, 6, 3), rate=0.2),
        """
        outputs = layers.SpatialDropout3D(0.2, name="layer")(inputs)  # (None, 4, 5, 6, 3)
        """,
        """
        self.layer = nn.Dropout3d(0.2)
        x = self.layer(x)  # (batch, 3, 4, 5, 6)
        """,
    ),
]
