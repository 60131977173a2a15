"""Recurrent layers made of cells: one cell, or several on top of each other, at every step of a sequence."""

from __future__ import annotations

from typing import Any, ClassVar, final

from neural.layers.base import UNBOUNDED, Inputs, Layer, Saved, Weight, require_known, require_rank
from neural.layers.cells import Cell, one_step
from neural.layers.fields import LayerValue, argument, wrong
from neural.layers.recurrent import Loop, go_backwards, return_sequences, return_state
from neural.records import dataclass
from neural.shapes import Shape

_CELLS = ("SimpleRNNCell", "LSTMCell", "GRUCell")


@final
@dataclass(frozen=True, slots=True)
class CellList(LayerValue):
    """A list of cells, the first of which reads the input."""

    types: tuple[str, ...] = _CELLS

    @property
    def words(self) -> str:
        return "a list of cells, each one of " + ", ".join(self.types)

    def read(self, value: Any) -> Any:
        if not isinstance(value, tuple | list) or not value:
            raise wrong(self, value)
        return tuple(LayerValue.read(self, each) for each in value)


@final
@dataclass(frozen=True, slots=True)
class CellOrList(LayerValue):
    """A cell, or a list of them, which is read as ``StackedRNNCells``."""

    types: tuple[str, ...] = (*_CELLS, "StackedRNNCells")

    @property
    def words(self) -> str:
        return "a cell or a list of them, each one of " + ", ".join(self.types)

    def read(self, value: Any) -> Any:
        if isinstance(value, tuple | list):
            return StackedRNNCells(CellList().read(value))
        return LayerValue.read(self, value)


@final
@dataclass(frozen=True, slots=True)
class StackedRNNCells(Layer):
    """One step of several cells on top of each other, from states of zeros.

    Shape: (features) -> (units of the last cell)
    Example: `network Net { input: (32,)  layers: StackedRNNCells([LSTMCell(64), LSTMCell(16)]) }`
    Source: https://keras.io/api/layers/recurrent_layers/stacked_rnn_cells/
    """

    ops_per_output: ClassVar[int] = 17

    cells: tuple[Cell, ...] = argument(CellList(), "The cells, from the input on.")

    @property
    def sequence(self) -> RNN:
        """The layer that applies these cells to every step."""
        return RNN(self)

    def output_shape(self, inputs: Inputs) -> Shape:
        for cell in self.cells:
            inputs = (cell.output_shape(inputs),)
        return inputs[0]

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        return self.sequence.weights(one_step(inputs))

    def cell_flops(self, inputs: Inputs) -> int:
        """Return the FLOPs of its cells."""
        return self.sequence.cell_flops(one_step(inputs))

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """cell flops; the FLOPs of all its cells."""
        return self.cell_flops(inputs)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """What its cells keep."""
        return self.sequence.saved(one_step(inputs), output)


@final
@dataclass(frozen=True, slots=True)
class RNN(Loop):
    """Applies a cell to every step of a sequence, or several cells on top of each other.

    Its states are those of the cells, in their order.

    Shape: (steps, features), states -> (units), or (steps, units) with return_sequences; then the states
    Example: `network Net { input: (20, 32)  layers: RNN([LSTMCell(64), LSTMCell(16)]) }`
    Source: https://keras.io/api/layers/recurrent_layers/rnn/
    """

    arity: ClassVar[tuple[int, int]] = (1, UNBOUNDED)
    ops_per_output: ClassVar[int] = 17

    cell: Cell | StackedRNNCells = argument(CellOrList(), "The cell, or a list of cells from the input on.")
    return_sequences: bool = return_sequences()
    return_state: bool = return_state()
    go_backwards: bool = go_backwards()

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells, from the input on."""
        return self.cell.cells if isinstance(self.cell, StackedRNNCells) else (self.cell,)

    @property
    def state_count(self) -> int:
        return sum(cell.sequence.state_count for cell in self.cells)

    def state_shapes(self, inputs: Inputs) -> tuple[Shape, ...]:
        return tuple(shape for cell in self.cells for shape in cell.sequence.state_shapes(inputs))

    def cell_inputs(self, inputs: Inputs) -> tuple[Inputs, ...]:
        """Return what each cell reads, as a sequence."""
        steps, features = inputs[0]
        widths = (features, *(cell.units for cell in self.cells[:-1]))
        return tuple(((steps, width),) for width in widths)

    def cell_flops(self, inputs: Inputs) -> int:
        """Return the FLOPs of its cells at one step."""
        read = zip(self.cells, self.cell_inputs(inputs), strict=True)
        return sum(cell.flops((sequence[1:],), (cell.units,)) for cell, (sequence,) in read)

    def output_shape(self, inputs: Inputs) -> Shape:
        shape = inputs[0]
        require_rank(shape, 2, "steps, features", "RNN")
        require_known(shape[-1], "the feature axis", "RNN", shape)
        self.check_start(inputs)
        units = self.cells[-1].units
        return (shape[0], units) if self.return_sequences else (units,)

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        read = zip(self.cells, self.cell_inputs(inputs), strict=True)
        return tuple(weight for cell, each in read for weight in cell.sequence.weights(each))

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """steps x cell flops; the FLOPs of all its cells."""
        return (inputs[0][0] or 0) * self.cell_flops(inputs)

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """What its cells keep at every step; a cell keeps its results already where the next one reads them."""
        read = zip(self.cells, self.cell_inputs(inputs), strict=True)
        kept = [cell.sequence.saved(each, output) for cell, each in read]
        return Saved(
            inputs=kept[0].inputs, elements=sum(each.elements for each in kept), bytes=sum(each.bytes for each in kept)
        )
