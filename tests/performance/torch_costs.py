"""The same question to PyTorch: shapes, parameters, FLOPs and saved bytes of a generated model on the meta device."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from neural.compiler import Compiler

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import torch
    from torch.utils.flop_counter import FlopCounterMode


class TorchCosts(NamedTuple):
    """What PyTorch tells of one forward pass."""

    shapes: int
    parameters: int
    flops: int
    saved: int


def builder(source: str) -> Callable[[], Any]:
    """Return the function that builds the network of a program in PyTorch, its file having been imported."""
    scope: dict[str, Any] = {"__name__": "generated"}
    exec(compile(Compiler().generate(source, backend="pytorch"), "generated.py", "exec"), scope)
    build: Callable[[], Any] = scope["build_model"]
    return build


def torch_costs(build: Callable[[], Any], shape: tuple[int, ...]) -> TorchCosts:
    """Build a network on the meta device and run it once, with a hook a module and one for what backward needs."""
    shapes: list[Any] = []
    saved: dict[int, int] = {}

    def keep(tensor: Any) -> Any:
        saved[id(tensor)] = tensor.numel() * tensor.element_size()
        return tensor

    with torch.device("meta"):
        model = build()
    for module in model.modules():
        module.register_forward_hook(lambda _, __, made: shapes.append(getattr(made, "shape", None)))
    hooks = torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor)
    with FlopCounterMode(display=False) as counter, hooks:
        model(torch.empty((1, *shape), device="meta"))
    parameters = sum(each.numel() for each in model.parameters())
    return TorchCosts(len(shapes), parameters, counter.get_total_flops(), sum(saved.values()))
