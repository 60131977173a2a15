"""The catalogue by name: every layer and spelling that programs may use, and each layer of Keras that is left out."""

from __future__ import annotations

import inspect

import pytest

from neural.binding.macros import macro_names
from neural.layers.catalogue import LAYERS, find
from tests.layers.oracle import keras
from tests.layers.torch_oracle import torch

#: The layers, by family.
CATALOGUE: dict[str, str] = {
    "core": "Input Dense Output EinsumDense Embedding Masking Lambda Identity Activation",
    "activations": """
        ReLU LeakyReLU PReLU ELU Softmax GELU GLU SiLU Sigmoid Tanh ReLU6 SELU CELU Mish Softplus Softsign LogSigmoid
        LogSoftmax HardSigmoid HardSwish HardTanh TanhShrink HardShrink SoftShrink
    """,
    "convolution": """
        Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose SeparableConv1D SeparableConv2D
        DepthwiseConv1D DepthwiseConv2D
    """,
    "pooling": """
        MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D AveragePooling3D
        GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D
        GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D
        AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D
        AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
    """,
    "recurrent": """
        SimpleRNN LSTM GRU SimpleRNNCell LSTMCell GRUCell ConvLSTM1D ConvLSTM2D ConvLSTM3D RNN StackedRNNCells
        Bidirectional TimeDistributed SimpleRNNDropoutWrapper LSTMDropoutWrapper GRUDropoutWrapper
    """,
    "attention": "MultiHeadAttention GroupQueryAttention Attention AdditiveAttention RotaryEmbedding PositionEmbedding",
    "normalisation": """
        BatchNormalization LayerNormalization GroupNormalization InstanceNormalization RMSNormalization
        UnitNormalization SpectralNormalization
    """,
    "regularisation": """
        Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D AlphaDropout GaussianDropout GaussianNoise
        ActivityRegularization
    """,
    "reshaping": """
        Reshape Flatten RepeatVector Permute Cropping1D Cropping2D Cropping3D UpSampling1D UpSampling2D UpSampling3D
        ZeroPadding1D ZeroPadding2D ZeroPadding3D Resizing Rescaling Normalization Split Slice
    """,
    "merging": "Add Subtract Multiply Average Maximum Minimum Concatenate Dot",
    "graphs": "GraphConv GraphAttention",
    "older spellings of Keras": """
        AvgPool1D AvgPool2D AvgPool3D MaxPool1D MaxPool2D MaxPool3D
        GlobalAvgPool1D GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D
        Convolution1D Convolution2D Convolution3D Convolution1DTranspose Convolution2DTranspose Convolution3DTranspose
        SeparableConvolution1D SeparableConvolution2D
    """,
}

#: PyTorch's spellings, and the layer that each is read as.
PYTORCH: dict[str, str] = {
    "Linear": "Dense",
    **{f"Conv{rank}d": f"Conv{rank}D" for rank in (1, 2, 3)},
    **{f"ConvTranspose{rank}d": f"Conv{rank}DTranspose" for rank in (1, 2, 3)},
    **{f"BatchNorm{rank}d": "BatchNormalization" for rank in (1, 2, 3)},
    **{f"InstanceNorm{rank}d": "InstanceNormalization" for rank in (1, 2, 3)},
    **{f"MaxPool{rank}d": f"MaxPooling{rank}D" for rank in (1, 2, 3)},
    **{f"AvgPool{rank}d": f"AveragePooling{rank}D" for rank in (1, 2, 3)},
    **{f"AdaptiveAvgPool{rank}d": f"AdaptiveAveragePooling{rank}D" for rank in (1, 2, 3)},
    **{f"AdaptiveMaxPool{rank}d": f"AdaptiveMaxPooling{rank}D" for rank in (1, 2, 3)},
    **{f"Dropout{rank}d": f"SpatialDropout{rank}D" for rank in (1, 2, 3)},
    **{name: name for name in ("LSTM", "GRU", "LSTMCell", "GRUCell", "Embedding", "Identity", "Flatten", "Dropout")},
    **{name: name for name in ("ReLU", "ReLU6", "LeakyReLU", "PReLU", "ELU", "SELU", "CELU", "GELU", "GLU", "SiLU")},
    **{name: name for name in ("Mish", "Sigmoid", "Tanh", "Softmax", "Softplus", "Softsign", "LogSigmoid")},
    "LogSoftmax": "LogSoftmax",
    "Hardsigmoid": "HardSigmoid",
    "Hardswish": "HardSwish",
    "Hardtanh": "HardTanh",
    "Hardshrink": "HardShrink",
    "Softshrink": "SoftShrink",
    "Tanhshrink": "TanhShrink",
    "AlphaDropout": "AlphaDropout",
    "RNNCell": "SimpleRNNCell",
    "LayerNorm": "LayerNormalization",
    "GroupNorm": "GroupNormalization",
    "RMSNorm": "RMSNormalization",
    "Upsample": "UpSampling2D",
}

#: Blocks that are written in the language.
BLOCKS = "Transformer TransformerEncoder TransformerDecoder SqueezeExcitation MBConv ConvNeXtBlock DenseBlock SwiGLU"

_RANDOM = "augments images at random before training, which is a matter of the data and not of the network"
_TEXT = "turns text or categories into numbers before training, by a vocabulary that only data gives"
_FOREIGN = "wraps a model of another framework, whose layers cannot be seen"
_BASE = "is a base class, from which layers are made"
_SOUND = "turns sound into spectrograms, which is a matter of the data"

#: Public names of keras.layers that are no layer here, and why.
LEFT_OUT: dict[str, str] = {
    **dict.fromkeys(("Layer", "Wrapper", "InputSpec"), _BASE),
    "InputLayer": "stands in `input`, as keras.Input does",
    "ReversibleEmbedding": "is an Embedding and a Dense with `tied`, which generated code writes with it",
    **dict.fromkeys(("JaxLayer", "FlaxLayer", "TFSMLayer", "TorchModuleWrapper"), _FOREIGN),
    **dict.fromkeys(("STFTSpectrogram", "MelSpectrogram"), _SOUND),
    **dict.fromkeys(
        (
            *("TextVectorization", "StringLookup", "IntegerLookup", "Hashing", "HashedCrossing", "Discretization"),
            "CategoryEncoding",
        ),
        _TEXT,
    ),
    "Pipeline": "joins layers that prepare data",
    "MaxNumBoundingBoxes": "prepares the boxes of images before training",
    "CenterCrop": "prepares images of any size; Cropping2D and Resizing crop within a network",
    **dict.fromkeys(
        (
            *("AugMix", "AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "CutMix", "Equalization"),
            *("MixUp", "RandAugment", "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter"),
            *("RandomContrast", "RandomCrop", "RandomElasticTransform", "RandomErasing", "RandomFlip"),
            *("RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert", "RandomPerspective"),
            *("RandomPosterization", "RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear"),
            *("RandomTranslation", "RandomZoom", "Solarization"),
        ),
        _RANDOM,
    ),
}

PUBLIC = [name for name, value in vars(keras.layers).items() if inspect.isclass(value) and not name.startswith("_")]
NAMES = [name for names in CATALOGUE.values() for name in names.split()]


@pytest.mark.parametrize("name", NAMES)
def test_the_catalogue_has_every_layer(name: str) -> None:
    assert find(name) is not None


@pytest.mark.parametrize(("spelling", "name"), PYTORCH.items())
def test_the_spellings_of_pytorch_are_read(spelling: str, name: str) -> None:
    assert hasattr(torch.nn, spelling)
    assert find(spelling) is LAYERS[name]


@pytest.mark.parametrize("name", BLOCKS.split())
def test_the_standard_library_has_every_block(name: str) -> None:
    assert name in macro_names()


@pytest.mark.parametrize("name", PUBLIC)
def test_a_layer_of_keras_is_in_the_catalogue_or_left_out_for_a_reason(name: str) -> None:
    assert (find(name) is None) == (name in LEFT_OUT)


def test_what_is_left_out_is_of_keras() -> None:
    assert set(LEFT_OUT) <= set(PUBLIC)
    assert all(reason and not reason.endswith(".") for reason in LEFT_OUT.values())
