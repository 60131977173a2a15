"""The losses, optimizers, schedules and metrics that programs may name, with their arguments, as Keras 3 has them.

Sources: https://keras.io/api/losses/, https://keras.io/api/optimizers/, https://keras.io/api/metrics/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from neural.errors import RuleError
from neural.layers.fields import Argument, Choice, Flag, Integer, Real, show
from neural.records import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A loss, an optimizer, a schedule or a metric: its canonical name, other spellings, and its arguments."""

    name: str
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    slots: int = 0
    """For an optimizer: copies of the trainable weights that its state holds."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A learning rate: a number above 0, or a schedule."""

    @property
    def words(self) -> str:
        return "a number above 0, or a schedule such as ExponentialDecay(0.1, 1000, 0.96)"

    def read(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise RuleError(f"expected {self.words}, got {show(value)}")
        return float(value)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A list of numbers."""

    @property
    def words(self) -> str:
        return "a list of numbers"

    def read(self, value: Any) -> tuple[float, ...]:
        numbers = value if isinstance(value, list | tuple) else ()
        if not numbers or any(isinstance(each, bool) or not isinstance(each, int | float) for each in numbers):
            raise RuleError(f"expected {self.words}, got {show(value)}")
        return tuple(numbers)


def _entries(*entries: Entry) -> dict[str, Entry]:
    return {entry.name: entry for entry in entries}


_LOGITS = {"from_logits": Argument(Flag(), "Whether the network's results are logits.", False)}
_SMOOTHING = {
    "label_smoothing": Argument(Real(0, 1), "How far targets are drawn from 0 and 1 towards the middle.", 0.0)
}

LOSSES: Mapping[str, Entry] = _entries(
    Entry("sparse_categorical_crossentropy", _LOGITS),
    Entry("categorical_crossentropy", {**_LOGITS, **_SMOOTHING}, aliases=("cross_entropy", "crossentropy")),
    Entry("binary_crossentropy", {**_LOGITS, **_SMOOTHING}, aliases=("bce",)),
    Entry("mean_squared_error", aliases=("mse",)),
    Entry("mean_absolute_error", aliases=("mae",)),
    Entry("huber", {"delta": Argument(Real(0, open_low=True), "Where the loss turns linear.", 1.0)}, ("huber_loss",)),
    Entry("hinge"),
    Entry("kl_divergence", aliases=("kld", "kullback_leibler_divergence")),
    Entry("poisson"),
    Entry("cosine_similarity"),
    Entry("log_cosh", aliases=("logcosh",)),
)

METRICS: Mapping[str, Entry] = _entries(
    Entry("accuracy", aliases=("acc",)),
    Entry("binary_accuracy"),
    Entry("categorical_accuracy"),
    Entry("sparse_categorical_accuracy"),
    Entry("top_k_categorical_accuracy", {"k": Argument(Integer(1), "How many of the best are looked at.", 5)}),
    Entry("sparse_top_k_categorical_accuracy", {"k": Argument(Integer(1), "How many of the best are looked at.", 5)}),
    Entry("mean_squared_error", aliases=("mse",)),
    Entry("mean_absolute_error", aliases=("mae",)),
    Entry("root_mean_squared_error", aliases=("rmse",)),
    Entry("precision"),
    Entry("recall"),
    Entry("auc"),
)


def _rate(default: float) -> dict[str, Argument]:
    return {"learning_rate": Argument(Rate(), "Step size, or a schedule of it.", default, ("lr",))}


_DECAY = {"weight_decay": Argument(Real(0, optional=True), "Decoupled weight decay; none is 0.", None)}
_CLIP = {
    "clipnorm": Argument(Real(0, open_low=True, optional=True), "Largest norm of each gradient.", None),
    "clipvalue": Argument(Real(0, open_low=True, optional=True), "Largest size of each gradient's values.", None),
    "global_clipnorm": Argument(Real(0, open_low=True, optional=True), "Largest norm of all gradients.", None),
}


def _fraction(default: float, doc: str) -> Argument:
    return Argument(Real(0, 1, open_high=True), doc, default)


def _epsilon(default: float) -> dict[str, Argument]:
    return {"epsilon": Argument(Real(0, open_low=True), "Added to a divisor to keep it from 0.", default, ("eps",))}


def _betas(second: float = 0.999) -> dict[str, Argument]:
    return {
        "beta_1": _fraction(0.9, "Decay of the mean of gradients."),
        "beta_2": _fraction(second, "Decay of the mean of their squares."),
    }


_AMSGRAD = {"amsgrad": Argument(Flag(), "Whether to keep the largest second moment.", False)}
_MOMENTUM = {
    "momentum": Argument(Real(0, 1), "Part of the last step that is kept.", 0.0),
    "nesterov": Argument(Flag(), "Whether to look ahead along the momentum.", False),
}

OPTIMIZERS: Mapping[str, Entry] = _entries(
    Entry("SGD", {**_rate(0.01), **_MOMENTUM, **_DECAY, **_CLIP}, slots=0),
    Entry("Adam", {**_rate(0.001), **_betas(), **_epsilon(1e-7), **_AMSGRAD, **_DECAY, **_CLIP}, slots=2),
    Entry(
        "AdamW",
        {
            **_rate(0.001),
            "weight_decay": Argument(Real(0), "Decoupled weight decay.", 0.004),
            **_betas(),
            **_epsilon(1e-7),
            **_AMSGRAD,
            **_CLIP,
        },
        slots=2,
    ),
    Entry("Adamax", {**_rate(0.001), **_betas(), **_epsilon(1e-7), **_DECAY, **_CLIP}, slots=2),
    Entry("Nadam", {**_rate(0.001), **_betas(), **_epsilon(1e-7), **_DECAY, **_CLIP}, slots=2),
    Entry(
        "RMSprop",
        {
            **_rate(0.001),
            "rho": _fraction(0.9, "Decay of the mean of squared gradients."),
            "momentum": _MOMENTUM["momentum"],
            **_epsilon(1e-7),
            "centered": Argument(Flag(), "Whether to divide by the variance.", False),
            **_DECAY,
            **_CLIP,
        },
        slots=1,
    ),
    Entry(
        "Adagrad",
        {
            **_rate(0.001),
            "initial_accumulator_value": Argument(Real(0), "Where the sum of squares begins.", 0.1),
            **_epsilon(1e-7),
            **_DECAY,
            **_CLIP,
        },
        slots=1,
    ),
    Entry(
        "Adadelta",
        {**_rate(0.001), "rho": _fraction(0.95, "Decay of the means."), **_epsilon(1e-7), **_DECAY, **_CLIP},
        slots=2,
    ),
)

_INITIAL = {"initial_learning_rate": Argument(Real(0, open_low=True), "Learning rate at the start.")}
_STEPS = {"decay_steps": Argument(Integer(1), "Steps over which it decays.")}
_DECAY_RATE = {"decay_rate": Argument(Real(0, open_low=True), "Factor of the decay.")}
_STAIRCASE = {"staircase": Argument(Flag(), "Whether to decay in whole steps.", False)}

SCHEDULES: Mapping[str, Entry] = _entries(
    Entry("ExponentialDecay", {**_INITIAL, **_STEPS, **_DECAY_RATE, **_STAIRCASE}),
    Entry("InverseTimeDecay", {**_INITIAL, **_STEPS, **_DECAY_RATE, **_STAIRCASE}),
    Entry(
        "PolynomialDecay",
        {
            **_INITIAL,
            **_STEPS,
            "end_learning_rate": Argument(Real(0), "Learning rate at the end.", 0.0001),
            "power": Argument(Real(0, open_low=True), "Power of the polynomial.", 1.0),
            "cycle": Argument(Flag(), "Whether to begin anew beyond the steps.", False),
        },
    ),
    Entry(
        "CosineDecay",
        {
            **_INITIAL,
            **_STEPS,
            "alpha": Argument(Real(0, 1), "Least learning rate, as a part of the first.", 0.0),
            "warmup_target": Argument(Real(0, open_low=True, optional=True), "Learning rate after warm-up.", None),
            "warmup_steps": Argument(Integer(0), "Steps of the warm-up.", 0),
        },
    ),
    Entry(
        "CosineDecayRestarts",
        {
            **_INITIAL,
            "first_decay_steps": Argument(Integer(1), "Steps of the first period."),
            "t_mul": Argument(Real(0, open_low=True), "Growth of each period.", 2.0),
            "m_mul": Argument(Real(0, open_low=True), "Factor of each period's first rate.", 1.0),
            "alpha": Argument(Real(0, 1), "Least learning rate, as a part of the first.", 0.0),
        },
    ),
    Entry(
        "PiecewiseConstantDecay",
        {
            "boundaries": Argument(Numbers(), "Steps at which the rate changes."),
            "values": Argument(Numbers(), "The rates, one more than the boundaries."),
        },
    ),
)

#: The keys of `train { … }`.
TRAIN: Mapping[str, Argument] = {
    "epochs": Argument(Integer(1), "Passes over the data.", 1),
    "batch_size": Argument(Integer(1), "Samples in a step.", 32),
    "validation_split": Argument(Real(0, 1, open_high=True), "Part of the data held out.", 0.0),
    "shuffle": Argument(Flag(), "Whether to shuffle the data in each epoch.", True),
    "seed": Argument(Integer(0), "Seed of every random choice.", 0),
    "search_method": Argument(
        Choice(("random", "grid", "bayesian", "tpe", "hyperband", "evolutionary")), "How search values are tried."
    ),
    "trials": Argument(Integer(1), "How many points of the search space are tried.", 20),
}

PRECISION = Choice(
    ("auto", "float32", "float64", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16"),
    synonyms=(("mixed", "mixed_float16"), ("fp32", "float32"), ("fp16", "float16"), ("bf16", "bfloat16")),
)


def find_entry(entries: Mapping[str, Entry], name: str) -> Entry | None:
    """Return the entry of a name: any case, an alias, or the name without its underscores (``MeanSquaredError``)."""
    wanted = name.lower().replace("_", "")
    for entry in entries.values():
        if wanted in {each.lower().replace("_", "") for each in (entry.name, *entry.aliases)}:
            return entry
    return None
