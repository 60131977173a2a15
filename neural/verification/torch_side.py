"""A verification job in PyTorch: what the generated network computes, told in the program's order of axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from neural.lazy import get_module
from neural.verification.allowlist import check
from neural.verification.probing import Probe, Recorder, instrumented, sketch

Array = Any


def load() -> dict[str, str]:
    """Import the framework; return its release."""
    torch = get_module("torch")
    return {"PyTorch": torch.__version__.partition("+")[0]}


def run(job: Mapping[str, Any], arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Return what the network of a job computes: results, counts and gradients by key."""
    torch = get_module("torch")
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    recorder = Recorder([Probe(*each) for each in job["probes"]], _taken)
    model = _model(job["source"], job["probes"], recorder, "state/", arrays)
    inputs = [_tensor(arrays[name], order) for name, order in job["inputs"]]
    answer: dict[str, Any] = {"results": recorder.seen, "parameters": _counts(model, job["owners"])}
    try:
        with torch.no_grad():
            results = _several(model.eval()(*inputs))
        answer["outputs"] = [sketch(_program(each, order)) for each, order in zip(results, job["outputs"], strict=True)]
        if job["training"]:
            model = _model(job["training"], [], recorder, "training/", arrays)
            answer |= _step(model.train(), inputs, job, arrays)
    except (RuntimeError, ValueError, IndexError, TypeError) as error:  # as far as it went, it can be compared
        if "not enough memory" in str(error) or "can't allocate memory" in str(error):
            return {"error": "memory"}
        answer["failed"] = f"{type(error).__name__}: {error}"
    return answer


def _model(source: str, probes: Sequence[Any], recorder: Recorder, kind: str, arrays: Mapping[str, Array]) -> Any:
    """Return the built network with the weights of a kind."""
    torch = get_module("torch")
    tree = instrumented(check(source), [Probe(*each) for each in probes])
    scope: dict[str, Any] = {"__name__": "generated", "_probe": recorder}
    exec(compile(tree, "generated.py", "exec"), scope)
    model = scope["build_model"]().double()
    with torch.no_grad():  # what does not fit is left, and shows as a difference of its layer
        for name, tensor in model.state_dict().items():
            array = arrays.get(f"{kind}{name}")
            if array is not None and array.shape == tuple(tensor.shape):
                tensor.copy_(torch.from_numpy(array))
    return model


def _step(model: Any, inputs: Sequence[Any], job: Mapping[str, Any], arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Return gradients of a sum over the outputs with fixed weights, and the statistics that training moved."""
    torch = get_module("torch")
    total = 0.0
    for index, (result, order) in enumerate(zip(_several(model(*inputs)), job["outputs"], strict=True)):
        total = total + (result * _tensor(arrays[f"cotangent/{index}"], order)).sum()
    if getattr(total, "requires_grad", False):
        total.backward()  # type: ignore[attr-defined]
    gradients = {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}
    state = {name: tensor for name, tensor in model.state_dict().items() if name not in gradients}
    with torch.no_grad():
        return {
            "gradients": _projected(gradients, "direction/", job["training_owners"], arrays),
            "statistics": _projected(state, "moved/", job["training_owners"], arrays),
        }


def _projected(
    tensors: Mapping[str, Any], kind: str, owners: Mapping[str, str], arrays: Mapping[str, Array]
) -> dict[str, list[float]]:
    """Return, by key, the inner product with the directions, and the length, of what each layer has."""
    torch = get_module("torch")
    found: dict[str, list[float]] = {}
    for name, tensor in tensors.items():
        direction = arrays.get(f"{kind}{name}")
        if direction is not None:
            sums = found.setdefault(owners[name], [0.0, 0.0])
            sums[0] += float((tensor * torch.from_numpy(direction)).sum())
            sums[1] += float((tensor * tensor).sum())
    return {key: [inner, square**0.5] for key, (inner, square) in found.items()}


def _counts(model: Any, owners: Mapping[str, str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name, weight in model.named_parameters():
        key = owners.get(name, "")
        counts[key] = counts.get(key, 0) + weight.numel()
    return counts


def _several(result: Any) -> Sequence[Any]:
    return result if isinstance(result, tuple) else (result,)


def _tensor(array: Array, order: Sequence[int]) -> Any:
    return get_module("torch").from_numpy(array.transpose(order).copy())


def _program(tensor: Any, order: Sequence[int]) -> Array:
    numpy = get_module("numpy")
    return tensor.detach().numpy().transpose(numpy.argsort(order))


def _taken(tensor: Any, order: Sequence[int]) -> dict[str, Any]:
    return sketch(_program(tensor, order))
