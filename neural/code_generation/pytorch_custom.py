"""Layers of the program's own: a class to fill in, called with the arguments of the program; and its lambdas."""

from __future__ import annotations

from typing import cast

from neural.code_generation import lambdas
from neural.code_generation.emitter import UnsupportedError
from neural.code_generation.pytorch_layout import native, program
from neural.code_generation.pytorch_site import FUNCTIONAL, TORCH, Site, Value
from neural.code_generation.writer import Helper
from neural.layers.custom import Custom, class_name, given_settings
from neural.layers.lambdas import Lambda
from neural.shape_propagation.plan import Plan

_SOURCE = '''
class {name}(nn.Module):
    """A layer to fill in; it reads maps and volumes with their channels first.

    Without ``output_shape`` it returns its first input as it is.
    """

    def __init__(
        self, output_shape: tuple[int, ...] | None = None, **settings: object
    ) -> None:
        super().__init__()
        self.output_shape = output_shape
        self.settings = settings

    def forward(self, x: Tensor, *others: Tensor) -> Tensor:
        if self.output_shape is None:
            return x
        raise NotImplementedError("{name}.forward is to be filled in")
'''


def types(plan: Plan) -> list[str]:
    """Return the names of the classes that a plan's custom layers need."""
    return [class_name(step.node.layer) for step in plan.steps if isinstance(step.node.layer, Custom)]


def custom(site: Site) -> Value:
    """Declare the layer's class, and call it with every tensor it reads."""
    layer = cast(Custom, site.layer)
    name = class_name(layer)
    site.helper(Helper(name, _SOURCE.format(name=name), ("from torch import Tensor, nn",)))
    module = site.declare(name, (), given_settings(layer))
    tensors = ", ".join(tensor.to(native(tensor.rank)) for tensor in site.inputs)
    return Value(f"{module}({tensors})", native(site.rank))


_IMPORTS = {"torch": TORCH, "F": FUNCTIONAL, "math": "import math"}


def written_lambda(site: Site) -> Value:
    """Return the lambda's own expression, over the tensor with its axes in the program's order."""
    layer = cast(Lambda, site.layer)
    used = lambdas.packages(layer)
    if used - set(_IMPORTS):
        names = " and ".join(sorted(used - set(_IMPORTS)))
        raise UnsupportedError(
            f"this lambda calls functions of {names}",
            "for PyTorch write it with torch and F (torch.nn.functional), or generate code for TensorFlow",
            "function",
        )
    site.use(*(_IMPORTS[name] for name in used))
    text = site.input.to(program(site.input.rank))
    variable = text if text.isidentifier() else site.hold(text)
    return Value(lambdas.body(layer, variable), program(site.rank))
