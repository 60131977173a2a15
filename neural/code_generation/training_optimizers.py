"""Optimizers and schedules in PyTorch, with Keras's meaning and defaults.

(Epsilon alone stands elsewhere in some of PyTorch's formulas, which no argument can change.)
Keras's weight decay is decoupled from the gradient in every optimizer (https://arxiv.org/abs/1711.05101), and its
schedules are functions of the step, counted from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from neural.code_generation.writer import Code, call, literal
from neural.network import Setting
from neural.training_names import OPTIMIZERS

#: Optimizers by PyTorch's name.
CLASSES: Mapping[str, str] = {
    "SGD": "SGD",
    "Adam": "Adam",
    "AdamW": "AdamW",
    "Adamax": "Adamax",
    "Nadam": "NAdam",
    "RMSprop": "RMSprop",
    "Adagrad": "Adagrad",
    "Adadelta": "Adadelta",
}
_SAME = ("momentum", "nesterov", "amsgrad", "centered", "initial_accumulator_value")
#: Those that decouple weight decay in PyTorch too.
_DECOUPLED = frozenset({"Adam", "AdamW", "Nadam"})


def optimizer_call(setting: Setting) -> str:
    """Return the call of PyTorch's optimizer, with Keras's defaults where PyTorch's differ."""
    entry = OPTIMIZERS[setting.name]
    given = {name: argument.default for name, argument in entry.arguments.items()} | dict(setting.arguments)
    rate = given["learning_rate"]
    named: dict[str, Any] = {"lr": Code("learning_rate(0)") if isinstance(rate, Setting) else rate}
    name = CLASSES[setting.name]
    if (given.get("beta_1", 0.9), given.get("beta_2", 0.999)) != (0.9, 0.999):
        named["betas"] = (given["beta_1"], given["beta_2"])
    if "rho" in given:
        named["alpha" if name == "RMSprop" else "rho"] = given["rho"]
    if "epsilon" in given:
        named["eps"] = given["epsilon"]
    named |= {key: given[key] for key in _SAME if given.get(key)}
    if name == "NAdam":
        named["momentum_decay"] = 1.0
    if given.get("weight_decay") and setting.name in _DECOUPLED:
        name = "AdamW" if name == "Adam" else name
        named["weight_decay"] = given["weight_decay"]
        named |= {"decoupled_weight_decay": True} if name == "NAdam" else {}
    return call(f"torch.optim.{name}", (Code("model.parameters()"),), named)


def decay_of(setting: Setting) -> float | None:
    """Return the weight decay that PyTorch's optimizer does not do by itself."""
    decay = setting.arguments.get("weight_decay")
    return decay if decay and setting.name not in _DECOUPLED else None


def clipping(setting: Setting) -> Iterator[str]:
    """Yield the statements that clip gradients."""
    given = setting.arguments
    if given.get("clipvalue"):
        yield f"nn.utils.clip_grad_value_(model.parameters(), {literal(given['clipvalue'])})"
    if given.get("global_clipnorm"):
        yield f"nn.utils.clip_grad_norm_(model.parameters(), {literal(given['global_clipnorm'])})"
    if given.get("clipnorm"):
        yield "for weight in model.parameters():"
        yield f"    nn.utils.clip_grad_norm_(weight, {literal(given['clipnorm'])})"


def schedule(setting: Setting) -> list[str]:
    """Return the statements that compute the learning rate of ``step``, counted from 0."""
    return SCHEDULES[setting.name]({key: value for key, value in setting.arguments.items() if value is not None})


Given = Mapping[str, Any]


def _progress(given: Given) -> str:
    return f"step // {given['decay_steps']}" if given.get("staircase") else f"step / {given['decay_steps']}"


def _exponential(given: Given) -> list[str]:
    initial, rate = literal(given["initial_learning_rate"]), literal(given["decay_rate"])
    return [f"return {initial} * {rate} ** ({_progress(given)})"]


def _inverse(given: Given) -> list[str]:
    initial, rate = literal(given["initial_learning_rate"]), literal(given["decay_rate"])
    return [f"return {initial} / (1 + {rate} * ({_progress(given)}))"]


def _polynomial(given: Given) -> list[str]:
    initial, end = given["initial_learning_rate"], given.get("end_learning_rate", 0.0001)
    steps, power = given["decay_steps"], given.get("power", 1.0)
    if given.get("cycle"):
        progress = f"progress = step / ({steps} * max(math.ceil(step / {steps}), 1))"
    else:
        progress = f"progress = min(step / {steps}, 1)"
    raised = "(1 - progress)" if power == 1 else f"(1 - progress) ** {literal(power)}"
    return [progress, f"return {literal(initial - end)} * {raised} + {literal(end)}"]


def _cosine(given: Given) -> list[str]:
    initial, target = given["initial_learning_rate"], given.get("warmup_target")
    warmup, alpha = given.get("warmup_steps", 0), given.get("alpha", 0.0)
    peak = initial if target is None else target
    warm = target is not None and warmup
    lines = []
    if warm:
        lines += [
            f"if step < {warmup}:",
            f"    return {literal(initial)} + {literal(peak - initial)} * step / {warmup}",
        ]
    passed = f"(step - {warmup})" if warm else "step"
    lines.append(f"progress = min({passed} / {given['decay_steps']}, 1)")
    return [*lines, *_from_cosine(literal(peak), alpha)]


def _from_cosine(peak: str, alpha: float, factor: str = "") -> list[str]:
    lines = [f"cosine = {factor}(1 + math.cos(math.pi * progress)) / 2"]
    scale = f"({literal(1 - alpha)} * cosine + {literal(alpha)})" if alpha else "cosine"
    return [*lines, f"return {peak} * {scale}"]


def _restarts(given: Given) -> list[str]:
    growth, factor = given.get("t_mul", 2.0), given.get("m_mul", 1.0)
    lines = [
        f"period, factor = {given['first_decay_steps']}, 1",
        "while step >= period:",
        f"    step, period, factor = step - period, period * {literal(growth)}, factor * {literal(factor)}",
        "progress = step / period",
    ]
    return [*lines, *_from_cosine(literal(given["initial_learning_rate"]), given.get("alpha", 0.0), "factor * ")]


def _piecewise(given: Given) -> list[str]:
    boundaries, values = list(given["boundaries"]), list(given["values"])
    return [
        f"boundaries = {literal(boundaries)}",
        f"values = {literal(values)}",
        "return values[sum(step > boundary for boundary in boundaries)]",
    ]


SCHEDULES: Mapping[str, Callable[[Given], list[str]]] = {
    "ExponentialDecay": _exponential,
    "InverseTimeDecay": _inverse,
    "PolynomialDecay": _polynomial,
    "CosineDecay": _cosine,
    "CosineDecayRestarts": _restarts,
    "PiecewiseConstantDecay": _piecewise,
}
