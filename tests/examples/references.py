"""Reference models in PyTorch, built without weights, and the programs that are held against them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import neural
from neural.cost.report import Report
from tests.layers.torch_oracle import FlopCounterMode, torch

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from torch._subclasses.fake_tensor import FakeTensorMode

EXAMPLES = Path(__file__).parents[2] / "examples"


def source_of(name: str) -> str:
    return (EXAMPLES / f"{name}.neural").read_text(encoding="utf-8")


def report(name: str, network: str | None = None, batch: int = 1, **values: int) -> Report:
    """Return the report of an example as PyTorch counts: nothing is to be said about it."""
    found = neural.analyze(source_of(name), framework="pytorch", network=network, batch=batch, values=values)
    assert found.diagnostics == ()
    return found


def built(make: Callable[[], Any]) -> Any:
    """Return a module whose weights have shapes and no values."""
    with torch.device("meta"):
        return make().eval()


def whole(*shape: int) -> Any:
    """Return a tensor of whole numbers without values."""
    return torch.zeros(shape, dtype=torch.int64, device="meta")


def real(*shape: int) -> Any:
    """Return a tensor without values."""
    return torch.empty(shape, device="meta")


def owned(module: Any) -> tuple[int, int]:
    """Return how many parameters there are, in all and trainable, shared ones once."""
    weights = list(module.parameters())
    return sum(each.numel() for each in weights), sum(each.numel() for each in weights if each.requires_grad)


def flops(module: Any, *inputs: Any, **named: Any) -> int:
    """Return the FLOPs that FlopCounterMode counts on the meta device."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(*inputs, **named)
    return int(counter.get_total_flops())


def kept(module: Any, *inputs: Any, **named: Any) -> int:
    """Return the bytes of unique storages that a training step keeps on a CPU, parameters and buffers left out.

    Tensors are fake: each operation runs as on a CPU but computes nothing, so that a large model takes no time.
    """
    storages: dict[int, Any] = {}

    def keep(tensor: Any) -> Any:
        storages[tensor.untyped_storage()._cdata] = tensor.untyped_storage()
        return tensor

    with FakeTensorMode(allow_non_fake_inputs=True):
        module = module.to_empty(device="cpu").train()
        here = [torch.empty_like(each, device="cpu") for each in inputs]
        there = {name: torch.empty_like(each, device="cpu") for name, each in named.items()}
        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            result = module(*here, **there)
        own = {each.untyped_storage()._cdata for each in (*module.parameters(), *module.buffers())}
        total = sum(storage.nbytes() for key, storage in storages.items() if key not in own)
    del result
    return total
