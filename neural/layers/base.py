"""What every layer declares: its shape rule, its weights and its costs, as pure functions of its input shapes.

A layer is one frozen dataclass in its family's file. Shapes are per sample (the batch axis is implied). A rule that is
broken raises ``RuleError``; the propagator adds the place in the source.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import fields
from math import prod
from typing import Any, ClassVar, NamedTuple, cast

from neural.errors import Repair, RuleError
from neural.layers.fields import Argument
from neural.records import dataclass
from neural.shapes import Shape, describe, product

Inputs = tuple[Shape, ...]

UNBOUNDED = 1_000_000


class Weight(NamedTuple):
    """A named tensor that a layer owns, as Keras names and shapes it."""

    name: str
    shape: tuple[int, ...]
    trainable: bool = True

    @property
    def size(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class Saved:
    """What the backward pass of a layer keeps from the forward pass, for one sample.

    ``inputs`` and ``output`` say that those tensors' own storages are kept (shared with whoever else keeps them);
    ``elements`` counts further values in the compute dtype, ``statistics`` float32 values and ``bytes`` plain bytes
    (masks, indices); ``shared_statistics`` float32 values that do not grow with the batch.
    """

    inputs: bool = False
    output: bool = False
    elements: int = 0
    statistics: int = 0
    shared_statistics: int = 0
    bytes: int = 0


class Advice(NamedTuple):
    """A hint: what looks like an oversight, the way out, and repairs."""

    message: str
    help: str = ""
    repairs: tuple[Repair, ...] = ()


SAVES_NOTHING = Saved()
SAVES_INPUT = Saved(inputs=True)
SAVES_OUTPUT = Saved(output=True)


class Layer(ABC):
    """A layer of the catalogue. Subclasses are final, frozen, slotted dataclasses."""

    __slots__ = ()

    #: Other spellings of the type, PyTorch's among them.
    aliases: ClassVar[tuple[str, ...]] = ()
    #: How many tensors it reads, least and most.
    arity: ClassVar[tuple[int, int]] = (1, 1)
    #: Elementwise operations per output element: the constant behind ``other_ops``.
    ops_per_output: ClassVar[int] = 0
    #: Whether it reads whole numbers, so that an input that feeds only such layers holds int32.
    integer_input: ClassVar[bool] = False
    #: Whether the backward pass computes a gradient for its input.
    differentiable: ClassVar[bool] = True
    #: How many results it has.
    results: ClassVar[int] = 1

    @abstractmethod
    def output_shape(self, inputs: Inputs) -> Shape:
        """Return the shape of the result for one sample; raise ``RuleError`` when the inputs do not fit."""

    def output_shapes(self, inputs: Inputs) -> tuple[Shape, ...]:
        """Return the shapes of all its results, the first being ``output_shape``."""
        return (self.output_shape(inputs),)

    def weights(self, inputs: Inputs) -> tuple[Weight, ...]:
        """Return the tensors it owns, in Keras's order."""
        return ()

    def flops(self, inputs: Inputs, output: Shape) -> int:
        """Return the forward FLOPs of one sample, a multiply-add counted as two. Every size is known."""
        return 0

    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """Return what its backward pass keeps. Every size is known."""
        return SAVES_NOTHING

    def is_view(self) -> bool:
        """Whether its result is its input's own storage, seen in another shape or as it is."""
        return False

    def advice(self, inputs: Inputs) -> Advice | None:
        """Return a hint where the inputs fit but probably are not what was meant."""
        return None

    @classmethod
    def completed(cls, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the arguments of a call with those put in that follow from others."""
        return given

    @classmethod
    def arguments(cls) -> dict[str, Argument]:
        """Return its arguments by name, in positional order."""
        known = _ARGUMENTS.get(cls)
        if known is None:
            known = {f.name: cast(Argument, f.metadata["argument"]) for f in fields(cast(Any, cls))}
            _ARGUMENTS[cls] = known
        return known

    def given(self) -> Iterator[tuple[str, Any]]:
        """Yield every argument's name and value, in positional order."""
        for name in self.arguments():
            yield name, getattr(self, name)


_ARGUMENTS: dict[type[Layer], dict[str, Argument]] = {}


def type_name(layer: Layer | type[Layer]) -> str:
    """Return the canonical type name: the class's own."""
    return layer.__name__ if isinstance(layer, type) else type(layer).__name__


def require_rank(shape: Shape, rank: int, axes: str, layer: str, *, repairs: tuple[Repair, ...] = ()) -> None:
    """Raise unless one sample has ``rank`` axes; ``axes`` names them for the message."""
    if len(shape) == rank:
        return
    raise RuleError(
        f"{layer} reads ({axes}) with the batch before it, {rank + 1} axes in all; "
        f"it received {describe(shape)}, {len(shape) + 1} axes",
        help=_rank_help(len(shape), rank),
        repairs=repairs or _rank_repairs(shape, rank),
    )


def _rank_repairs(shape: Shape, rank: int) -> tuple[Repair, ...]:
    """Return the layer to put in front that gives a sample the axes that are asked for, where one is plain."""
    statement = ""
    if rank == 1 < len(shape):
        statement = "Flatten()"
    elif len(shape) == rank - 1 and None not in shape:
        statement = f"Reshape(({', '.join(map(str, shape))}, 1))"
    elif rank == 2 < len(shape) and shape[-1] is not None:
        statement = f"Reshape((-1, {shape[-1]}))"
    return (Repair(f"insert {statement} before it", value=statement, action="insert"),) if statement else ()


def _rank_help(have: int, want: int) -> str:
    if have > want == 1:
        return "put Flatten() or a global pooling layer before it"
    if have == want - 1:
        return "add the missing axis in `input`, where a None in front is the batch, or with Reshape(...)"
    if have > want:
        return "remove an axis with Reshape(...) or a pooling layer before it"
    return "give the input the missing axes, in `input` or with Reshape(...)"


def require_known(value: int | None, what: str, layer: str, shape: Shape) -> int:
    """Return a size that a weight depends on; raise when it is unknown."""
    if value is None:
        raise RuleError(
            f"{layer} needs {what} to be known, for its weights depend on it; it received {describe(shape)}",
            help="give that axis of the input a size instead of None",
        )
    return value


def position(axis: int, shape: Shape, layer: str, argument: str = "axis") -> int:
    """Return where an axis that counts the batch as axis 0 (or from the end) stands in the shape of one sample.

    ``argument`` is the layer's name of it, for the message and its repair.
    """
    rank = len(shape) + 1
    if 0 < axis < rank:
        return axis - 1
    if 0 < axis + rank < rank:
        return axis + rank - 1
    advice = "an axis is a position, not a size; -1 is the last one" if axis in shape else "-1 is the last axis"
    have = f"from 1 to {rank - 1}, or from {1 - rank} to -1" if shape else "none besides the batch"
    raise RuleError(
        f"{argument}={axis} is not an axis of {describe(shape)} that {layer} may use: those are {have}",
        help=advice,
        argument=argument,
        repairs=(Repair("use the last axis", argument, "-1"),) if shape else (),
    )


def elements(shape: Shape) -> int:
    """Return the number of elements of a shape that is wholly known."""
    return cast(int, product(shape))
