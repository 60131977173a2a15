"""Losses and metrics in PyTorch: what Keras's compute of the variables ``output`` and ``target``.

A row is a function of a ``Head``. It gives statements, the last of which is the expression of the result; the axis of
classes is 1 for maps and volumes (their channels come first) and the last one otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from neural.code_generation.training import Head
from neural.code_generation.writer import Helper, literal
from neural.network import Setting

Lines = list[str]
Row = Callable[[Head, Mapping[str, Any]], Lines]

AUC = Helper(
    "auc",
    '''
def auc(scores: Tensor, target: Tensor) -> Tensor:
    """Return the area under the curve of true over false positives."""
    thresholds = torch.linspace(1, 0, 201, device=scores.device)[:, None]
    hits = (scores[target > 0.5] >= thresholds).float().mean(dim=1)
    alarms = (scores[target <= 0.5] >= thresholds).float().mean(dim=1)
    return torch.trapezoid(hits, alarms)
''',
)


def channels_first(shape: tuple[int, ...]) -> bool:
    """Whether the generated network stores tensors of this shape, that of one sample, with their channels first."""
    return len(shape) in (3, 4)


def loss(head: Head) -> Lines:
    """Return the loss of a batch."""
    return LOSSES[head.loss.name](head, head.loss.arguments)


def metric(head: Head, setting: Setting) -> Lines:
    """Return a metric over all samples."""
    return METRICS[head.metric(setting)](head, setting.arguments)


def _axis(head: Head) -> int:
    return 1 if channels_first(head.shape) else -1


def _only(expression: str) -> Row:
    return lambda head, given: [expression]


def _classes_second(head: Head, *names: str) -> Lines:
    """Return the statements that put the axis of classes where ``F.cross_entropy`` reads it."""
    if channels_first(head.shape) or len(head.shape) == 1:
        return []
    return [f"{name} = {name}.movedim(-1, 1)" for name in names]


def _shares(head: Head) -> Lines:
    """Return the statement that makes the results along the axis of classes add up to 1, unless they do."""
    whole = f"output / output.sum(dim={_axis(head)}, keepdim=True)"
    return [] if head.activation == "softmax" else [f"output = {whole}"]


def _sparse(head: Head, given: Mapping[str, Any]) -> Lines:
    if head.logits:
        return [*_classes_second(head, "output"), "F.cross_entropy(output, target)"]
    logarithm = "F.nll_loss(output.clamp_min(1e-7).log(), target)"
    return [*_shares(head), *_classes_second(head, "output"), logarithm]


def _categorical(head: Head, given: Mapping[str, Any]) -> Lines:
    smoothing = given.get("label_smoothing") or 0.0
    if head.logits:
        smoothed = f", label_smoothing={literal(smoothing)}" if smoothing else ""
        return [*_classes_second(head, "output", "target"), f"F.cross_entropy(output, target{smoothed})"]
    lines = _shares(head)
    if smoothing:
        lines.append(f"target = target * {literal(1 - smoothing)} + {literal(smoothing / head.shape[-1])}")
    return [*lines, f"-(target * output.clamp_min(1e-7).log()).sum(dim={_axis(head)}).mean()"]


def _binary(head: Head, given: Mapping[str, Any]) -> Lines:
    smoothing = given.get("label_smoothing") or 0.0
    lines = [f"target = target * {literal(1 - smoothing)} + {literal(smoothing / 2)}"] if smoothing else []
    function = "binary_cross_entropy_with_logits" if head.logits else "binary_cross_entropy"
    return [*lines, f"F.{function}(output, target)"]


def _huber(head: Head, given: Mapping[str, Any]) -> Lines:
    delta = given.get("delta", 1.0)
    return [f"F.huber_loss(output, target{'' if delta == 1 else f', delta={literal(delta)}'})"]


def _divergence(head: Head, given: Mapping[str, Any]) -> Lines:
    clamps = [f"{name} = {name}.clamp(1e-7, 1.0)" for name in ("output", "target")]
    return [*clamps, f"(target * (target / output).log()).sum(dim={_axis(head)}).mean()"]


def _hinge(head: Head, given: Mapping[str, Any]) -> Lines:
    return ["target = torch.where(target == 0, -1.0, target)", "(1 - target * output).clamp_min(0).mean()"]


def _log_cosh(head: Head, given: Mapping[str, Any]) -> Lines:
    return ["error = output - target", "(error + F.softplus(-2 * error) - math.log(2)).mean()"]


LOSSES: Mapping[str, Row] = {
    "sparse_categorical_crossentropy": _sparse,
    "categorical_crossentropy": _categorical,
    "binary_crossentropy": _binary,
    "mean_squared_error": _only("F.mse_loss(output, target)"),
    "mean_absolute_error": _only("F.l1_loss(output, target)"),
    "huber": _huber,
    "hinge": _hinge,
    "kl_divergence": _divergence,
    "poisson": _only("(output - target * (output + 1e-7).log()).mean()"),
    "cosine_similarity": lambda head, given: [f"-F.cosine_similarity(output, target, dim={_axis(head)}).mean()"],
    "log_cosh": _log_cosh,
}


def _threshold(head: Head) -> str:
    return literal(head.threshold) if head.threshold else "0"


def _agreement(head: Head, given: Mapping[str, Any]) -> Lines:
    return [f"hits = (output > {_threshold(head)}) == (target > 0.5)", "hits.float().mean()"]


def _accuracy(head: Head, given: Mapping[str, Any]) -> Lines:
    wanted = "target" if head.sparse else f"target.argmax(dim={_axis(head)})"
    return [f"hits = output.argmax(dim={_axis(head)}) == {wanted}", "hits.float().mean()"]


def _top(head: Head, given: Mapping[str, Any]) -> Lines:
    axis = _axis(head)
    wanted = f"target.unsqueeze({axis})" if head.sparse else f"target.argmax(dim={axis}, keepdim=True)"
    best = f"best = output.topk({min(given.get('k', 5), head.shape[-1])}, dim={axis}).indices"
    return [best, f"hits = (best == {wanted}).any(dim={axis})", "hits.float().mean()"]


def _share(of: str) -> Row:
    """Return the row of the share of hits among what is found (precision) or what there is (recall)."""

    def row(head: Head, given: Mapping[str, Any]) -> Lines:
        sets = [f"found = output > {_threshold(head)}", "there = target > 0.5"]
        return [*sets, f"(found & there).sum() / {of}.sum().clamp_min(1)"]

    return row


METRICS: Mapping[str, Row] = {
    "binary_accuracy": _agreement,
    "categorical_accuracy": _accuracy,
    "sparse_categorical_accuracy": _accuracy,
    "top_k_categorical_accuracy": _top,
    "sparse_top_k_categorical_accuracy": _top,
    "mean_squared_error": _only("F.mse_loss(output, target)"),
    "mean_absolute_error": _only("F.l1_loss(output, target)"),
    "root_mean_squared_error": _only("F.mse_loss(output, target).sqrt()"),
    "precision": _share("found"),
    "recall": _share("there"),
    "auc": lambda head, given: [f"auc(output{'' if head.threshold else '.sigmoid()'}, target)"],
}
