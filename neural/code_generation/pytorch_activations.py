"""Activations in PyTorch, as Keras defines them: https://keras.io/api/layers/activations/."""

from __future__ import annotations

from neural.code_generation.pytorch_layout import Layout
from neural.code_generation.pytorch_site import FUNCTIONAL, TORCH
from neural.code_generation.writer import Helper, Writer

SQUAREPLUS = Helper(
    "squareplus",
    '''
def squareplus(x: Tensor) -> Tensor:
    """A smooth ReLU: half of x plus the root of x squared plus 4."""
    return (x + torch.sqrt(x * x + 4)) / 2
''',
    (TORCH, "from torch import Tensor"),
)

#: By the name of the activation, the call; ``dim`` is the axis that the program has last.
_CALLS = {
    "relu": "F.relu({x})",
    "relu6": "F.relu6({x})",
    "leaky_relu": "F.leaky_relu({x}, 0.2)",
    "elu": "F.elu({x})",
    "selu": "F.selu({x})",
    "celu": "F.celu({x})",
    "gelu": "F.gelu({x})",
    "silu": "F.silu({x})",
    "mish": "F.mish({x})",
    "sigmoid": "torch.sigmoid({x})",
    "log_sigmoid": "F.logsigmoid({x})",
    "hard_sigmoid": "F.hardsigmoid({x})",
    "hard_silu": "F.hardswish({x})",
    "hard_tanh": "F.hardtanh({x})",
    "hard_shrink": "F.hardshrink({x})",
    "soft_shrink": "F.softshrink({x})",
    "softplus": "F.softplus({x})",
    "softsign": "F.softsign({x})",
    "softmax": "F.softmax({x}, dim={dim})",
    "log_softmax": "F.log_softmax({x}, dim={dim})",
    "tanh": "torch.tanh({x})",
    "tanh_shrink": "F.tanhshrink({x})",
    "exponential": "torch.exp({x})",
    "glu": "F.glu({x}, dim={dim})",
    "squareplus": "squareplus({x})",
}


def activated(writer: Writer, name: str, text: str, layout: Layout) -> str:
    """Return an activation applied to an expression whose axes are stored in ``layout``."""
    if name == "linear":
        return text
    form = _CALLS[name]
    ask(writer, form)
    last = len(layout) - 1
    return form.format(x=text, dim=-1 if layout[-1] == last else layout.index(last))


def function(writer: Writer, name: str, dim: int = -1) -> str:
    """Return an activation over an axis, the last one by default, as an expression that can be called."""
    if name == "linear":
        return "lambda x: x"
    form = _CALLS[name]
    ask(writer, form)
    if form.endswith("({x})"):
        return form.removesuffix("({x})")
    return "lambda x: " + form.format(x="x", dim=dim)


def ask(writer: Writer, form: str) -> None:
    """Ask for what a form uses: a helper, or an import."""
    if form.startswith("squareplus"):
        writer.helper(SQUAREPLUS)
    else:
        writer.use(TORCH if form.startswith("torch.") else FUNCTIONAL)
