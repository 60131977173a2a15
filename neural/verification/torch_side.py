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
    recorder = Recorder([Probe(*each) for each in job["probes"]], _taken)
    model = _model(job["source"], job["probes"], recorder, arrays)
    inputs = [_tensor(arrays[name], order) for name, order in job["inputs"]]
    with torch.no_grad():
        results = _several(model.eval()(*inputs))
    answer: dict[str, Any] = {
        "results": recorder.seen,
        "outputs": [sketch(_program(each, order)) for each, order in zip(results, job["outputs"], strict=True)],
        "parameters": _counts(model, job["owners"]),
    }
    if job["training"]:
        model = _model(job["training"], [], recorder, arrays)
        answer |= _step(model.train(), inputs, job, arrays)
    return answer


def _model(source: str, probes: Sequence[Any], recorder: Recorder, arrays: Mapping[str, Array]) -> Any:
    torch = get_module("torch")
    tree = instrumented(check(source), [Probe(*each) for each in probes])
    scope: dict[str, Any] = {"__name__": "generated", "_probe": recorder}
    exec(compile(tree, "generated.py", "exec"), scope)
    model = scope["build_model"]().double()
    state = {
        name.removeprefix("state/"): torch.from_numpy(array)
        for name, array in arrays.items()
        if name.startswith("state/")
    }
    missing, unexpected = model.load_state_dict(state, strict=False)
    lost = [name for name in missing if not name.endswith("num_batches_tracked")]
    if lost or unexpected:
        raise ValueError(f"the weights do not fit: missing {lost[:3]}, unexpected {unexpected[:3]}")
    return model


def _step(model: Any, inputs: Sequence[Any], job: Mapping[str, Any], arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Return gradients of a sum over the outputs with fixed weights, and the statistics that training moved."""
    torch = get_module("torch")
    total = 0.0
    for index, (result, order) in enumerate(zip(_several(model(*inputs)), job["outputs"], strict=True)):
        total = total + (result * _tensor(arrays[f"cotangent/{index}"], order)).sum()
    total.backward()  # type: ignore[attr-defined]
    gradients = {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}
    state = {name: tensor for name, tensor in model.state_dict().items() if name not in gradients}
    with torch.no_grad():
        return {
            "gradients": _projected(gradients, "direction/", job["owners"], arrays),
            "statistics": _projected(state, "moved/", job["owners"], arrays),
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
