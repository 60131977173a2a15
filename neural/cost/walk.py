"""The walk backwards over the layers that finds the peak of a training step, kept so that an edit changes parts of it.

Before a layer's backward pass its gradients are added, after it the storages that it alone still needed are freed. What
is held at each layer is thus a running sum, and the peak its largest value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import NamedTuple

from neural.cost.memory import Peak, kept_storages, own_bytes, precision, storage_bytes
from neural.records import dataclass
from neural.shape_propagation.plan import Plan, Step

Owned = tuple[int, int]
"""The parameters that a step owns, total and trainable."""


class Setting(NamedTuple):
    """Batch, compute type, and how many copies of the trainable weights the optimizer's state holds."""

    batch: int
    dtype: str
    slots: int


@dataclass(frozen=True, slots=True)
class Walk:
    """The gradients that each step adds and the bytes that it frees; sums of parameters, total and trainable."""

    setting: Setting
    keys: tuple[str, ...]
    numbers: Mapping[str, int]
    """By step, its number."""
    gains: list[int]
    losses: list[int]
    changes: list[int]
    """What is held before all layers, and from layer to layer, backwards, how it changes."""
    owned: Owned
    freed: Mapping[str, Sequence[str]]
    """By step, the storages that its backward pass frees."""
    freed_at: Mapping[str, int]
    """By storage, the number of that step."""
    is_plain: bool
    """Whether no weights are shared or tied, so that each step's gradients are its own."""

    def peak(self) -> Peak:
        """Return what is held at the worst moment; of equal ones, the first on the way back."""
        held = list(accumulate(self.changes))
        most = max(held)
        index = held.index(most)
        number = len(self.keys) - index
        gradients = sum(self.gains[number:])
        sizes = precision(self.setting.dtype)
        total, trainable = self.owned
        return Peak(
            weights=total * sizes.weight,
            master=trainable * sizes.master,
            state=trainable * self.setting.slots * sizes.state,
            activations=most - gradients,
            gradients=gradients,
            during=self.keys[number] if index else None,
        )

    def again(self, before: Plan, after: Plan, changed: Mapping[int, tuple[Owned, Owned]]) -> Walk | None:
        """Return the walk over another plan of the same wiring; None where it keeps other storages than before.

        ``changed`` has the numbers of the steps that differ, with what they owned and own now.
        """
        if not self.is_plain or any(_keeps(before.steps[each]) != _keeps(after.steps[each]) for each in changed):
            return None
        result = replace(self, gains=self.gains.copy(), losses=self.losses.copy(), changes=self.changes.copy())
        gradient = precision(self.setting.dtype).gradient
        for number, (_, owned) in changed.items():
            result._gain(number, owned[1] * gradient)
        freeing = {self.freed_at.get(after.steps[each].key, each) for each in changed}
        for number in freeing | changed.keys():
            loss = self._loss(after, number)
            if loss is None:
                return None
            result._lose(number, loss)
        more = [sum(now[part] - then[part] for then, now in changed.values()) for part in (0, 1)]
        return replace(result, owned=(self.owned[0] + more[0], self.owned[1] + more[1]))

    def _loss(self, plan: Plan, number: int) -> int | None:
        """Return the bytes that a step's backward pass frees; None where a size is unknown."""
        facts = plan.steps[number].facts
        if facts is None or facts.saved is None:
            return None
        total = own_bytes(facts.saved, self.setting.batch, self.setting.dtype)
        for name in self.freed.get(self.keys[number], ()):
            size = storage_bytes(self._maker(plan, name), self.setting.batch, self.setting.dtype)
            if size is None:
                return None
            total += size
        return total

    def _maker(self, plan: Plan, name: str) -> Step:
        number = self.numbers.get(name)
        return plan.steps[number] if number is not None else next(each for each in plan.inputs if each.key == name)

    def _gain(self, number: int, gain: int) -> None:
        self.changes[len(self.keys) - number] += gain - self.gains[number]
        self.gains[number] = gain

    def _lose(self, number: int, loss: int) -> None:
        more = loss - self.losses[number]
        self.changes[0] += more
        if number:
            self.changes[len(self.keys) - number + 1] -= more
        self.losses[number] = loss


def _keeps(step: Step) -> tuple[bool, bool, bool] | None:
    """Return which storages a step keeps, and whether it makes one; None where that is unknown."""
    if step.facts is None or step.facts.saved is None:
        return None
    return step.facts.saved.inputs, step.facts.saved.output, step.layer.is_view()


def walk(plan: Plan, setting: Setting, owned: Mapping[str, Owned]) -> Walk | None:
    """Return the walk over a plan, or None when it depends on an unknown size.

    ``owned`` are the parameters of each step that is known, in the view of a framework.
    """
    kept = kept_storages(plan, setting.batch, setting.dtype)
    if kept is None:
        return None
    gains = _gains(plan, owned, precision(setting.dtype).gradient)
    losses = [
        kept.own.get(step.node.key, 0) + sum(kept.sizes[name] for name in kept.freed_by.get(step.node.key, ()))
        for step in plan.steps
    ]
    numbers = {step.node.key: number for number, step in enumerate(plan.steps)}
    freed_later = [0, *reversed(losses)][: len(losses)]
    changes = [sum(losses), *(gain - loss for gain, loss in zip(reversed(gains), freed_later, strict=True))]
    return Walk(
        setting=setting,
        keys=tuple(numbers),
        numbers=numbers,
        gains=gains,
        losses=losses,
        changes=changes,
        owned=(sum(each[0] for each in owned.values()), sum(each[1] for each in owned.values())),
        freed=kept.freed_by,
        freed_at={
            name: number for number, step in enumerate(plan.steps) for name in kept.freed_by.get(step.node.key, ())
        },
        is_plain=all(step.node.shared is None and step.tied_to is None for step in plan.steps),
    )


def _gains(plan: Plan, owned: Mapping[str, Owned], gradient: int) -> list[int]:
    """Return the bytes of gradients that each step adds: those of weights at the first user that the walk meets."""
    names = {step.node.key: f"shared {step.node.shared}" if step.node.shared else step.node.key for step in plan.steps}
    left = {names[step.node.key]: owned[step.node.key][1] for step in plan.steps if step.facts and step.owns_weights}
    gains = []
    for step in reversed(plan.steps):
        used = [names[key] for key in (step.node.key, step.tied_to) if key is not None] if step.facts else []
        gains.append(sum(left.pop(name, 0) for name in used) * gradient)
    return gains[::-1]
