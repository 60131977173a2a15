"""The lines that layers become in Keras and in PyTorch, side by side."""

from tests.code_generation import graphs_lines, positions_lines, several_lines
from tests.layers.rows import Row, make, row

BOTH: list[tuple[Row, str, str]] = [
    (
        row("Masking", (20, 8)),
        """
        outputs = layers.Masking(name="layer")(inputs)  # (None, 20, 8)
        """,
        "",
    ),
    (
        row("Masking", (20, 8), mask_value=-1),
        """
        outputs = layers.Masking(mask_value=-1.0, name="layer")(inputs)  # (None, 20, 8)
        """,
        """
        x = torch.where((x != -1.0).any(-1, keepdim=True), x, 0.0)  # (batch, 20, 8)
        """,
    ),
    (
        row("Masking", (4, 5, 3), mask_value=0.5),
        """
        outputs = layers.Masking(mask_value=0.5, name="layer")(inputs)  # (None, 4, 5, 3)
        """,
        """
        x = torch.where((x != 0.5).any(1, keepdim=True), x, 0.0)  # (batch, 3, 4, 5)
        """,
    ),
    (
        row("GLU", (4, 5, 6)),
        """
        # (None, 4, 5, 3)
        outputs = layers.Lambda(keras.activations.glu, name="layer")(inputs)
        """,
        """
        x = F.glu(x, dim=1)  # (batch, 3, 4, 5)
        """,
    ),
    (
        row("GLU", (4, 6), axis=1),
        """
        outputs = layers.Lambda(keras.activations.glu, arguments={"axis": 1}, name="layer")(
            inputs
        )  # (None, 2, 6)
        """,
        """
        x = F.glu(x, dim=1)  # (batch, 2, 6)
        """,
    ),
    (
        row("Activation", (8,), activation="glu"),
        """
        outputs = layers.Lambda(keras.activations.glu, name="layer")(inputs)  # (None, 4)
        """,
        """
        x = F.glu(x, dim=-1)  # (batch, 4)
        """,
    ),
    (
        row("ActivityRegularization", (8,), l1=0.1, l2=0.01),
        """
        outputs = layers.ActivityRegularization(l1=0.1, l2=0.01, name="layer")(inputs)
        """,
        """
        self.layer = ActivityRegularization(l1=0.1, l2=0.01)
        x = self.layer(x)  # (batch, 8)
        """,
    ),
    (
        row("ActivityRegularization", (8,)),
        """
        outputs = layers.ActivityRegularization(name="layer")(inputs)  # (None, 8)
        """,
        "",
    ),
    (
        row("Lambda", (8,), function="lambda y: y ** 2 - y[0] ** 2"),
        """
        outputs = layers.Lambda(lambda y: y**2 - y[0] ** 2, name="layer")(inputs)
        """,
        """
        x = x**2 - x[0] ** 2  # (batch, 8)
        """,
    ),
    (
        row("Lambda", (4, 5, 3), function="lambda x: x[:, 1:3, :, 0]", shape=(2, 5)),
        """
        outputs = layers.Lambda(
            lambda x: x[:, 1:3, :, 0], output_shape=(2, 5), name="layer"
        )(inputs)  # (None, 2, 5)
        """,
        """
        x = x.permute(0, 2, 3, 1)
        x = x[:, 1:3, :, 0]  # (batch, 2, 5)
        """,
    ),
    (
        row("SpectralNormalization", (8,), layer=make("Dense", {"units": 4, "activation": "relu"})),
        """
        outputs = layers.SpectralNormalization(
            layers.Dense(4, activation="relu"), name="layer"
        )(inputs)  # (None, 4)
        """,
        """
        self.layer = SpectralNormalization(nn.Linear(8, 4))
        x = F.relu(self.layer(x))  # (batch, 4)
        """,
    ),
    (
        row(
            "SpectralNormalization",
            (9, 8, 3),
            layer=make("Conv2D", {"filters": 4, "kernel_size": 3, "strides": 2}),
            power_iterations=3,
        ),
        """
        outputs = layers.SpectralNormalization(
            layers.Conv2D(4, 3, strides=2), power_iterations=3, name="layer"
        )(inputs)  # (None, 4, 3, 4)
        """,
        """
        self.layer = SpectralNormalization(
            nn.Conv2d(3, 4, 3, stride=2), power_iterations=3
        )
        x = self.layer(x)  # (batch, 4, 4, 3)
        """,
    ),
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
    (
        row("Conv1DTranspose", (50, 16), filters=8, kernel_size=3, strides=2, padding="same"),
        """
        outputs = layers.Conv1DTranspose(8, 3, strides=2, padding="same", name="layer")(
            inputs
        )  # (None, 100, 8)
        """,
        """
        self.layer = nn.ConvTranspose1d(16, 8, 3, stride=2)
        x = self.layer(x.transpose(1, 2))[:, :, :-1]  # (batch, 8, 100)
        """,
    ),
    (
        row("Conv2DTranspose", (7, 7, 16), filters=8, kernel_size=4, strides=2, padding="same", activation="relu"),
        """
        outputs = layers.Conv2DTranspose(
            8, 4, strides=2, padding="same", activation="relu", name="layer"
        )(inputs)  # (None, 14, 14, 8)
        """,
        """
        self.layer = nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1)
        x = F.relu(self.layer(x))  # (batch, 8, 14, 14)
        """,
    ),
    (
        row("Conv2DTranspose", (7, 7, 9), filters=8, kernel_size=3, strides=(2, 3), output_padding=(1, 2)),
        """
        outputs = layers.Conv2DTranspose(
            8, 3, strides=(2, 3), output_padding=(1, 2), name="layer"
        )(inputs)  # (None, 16, 23, 8)
        """,
        """
        self.layer = nn.ConvTranspose2d(9, 8, 3, stride=(2, 3), output_padding=(1, 2))
        x = self.layer(x)  # (batch, 8, 16, 23)
        """,
    ),
    (
        row("Conv2DTranspose", (7, 7, 16), filters=8, kernel_size=(2, 3), padding="same"),
        """
        # (None, 7, 7, 8)
        outputs = layers.Conv2DTranspose(8, (2, 3), padding="same", name="layer")(inputs)
        """,
        """
        self.layer = nn.ConvTranspose2d(16, 8, (2, 3), padding=(0, 1))
        x = self.layer(x)[:, :, :-1]  # (batch, 8, 7, 7)
        """,
    ),
    (
        row("Conv3DTranspose", (4, 7, 7, 16), filters=8, kernel_size=2, strides=3),
        """
        # (None, 12, 21, 21, 8)
        outputs = layers.Conv3DTranspose(8, 2, strides=3, name="layer")(inputs)
        """,
        """
        self.layer = nn.ConvTranspose3d(16, 8, 2, stride=3, output_padding=1)
        x = self.layer(x)  # (batch, 8, 12, 21, 21)
        """,
    ),
    (
        row("ReLU6", (8,)),
        """
        outputs = layers.Activation("relu6", name="layer")(inputs)  # (None, 8)
        """,
        """
        x = F.relu6(x)  # (batch, 8)
        """,
    ),
    (
        row("SELU", (8,)),
        """
        outputs = layers.Activation("selu", name="layer")(inputs)  # (None, 8)
        """,
        """
        x = F.selu(x)  # (batch, 8)
        """,
    ),
    (
        row("CELU", (8,)),
        """
        outputs = layers.Activation("celu", name="layer")(inputs)  # (None, 8)
        """,
        """
        x = F.celu(x)  # (batch, 8)
        """,
    ),
    (
        row("Mish", (8,)),
        """
        outputs = layers.Activation("mish", name="layer")(inputs)  # (None, 8)
        """,
        """
        x = F.mish(x)  # (batch, 8)
        """,
    ),
    (
        row("Softplus", (8,)),
        """
        outputs = layers.Activation("softplus", name="layer")(inputs)  # (None, 8)
        """,
        """
        x = F.softplus(x)  # (batch, 8)
        """,
    ),
    (
        row("Softsign", (8,)),
        """
        outputs = layers.Activation("softsign", name="layer")(inputs)  # (None, 8)
        """,
        """
        x = F.softsign(x)  # (batch, 8)
        """,
    ),
    (
        row("LogSigmoid", (8,)),
        """
        outputs = layers.Activation("log_sigmoid", name="layer")(inputs)  # (None, 8)
        """,
        """
        x = F.logsigmoid(x)  # (batch, 8)
        """,
    ),
    (
        row("HardSigmoid", (8,)),
        """
        outputs = layers.Activation("hard_sigmoid", name="layer")(inputs)  # (None, 8)
        """,
        """
        x = F.hardsigmoid(x)  # (batch, 8)
        """,
    ),
    (
        row("HardSwish", (8,)),
        """
        outputs = layers.Activation("hard_silu", name="layer")(inputs)  # (None, 8)
        """,
        """
        x = F.hardswish(x)  # (batch, 8)
        """,
    ),
    (
        row("HardTanh", (8,)),
        """
        outputs = layers.Activation("hard_tanh", name="layer")(inputs)  # (None, 8)
        """,
        """
        x = F.hardtanh(x)  # (batch, 8)
        """,
    ),
    (
        row("TanhShrink", (8,)),
        """
        outputs = layers.Activation("tanh_shrink", name="layer")(inputs)  # (None, 8)
        """,
        """
        x = F.tanhshrink(x)  # (batch, 8)
        """,
    ),
    (
        row("HardShrink", (8,)),
        """
        outputs = layers.Activation("hard_shrink", name="layer")(inputs)  # (None, 8)
        """,
        """
        x = F.hardshrink(x)  # (batch, 8)
        """,
    ),
    (
        row("SoftShrink", (8,)),
        """
        outputs = layers.Activation("soft_shrink", name="layer")(inputs)  # (None, 8)
        """,
        """
        x = F.softshrink(x)  # (batch, 8)
        """,
    ),
    (
        row("LogSoftmax", (4, 5, 3)),
        """
        outputs = layers.Activation("log_softmax", name="layer")(inputs)  # (None, 4, 5, 3)
        """,
        """
        x = F.log_softmax(x, dim=1)  # (batch, 3, 4, 5)
        """,
    ),
    (
        row("GroupNormalization", (7, 6, 8), groups=4),
        """
        outputs = layers.GroupNormalization(groups=4, name="layer")(inputs)
        """,
        """
        self.layer = nn.GroupNorm(4, 8, eps=0.001)
        x = self.layer(x.contiguous())  # (batch, 8, 7, 6)
        """,
    ),
    (
        row("GroupNormalization", (6, 8, 5), groups=2, axis=1, scale=False),
        """
        outputs = layers.GroupNormalization(groups=2, axis=1, scale=False, name="layer")(
            inputs
        )  # (None, 6, 8, 5)
        """,
        """
        self.layer = OffsetGroupNorm(2, 6, eps=0.001)
        x = self.layer(x.permute(0, 2, 3, 1).contiguous())  # (batch, 6, 8, 5)
        """,
    ),
    (
        row("InstanceNormalization", (7, 6, 8)),
        """
        outputs = layers.GroupNormalization(groups=-1, name="layer")(inputs)
        """,
        """
        self.layer = nn.GroupNorm(8, 8, eps=0.001)
        x = self.layer(x.contiguous())  # (batch, 8, 7, 6)
        """,
    ),
    (
        row("InstanceNormalization", (7, 6, 8), epsilon=1e-5, center=False),
        """
        outputs = layers.GroupNormalization(
            groups=-1, epsilon=1e-5, center=False, name="layer"
        )(inputs)  # (None, 7, 6, 8)
        """,
        """
        self.layer = nn.GroupNorm(8, 8)
        self.layer.register_parameter("bias", None)
        x = self.layer(x.contiguous())  # (batch, 8, 7, 6)
        """,
    ),
    (
        row("RMSNormalization", (10, 64)),
        """
        outputs = layers.RMSNormalization(name="layer")(inputs)  # (None, 10, 64)
        """,
        """
        self.layer = nn.RMSNorm(64, eps=1e-6)
        x = self.layer(x)  # (batch, 10, 64)
        """,
    ),
    (
        row("RMSNormalization", (4, 5, 6), axis=(-2, -1), epsilon=1e-3),
        """
        outputs = layers.RMSNormalization(axis=(-2, -1), epsilon=0.001, name="layer")(
            inputs
        )  # (None, 4, 5, 6)
        """,
        """
        self.layer = nn.RMSNorm((5, 6), eps=0.001)
        x = self.layer(x.permute(0, 2, 3, 1))  # (batch, 4, 5, 6)
        """,
    ),
    (
        row("UnitNormalization", (10, 64)),
        """
        outputs = layers.UnitNormalization(name="layer")(inputs)  # (None, 10, 64)
        """,
        """
        x = F.normalize(x, dim=2)  # (batch, 10, 64)
        """,
    ),
    (
        row("UnitNormalization", (4, 5, 6), axis=(1, 3)),
        """
        outputs = layers.UnitNormalization(axis=(1, 3), name="layer")(inputs)
        """,
        """
        x = F.normalize(x, dim=(1, 2))  # (batch, 6, 4, 5)
        """,
    ),
    (
        row("Identity", (8,)),
        """
        outputs = layers.Identity(name="layer")(inputs)  # (None, 8)
        """,
        "",
    ),
    (
        row("LayerScale", (4, 5, 3)),
        """
        outputs = LayerScale(name="layer")(inputs)  # (None, 4, 5, 3)
        """,
        """
        self.layer = LayerScale(1e-6, 3, 1, 1)
        x = self.layer(x)  # (batch, 3, 4, 5)
        """,
    ),
    (
        row("LayerScale", (10, 64), init_values=0.1),
        """
        outputs = LayerScale(init_values=0.1, name="layer")(inputs)  # (None, 10, 64)
        """,
        """
        self.layer = LayerScale(0.1, 64)
        x = self.layer(x)  # (batch, 10, 64)
        """,
    ),
    (
        row("StochasticDepth", (4, 5, 3), rate=0.25),
        """
        outputs = StochasticDepth(0.25, name="layer")(inputs)  # (None, 4, 5, 3)
        """,
        """
        self.layer = StochasticDepth(0.25)
        x = self.layer(x)  # (batch, 3, 4, 5)
        """,
    ),
    (
        row("Rescaling", (28, 28, 1), scale=0.5, offset=-1),
        """
        outputs = layers.Rescaling(0.5, offset=-1.0, name="layer")(inputs)
        """,
        """
        x = x * 0.5 - 1.0  # (batch, 1, 28, 28)
        """,
    ),
    (
        row("Normalization", (28, 28, 3)),
        """
        outputs = layers.Normalization(name="layer")(inputs)  # (None, 28, 28, 3)
        """,
        """
        self.layer = Normalization(3, 1, 1)
        x = self.layer(x)  # (batch, 3, 28, 28)
        """,
    ),
    (
        row("Normalization", (28, 28, 3), mean=(0.5, 0.4, 0.3), variance=(4, 1, 1)),
        """
        outputs = layers.Normalization(
            mean=(0.5, 0.4, 0.3), variance=(4.0, 1.0, 1.0), name="layer"
        )(inputs)  # (None, 28, 28, 3)
        """,
        """
        self.layer = Normalization(
            3, 1, 1, mean=(0.5, 0.4, 0.3), variance=(4.0, 1.0, 1.0)
        )
        x = self.layer(x)  # (batch, 3, 28, 28)
        """,
    ),
    (
        row("Normalization", (8,), axis=None, mean=1, variance=4, invert=True),
        """
        outputs = layers.Normalization(
            axis=None, mean=1.0, variance=4.0, invert=True, name="layer"
        )(inputs)  # (None, 8)
        """,
        """
        self.layer = Denormalization(1, mean=(1.0,), variance=(4.0,))
        x = self.layer(x)  # (batch, 8)
        """,
    ),
    (
        row("Resizing", (8, 9, 3), height=4, width=6),
        """
        outputs = layers.Resizing(4, 6, name="layer")(inputs)  # (None, 4, 6, 3)
        """,
        """
        self.layer = nn.Upsample(size=(4, 6), mode="bilinear")
        x = self.layer(x)  # (batch, 3, 4, 6)
        """,
    ),
    (
        row("Resizing", (8, 9, 3), height=4, width=4, interpolation="nearest"),
        """
        # (None, 4, 4, 3)
        outputs = layers.Resizing(4, 4, interpolation="nearest", name="layer")(inputs)
        """,
        """
        self.layer = nn.Upsample(size=4, mode="nearest-exact")
        x = self.layer(x)  # (batch, 3, 4, 4)
        """,
    ),
    (
        row("Slice", (10, 64), axis=-1, start=32, size=32),
        """
        # (None, 10, 32)
        outputs = layers.Lambda(lambda x: x[..., 32:64], name="layer")(inputs)
        """,
        """
        x = x[:, :, 32:64]  # (batch, 10, 32)
        """,
    ),
    (
        row("Slice", (4, 5, 6), axis=2, start=0, size=2),
        """
        # (None, 4, 2, 6)
        outputs = layers.Lambda(lambda x: x[:, :, :2], name="layer")(inputs)
        """,
        """
        x = x[:, :, :, :2]  # (batch, 6, 4, 2)
        """,
    ),
    (
        row("AdaptiveMaxPooling1D", (20, 3), output_size=5),
        """
        outputs = layers.AdaptiveMaxPooling1D(5, name="layer")(inputs)  # (None, 5, 3)
        """,
        """
        self.layer = nn.AdaptiveMaxPool1d(5)
        x = self.layer(x.transpose(1, 2))  # (batch, 3, 5)
        """,
    ),
    (
        row("AdaptiveMaxPooling2D", (28, 30, 3), output_size=(5, 4)),
        """
        # (None, 5, 4, 3)
        outputs = layers.AdaptiveMaxPooling2D((5, 4), name="layer")(inputs)
        """,
        """
        self.layer = nn.AdaptiveMaxPool2d((5, 4))
        x = self.layer(x)  # (batch, 3, 5, 4)
        """,
    ),
    (
        row("AdaptiveMaxPooling3D", (4, 6, 8, 2), output_size=2),
        """
        outputs = layers.AdaptiveMaxPooling3D(2, name="layer")(inputs)  # (None, 2, 2, 2, 2)
        """,
        """
        self.layer = nn.AdaptiveMaxPool3d(2)
        x = self.layer(x)  # (batch, 2, 2, 2, 2)
        """,
    ),
    (
        row("AdaptiveAveragePooling1D", (20, 3), output_size=5),
        """
        outputs = layers.AdaptiveAveragePooling1D(5, name="layer")(inputs)  # (None, 5, 3)
        """,
        """
        self.layer = nn.AdaptiveAvgPool1d(5)
        x = self.layer(x.transpose(1, 2))  # (batch, 3, 5)
        """,
    ),
    (
        row("AdaptiveAveragePooling2D", (28, 30, 3), output_size=7),
        """
        # (None, 7, 7, 3)
        outputs = layers.AdaptiveAveragePooling2D(7, name="layer")(inputs)
        """,
        """
        self.layer = nn.AdaptiveAvgPool2d(7)
        x = self.layer(x)  # (batch, 3, 7, 7)
        """,
    ),
    (
        row("AdaptiveAveragePooling3D", (5, 7, 9, 2), output_size=(2, 3, 4)),
        """
        # (None, 2, 3, 4, 2)
        outputs = layers.AdaptiveAveragePooling3D((2, 3, 4), name="layer")(inputs)
        """,
        """
        self.layer = nn.AdaptiveAvgPool3d((2, 3, 4))
        x = self.layer(x)  # (batch, 2, 2, 3, 4)
        """,
    ),
    (
        row("GroupQueryAttention", (10, 8), head_dim=4, num_query_heads=4, num_key_value_heads=2),
        """
        outputs = layers.GroupQueryAttention(4, 4, 2, name="layer")(inputs, inputs)
        """,
        """
        self.layer = GroupedAttention(8, 8, 8, heads=4, groups=2, size=4)
        x = self.layer(x, x, x)  # (batch, 10, 8)
        """,
    ),
    (
        row(
            "GroupQueryAttention",
            (10, 8),
            (6, 8),
            head_dim=4,
            num_query_heads=2,
            num_key_value_heads=1,
            use_causal_mask=True,
        ),
        """
        outputs = layers.GroupQueryAttention(4, 2, 1, name="layer")(
            input_1, input_2, use_causal_mask=True
        )  # (None, 10, 8)
        """,
        """
        self.layer = GroupedAttention(8, 8, 8, heads=2, groups=1, size=4, causal=True)
        x = self.layer(input_1, input_2, input_2)  # (batch, 10, 8)
        """,
    ),
    (
        row("Attention", (10, 8)),
        """
        outputs = layers.Attention(name="layer")([inputs, inputs])  # (None, 10, 8)
        """,
        """
        self.layer = DotAttention()
        x = self.layer(x, x, x)  # (batch, 10, 8)
        """,
    ),
    (
        row("Attention", (10, 8), (6, 3), (6, 8), use_scale=True, dropout=0.1),
        """
        outputs = layers.Attention(use_scale=True, dropout=0.1, name="layer")(
            [input_1, input_2, input_3]
        )  # (None, 10, 3)
        """,
        """
        self.layer = DotAttention(scale=True, dropout=0.1)
        x = self.layer(input_1, input_2, input_3)  # (batch, 10, 3)
        """,
    ),
    (
        row("Attention", (10, 8), score_mode="concat", use_causal_mask=True),
        """
        outputs = layers.Attention(score_mode="concat", name="layer")(
            [inputs, inputs], use_causal_mask=True
        )  # (None, 10, 8)
        """,
        """
        self.layer = ConcatAttention(causal=True)
        x = self.layer(x, x, x)  # (batch, 10, 8)
        """,
    ),
    (
        row("AdditiveAttention", (10, 8), (6, 8)),
        """
        outputs = layers.AdditiveAttention(name="layer")([input_1, input_2])
        """,
        """
        self.layer = AdditiveAttention(8)
        x = self.layer(input_1, input_2, input_2)  # (batch, 10, 8)
        """,
    ),
    (
        row("AdditiveAttention", (10, 8), use_scale=False, use_causal_mask=True),
        """
        outputs = layers.AdditiveAttention(use_scale=False, name="layer")(
            [inputs, inputs], use_causal_mask=True
        )  # (None, 10, 8)
        """,
        """
        self.layer = AdditiveAttention(None, causal=True)
        x = self.layer(x, x, x)  # (batch, 10, 8)
        """,
    ),
    (
        row("SimpleRNNCell", (8,), units=4),
        """
        outputs = OneStep(layers.SimpleRNNCell(4), name="layer")(inputs)  # (None, 4)
        """,
        """
        self.layer = nn.RNN(8, 4, batch_first=True)
        x = self.layer(x.unsqueeze(1))[0][:, -1]  # (batch, 4)
        """,
    ),
    (
        row("LSTMCell", (8,), units=4, activation="relu"),
        """
        # (None, 4)
        outputs = OneStep(layers.LSTMCell(4, activation="relu"), name="layer")(inputs)
        """,
        """
        self.layer = LongShortRecurrence(8, 4, F.relu, torch.sigmoid)
        x = self.layer(x.unsqueeze(1))[0][:, -1]  # (batch, 4)
        """,
    ),
    (
        row("GRUCell", (8,), units=4, dropout=0.1),
        """
        outputs = OneStep(layers.GRUCell(4, dropout=0.1), name="layer")(inputs)  # (None, 4)
        """,
        """
        self.layer_dropout = nn.Dropout1d(0.1)
        self.layer = nn.GRU(8, 4, batch_first=True)
        x = self.layer_dropout(x.unsqueeze(1).transpose(1, 2)).transpose(1, 2)
        x = self.layer(x)[0][:, -1]  # (batch, 4)
        """,
    ),
    (
        row("Dot", (8,), (8,), axes=1, normalize=True),
        """
        # (None, 1)
        outputs = layers.Dot(1, normalize=True, name="layer")([input_1, input_2])
        """,
        """
        x = torch.einsum(
            "bz,bz->b", F.normalize(input_1), F.normalize(input_2)
        ).unsqueeze(1)  # (batch, 1)
        """,
    ),
    (
        row("Dot", (5, 8), (6, 8), axes=2),
        """
        outputs = layers.Dot(2, name="layer")([input_1, input_2])  # (None, 5, 6)
        """,
        """
        x = torch.einsum("baz,biz->bai", input_1, input_2)  # (batch, 5, 6)
        """,
    ),
    (
        row("Dot", (4, 5, 6), (6, 7), axes=(3, 1)),
        """
        outputs = layers.Dot((3, 1), name="layer")([input_1, input_2])  # (None, 4, 5, 7)
        """,
        """
        x = torch.einsum("bzac,bzi->baci", input_1, input_2)  # (batch, 4, 5, 7)
        """,
    ),
]

BOTH += [*positions_lines.BOTH, *graphs_lines.BOTH, *several_lines.BOTH]
