"""What generated code may consist of before it is run: the syntax tree is checked node by node.

The lists are what the emitters write, no more; a test holds them against the code of every layer in every form. Nothing
that opens, imports or evaluates is in them, and no name with two underscores but those of classes.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from typing import Final

_SYNTAX: Final = """
Add And AnnAssign Assign Attribute AugAssign BinOp BitAnd BitOr BoolOp Call ClassDef Compare Constant Dict DictComp
Div Eq Expr FloorDiv For FormattedValue FunctionDef GeneratorExp Gt GtE If IfExp Import ImportFrom Invert Is IsNot
JoinedStr Lambda List ListComp Load Lt MatMult Mod Module Mult Name Not NotEq Or Pow Return Slice Starred Store Sub
Subscript Tuple USub UnaryOp alias arg arguments comprehension keyword
"""
_NODES: Final = frozenset(_SYNTAX.split())

_IMPORTS: Final[Mapping[str, frozenset[str]]] = {
    "torch": frozenset({"", "Tensor", "nn"}),
    "torch.nn.functional": frozenset({""}),
    "keras": frozenset({"", "layers", "ops"}),
    "math": frozenset({""}),
    "collections.abc": frozenset({"Callable", "Sequence"}),
}

_BUILTINS: Final = frozenset(
    {*("any", "bool", "enumerate", "float", "getattr", "int", "isinstance", "len", "list", "max", "next")}
    | {"range", "str", "super", "tuple", "zip"}
)

_DUNDER: Final = frozenset({"__init__"})

#: Classes and functions of the frameworks, and methods and attributes of tensors and modules.
_KNOWN: Final = """
Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D
AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d
AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add AdditiveAttention AlphaDropout Attention Average
AveragePooling1D AveragePooling2D AveragePooling3D AvgPool1d AvgPool2d AvgPool3d BatchNorm1d BatchNorm2d BatchNorm3d
BatchNormalization Bidirectional Concatenate Constant Conv1D Conv1DTranspose Conv1d Conv2D Conv2DTranspose Conv2d
Conv3D Conv3DTranspose Conv3d ConvLSTM1D ConvLSTM2D ConvLSTM3D ConvTranspose1d ConvTranspose2d ConvTranspose3d
Cropping1D Cropping2D Cropping3D Dense DepthwiseConv1D DepthwiseConv2D Dot Dropout Dropout1d Dropout2d Dropout3d ELU
EinsumDense Embedding Flatten GRU GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D
GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNorm GroupNormalization
GroupQueryAttention Identity Input KerasTensor LSTM LSTMCell Lambda Layer LayerNorm LayerNormalization LeakyReLU
Linear Masking MaxPool1d MaxPool2d MaxPool3d MaxPooling1D MaxPooling2D MaxPooling3D Maximum Minimum Model Module
ModuleList MultiHeadAttention MultiheadAttention Multiply Normalization PReLU Parameter Permute RMSNorm
RMSNormalization RNN ReLU RepeatVector Rescaling Reshape Resizing ReversibleEmbedding SeparableConv1D SeparableConv2D
Sequential SimpleRNN SimpleRNNCell Softmax SpatialDropout1D SpatialDropout2D SpatialDropout3D SpectralNormalization
Subtract T TimeDistributed UnitNormalization UpSampling1D UpSampling2D UpSampling3D Upsample Wrapper ZeroPadding1D
ZeroPadding2D ZeroPadding3D
abs activations add add_weight amax any append arange avg_pool1d avg_pool2d avg_pool3d backend bias bool broadcast_to
cast cat celu chunk clamp clamp_min concatenate contiguous copy_ cos device dim div_ double dropout dtype einsum elu
eps exp expand expand_as extend eye flatten flip float float32 full gelu get get_config get_default_dtype
get_initial_state get_parameter glu group_norm hardshrink hardsigmoid hardswish hardtanh index_add initializers items
key_bias keys layer leaky_relu linear log log_softmax logsigmoid logsumexp long masked_fill matmul maximum mean
minimum mish moveaxis movedim new_ones new_zeros no_grad nonzero normalize num_groups one_hot ones ones_like ops p pad
parameters permute prod promote_types randn randn_like register_buffer register_keras_serializable register_parameter
relu relu6 repeat repeat_interleave reshape result_type roll rsqrt saving scaled_dot_product_attention selu serialize
shape sigmoid silu sin softmax softplus softshrink softsign split sqrt square squeeze stack sum take tanh tanhshrink
tensor to topk training transpose tril triu u unbind unflatten units unsqueeze unstack values var variance view
view_as weight where zeros zeros_like
"""
_ATTRIBUTES: Final = frozenset(_KNOWN.split()) | _DUNDER


class DisallowedError(Exception):
    """Generated code holds something that is not allowed to run."""


def check(source: str) -> ast.Module:
    """Return the syntax tree of a generated file; raise ``DisallowedError`` where it holds anything unexpected."""
    tree = ast.parse(source)
    own = _own_names(tree)
    for node in ast.walk(tree):
        name = type(node).__name__
        if name not in _NODES:
            raise DisallowedError(f"line {getattr(node, 'lineno', 0)}: {name} is not allowed")
        problem = _problem(node, own)
        if problem:
            raise DisallowedError(f"line {getattr(node, 'lineno', 0)}: {problem} is not allowed")
    return tree


def _own_names(tree: ast.Module) -> frozenset[str]:
    """Return the names of the file's own functions and classes, and of attributes that it assigns."""
    own = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            own.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            own.add(node.attr)
    return frozenset(own)


def _problem(node: ast.AST, own: frozenset[str]) -> str:
    """Return what is wrong with a node, or nothing."""
    match node:
        case ast.Import(names=names):
            return next((each.name for each in names if "" not in _IMPORTS.get(each.name, ())), "")
        case ast.ImportFrom(module=module, names=names, level=level):
            known = _IMPORTS.get(module or "", frozenset()) if level == 0 else frozenset()
            return next((f"{module}.{each.name}" for each in names if each.name not in known or not each.name), "")
        case ast.Attribute(attr=name):
            hidden = name.startswith("_") and name not in _DUNDER
            return name if hidden or (name not in own and name not in _ATTRIBUTES) else ""
        case ast.Name(id=name):
            outside = hasattr(builtins, name) and name not in _BUILTINS and name not in own
            return name if (name.startswith("__") and name != "__name__") or outside else ""
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name if name.startswith("_") and name not in _DUNDER else ""
        case ast.Call(func=ast.Name(id="getattr"), args=[ast.Name(id=name), *_]):
            return "" if name == "self" else "getattr"
        case ast.Constant(value=str(text)):
            return "a name with underscores" if text.startswith("__") else ""
        case _:
            return ""
