"""Recurrent layers written out for generated files: any activation, and dropout of the state by gate."""

from __future__ import annotations

from neural.code_generation.writer import Helper

_IMPORTS = ("import torch", "from collections.abc import Callable", "from torch import Tensor, nn")

RECURRENCE = Helper(
    "Recurrence",
    '''
class Recurrence(nn.Module):
    """Linear maps of the input and of the state, one each for every gate.

    Dropout masks the input and the state of each gate alike in all steps. States have an
    axis of size 1 before the batch, as those of nn.LSTM have.
    """

    def __init__(
        self,
        features: int,
        units: int,
        gates: int,
        bias: bool,
        state_bias: bool,
        dropout: float,
        recurrent_dropout: float,
    ) -> None:
        super().__init__()
        self.units = units
        self.inputs = nn.ModuleList(
            nn.Linear(features, units, bias=bias) for _ in range(gates)
        )
        self.states = nn.ModuleList(
            nn.Linear(units, units, bias=state_bias) for _ in range(gates)
        )
        self.dropout = nn.Dropout(dropout)
        self.recurrent_dropout = nn.Dropout(recurrent_dropout)

    def start(
        self, x: Tensor, state: Tensor | None
    ) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """Return the first state, the masks of the state, and the mapped inputs."""
        zeros = x.new_zeros(x.shape[0], self.units)
        h = zeros if state is None else state[0]
        masks = [self.recurrent_dropout(torch.ones_like(h)) for _ in self.states]
        ones = torch.ones_like(x[:, :1])
        return h, masks, [linear(x * self.dropout(ones)) for linear in self.inputs]
''',
    _IMPORTS,
)

SIMPLE = Helper(
    "SimpleRecurrence",
    '''
class SimpleRecurrence(Recurrence):
    """A recurrent layer without gates; gives all results and the last state."""

    def __init__(
        self,
        features: int,
        units: int,
        activation: Callable[[Tensor], Tensor],
        bias: bool = True,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
    ) -> None:
        super().__init__(features, units, 1, bias, False, dropout, recurrent_dropout)
        self.activation = activation

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        h, masks, inputs = self.start(x, state)
        results = []
        for step in inputs[0].unbind(1):
            h = self.activation(step + self.states[0](h * masks[0]))
            results.append(h)
        return torch.stack(results, dim=1), h.unsqueeze(0)
''',
    _IMPORTS,
    (RECURRENCE,),
)

LONG_SHORT = Helper(
    "LongShortRecurrence",
    '''
class LongShortRecurrence(Recurrence):
    """An LSTM with activations of its own; gives all results and the last states."""

    def __init__(
        self,
        features: int,
        units: int,
        activation: Callable[[Tensor], Tensor],
        gate: Callable[[Tensor], Tensor],
        bias: bool = True,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
    ) -> None:
        super().__init__(features, units, 4, bias, False, dropout, recurrent_dropout)
        self.activation, self.gate = activation, gate

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        h, masks, inputs = self.start(x, state[0] if state else None)
        memory = state[1][0] if state else h
        results = []
        for parts in zip(*(each.unbind(1) for each in inputs)):
            enter, forget, new, leave = (
                part + linear(h * mask)
                for part, linear, mask in zip(parts, self.states, masks)
            )
            memory = self.gate(forget) * memory
            memory = memory + self.gate(enter) * self.activation(new)
            h = self.gate(leave) * self.activation(memory)
            results.append(h)
        return torch.stack(results, dim=1), (h.unsqueeze(0), memory.unsqueeze(0))
''',
    _IMPORTS,
    (RECURRENCE,),
)

_GATED = '''
class {name}(Recurrence):
    """A GRU that resets {when} the recurrent product; gives all results and the last state."""

    def __init__(
        self,
        features: int,
        units: int,
        activation: Callable[[Tensor], Tensor],
        gate: Callable[[Tensor], Tensor],
        bias: bool = True,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
    ) -> None:
        super().__init__(features, units, 3, bias, {state_bias}, dropout, recurrent_dropout)
        self.activation, self.gate = activation, gate

    def forward(self, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        h, masks, inputs = self.start(x, state)
        results = []
        for parts in zip(*(each.unbind(1) for each in inputs)):
            update = self.gate(parts[0] + self.states[0](h * masks[0]))
            reset = self.gate(parts[1] + self.states[1](h * masks[1]))
            new = self.activation(parts[2] + {product})
            h = update * h + (1 - update) * new
            results.append(h)
        return torch.stack(results, dim=1), h.unsqueeze(0)
'''

GATED = Helper(
    "GatedRecurrence",
    _GATED.format(
        name="GatedRecurrence", when="after", state_bias="bias", product="reset * self.states[2](h * masks[2])"
    ),
    _IMPORTS,
    (RECURRENCE,),
)

GATED_RESET_BEFORE = Helper(
    "ResetBeforeRecurrence",
    _GATED.format(
        name="ResetBeforeRecurrence", when="before", state_bias="False", product="self.states[2](reset * h * masks[2])"
    ),
    _IMPORTS,
    (RECURRENCE,),
)

HELPERS = (RECURRENCE, SIMPLE, LONG_SHORT, GATED, GATED_RESET_BEFORE)
