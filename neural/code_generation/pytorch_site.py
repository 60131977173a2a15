"""One step of a PyTorch ``forward``: the tensors that a row reads, the modules it declares, the value it returns.

A tensor knows in which order its axes are stored. Maps, volumes and the sequences between one-dimensional convolutions
are stored with the channels first; a row asks for the order that it needs, and an order that differs is permuted there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, final

from neural.code_generation.emitter import shape_comment
from neural.code_generation.pytorch_blocks import Body, Line
from neural.code_generation.pytorch_layout import Layout, program, stored
from neural.code_generation.writer import Helper, Mark, call
from neural.layers.base import Layer
from neural.shapes import Shape

TORCH = "import torch"
FUNCTIONAL = "import torch.nn.functional as F"

#: Names of passing values in ``forward``, which no tensor may take.
LOCALS = (
    *("x", "ahead", "back", "mask", "step", "steps", "sizes", "output", "outputs"),
    *("hidden", "memory", "states_ahead", "states_back", "parts"),
)


@final
@dataclass(frozen=True, slots=True)
class Tensor:
    """An expression in ``forward``, the shape of one sample as the program has it, and the order of its axes."""

    text: str
    shape: Shape
    layout: Layout
    dtype: str | None = None
    """Type of its elements where the program states one."""
    constant: bool = False
    """Whether no trainable weight is behind it, so that it has no gradient."""

    @property
    def rank(self) -> int:
        """Number of axes, the batch among them."""
        return len(self.layout)

    def to(self, layout: Layout) -> str:
        """Return the expression with its axes in another order."""
        order = tuple(self.layout.index(axis) for axis in layout)
        moved = [position for position, axis in enumerate(order) if position != axis]
        if not moved:
            return self.text
        if len(moved) == 2:
            return f"{self.text}.transpose({moved[0]}, {moved[1]})"
        return call(f"{self.text}.permute", order)

    def flat(self) -> str:
        """Return the expression with its elements in the order of the program, whatever the axes of size 1."""
        order = program(self.rank)
        wide = [axis for axis in self.layout if axis == 0 or self.shape[axis - 1] != 1]
        return self.text if wide == sorted(wide) else self.to(order)

    def position(self, axis: int) -> int:
        """Return where an axis of the program (the batch is 0) is stored."""
        return self.layout.index(axis)


@final
@dataclass(frozen=True, slots=True)
class Value:
    """What a row computes: an expression, the order of its axes, and the activation to apply to it."""

    text: str
    layout: Layout
    activation: str = "linear"
    others: tuple[Value, ...] = ()
    """The further results, of a layer that has several."""


@final
@dataclass(frozen=True, slots=True)
class Site:
    """Where a row stands: its layer, its inputs, the shape of its result, and the class it adds to."""

    body: Body
    layer: Layer
    inputs: tuple[Tensor, ...]
    shape: Shape
    owner: str
    name: str
    variable: str
    shared: bool = False
    """Whether other statements use the same weights, so that no module may depend on the size of its input."""
    batch: str = "batch"
    """What the comments call the first axis."""
    results: tuple[str, ...] = ()
    """The variables of all results of a layer that has several; "" is one that nothing reads."""
    around: Callable[[str], str] | None = None
    """What the constructor of a module is put into."""
    marks: tuple[Mark, ...] = ()
    """The step that its lines are for."""

    @property
    def input(self) -> Tensor:
        """The first tensor it reads."""
        return self.inputs[0]

    @property
    def rank(self) -> int:
        """Number of axes of the result, the batch among them."""
        return len(self.shape) + 1

    def use(self, *imports: str) -> None:
        """Ask for imports at the top of the file."""
        self.body.writer.use(*imports)

    def helper(self, helper: Helper) -> str:
        """Ask for a helper; return its name."""
        return self.body.writer.helper(helper)

    def declare(
        self,
        constructor: str,
        positional: Sequence[Any] = (),
        named: Mapping[str, Any] | None = None,
        *,
        suffix: str = "",
        without: str = "",
    ) -> str:
        """Declare a module in ``__init__`` unless its owner has; return the expression that reads it.

        ``without`` names a parameter of the module that the layer does not have.
        """
        attributes = self.body.modules.setdefault(self.owner, {})
        if suffix not in attributes:
            attributes[suffix] = self.body.attributes.take(f"{self.name}_{suffix}" if suffix else self.name)
            made = call(constructor, positional, named)
            text = f"self.{attributes[suffix]} = {self.around(made) if self.around else made}"
            self.body.init.append(Line(text, marks=self.marks))
            if without:
                text = f'self.{attributes[suffix]}.register_parameter("{without}", None)'
                self.body.init.append(Line(text, marks=self.marks))
        return f"self.{attributes[suffix]}"

    def hold(self, text: str, comment: str = "") -> str:
        """Assign an expression on the way to the result; return the variable."""
        return self.let(self.variable, text, comment)

    def let(self, name: str, text: str, comment: str = "") -> str:
        """Assign an expression to one of the names in ``LOCALS``; return the name."""
        self.body.forward.append(Line(f"{name} = {text}", comment, self.marks))
        return name

    def hold_tensor(self, tensor: Tensor) -> Tensor:
        """Assign a tensor on the way to the result, with its shape beside it; return it as the variable."""
        return replace(tensor, text=self.hold(tensor.text, self.comment(tensor.shape, tensor.layout)))

    def comment(self, shape: Shape, layout: Layout) -> str:
        """Return the comment that gives the sizes of a tensor as it is stored."""
        return shape_comment(stored(shape, layout), self.batch)


def options(**named: tuple[Any, Any]) -> dict[str, Any]:
    """Return the arguments whose value, given first, is not the default, given second."""
    return {name: value for name, (value, default) in named.items() if value != default}


def collapse(sizes: Sequence[int]) -> int | tuple[int, ...]:
    """Return one number for sizes that are all the same."""
    return sizes[0] if len(set(sizes)) == 1 else tuple(sizes)
