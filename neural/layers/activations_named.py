"""One layer for each activation without arguments that PyTorch has as a module."""

from __future__ import annotations

from typing import ClassVar, final

from neural.layers.activations import Elementwise, saved_by_activation
from neural.layers.base import Inputs, Saved
from neural.records import dataclass
from neural.shapes import Shape


class NamedActivation(Elementwise):
    """What the layers that apply one activation share."""

    __slots__ = ()

    #: Name of the activation.
    function: ClassVar[str]

    @final
    def saved(self, inputs: Inputs, output: Shape) -> Saved:
        """What its activation keeps, as Activation says."""
        return saved_by_activation(self.function, output)


@final
@dataclass(frozen=True, slots=True)
class ReLU6(NamedActivation):
    """Keeps what lies from 0 to 6 and cuts off the rest.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: ReLU6() }`
    Source: https://keras.io/api/layers/activations/#relu6-function
    """

    function: ClassVar[str] = "relu6"


@final
@dataclass(frozen=True, slots=True)
class SELU(NamedActivation):
    """The self-normalising unit: ELU, scaled so that activations keep mean 0 and variance 1.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: SELU() }`
    Source: https://arxiv.org/abs/1706.02515
    """

    function: ClassVar[str] = "selu"


@final
@dataclass(frozen=True, slots=True)
class CELU(NamedActivation):
    """The continuously differentiable ELU of alpha 1.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: CELU() }`
    Source: https://arxiv.org/abs/1704.07483
    """

    function: ClassVar[str] = "celu"


@final
@dataclass(frozen=True, slots=True)
class Mish(NamedActivation):
    """A smooth unit: ``x * tanh(softplus(x))``.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: Mish() }`
    Source: https://arxiv.org/abs/1908.08681
    """

    function: ClassVar[str] = "mish"


@final
@dataclass(frozen=True, slots=True)
class Softplus(NamedActivation):
    """A smooth ReLU: ``log(1 + exp(x))``.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: Softplus() }`
    Source: https://keras.io/api/layers/activations/#softplus-function
    """

    function: ClassVar[str] = "softplus"


@final
@dataclass(frozen=True, slots=True)
class Softsign(NamedActivation):
    """A unit that levels off slowly: ``x / (1 + abs(x))``.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: Softsign() }`
    Source: https://keras.io/api/layers/activations/#softsign-function
    """

    function: ClassVar[str] = "softsign"


@final
@dataclass(frozen=True, slots=True)
class LogSigmoid(NamedActivation):
    """The logarithm of the logistic function.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: LogSigmoid() }`
    Source: https://keras.io/api/layers/activations/#logsigmoid-function
    """

    function: ClassVar[str] = "log_sigmoid"


@final
@dataclass(frozen=True, slots=True)
class LogSoftmax(NamedActivation):
    """The logarithm of softmax over the last axis.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: LogSoftmax() }`
    Source: https://keras.io/api/layers/activations/#logsoftmax-function
    """

    function: ClassVar[str] = "log_softmax"


@final
@dataclass(frozen=True, slots=True)
class HardSigmoid(NamedActivation):
    """A logistic function of straight lines: ``x / 6 + 1 / 2``, from 0 to 1.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: HardSigmoid() }`
    Source: https://keras.io/api/layers/activations/#hardsigmoid-function
    """

    function: ClassVar[str] = "hard_sigmoid"


@final
@dataclass(frozen=True, slots=True)
class HardSwish(NamedActivation):
    """SiLU with a logistic function of straight lines.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: HardSwish() }`
    Source: https://arxiv.org/abs/1905.02244
    """

    aliases: ClassVar[tuple[str, ...]] = ("HardSiLU",)
    function: ClassVar[str] = "hard_silu"


@final
@dataclass(frozen=True, slots=True)
class HardTanh(NamedActivation):
    """Keeps what lies from -1 to 1 and cuts off the rest.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: HardTanh() }`
    Source: https://keras.io/api/layers/activations/#hardtanh-function
    """

    function: ClassVar[str] = "hard_tanh"


@final
@dataclass(frozen=True, slots=True)
class TanhShrink(NamedActivation):
    """What the hyperbolic tangent takes away: ``x - tanh(x)``.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: TanhShrink() }`
    Source: https://keras.io/api/layers/activations/#tanhshrink-function
    """

    function: ClassVar[str] = "tanh_shrink"


@final
@dataclass(frozen=True, slots=True)
class HardShrink(NamedActivation):
    """Sets what lies from -0.5 to 0.5 to zero.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: HardShrink() }`
    Source: https://keras.io/api/layers/activations/#hardshrink-function
    """

    function: ClassVar[str] = "hard_shrink"


@final
@dataclass(frozen=True, slots=True)
class SoftShrink(NamedActivation):
    """Draws everything 0.5 closer to zero.

    Shape: (...) -> (...)
    Example: `network Net { input: (64,)  layers: SoftShrink() }`
    Source: https://keras.io/api/layers/activations/#softshrink-function
    """

    function: ClassVar[str] = "soft_shrink"


#: Every one of them.
LAYERS: tuple[type[NamedActivation], ...] = (
    ReLU6,
    SELU,
    CELU,
    Mish,
    Softplus,
    Softsign,
    LogSigmoid,
    LogSoftmax,
    HardSigmoid,
    HardSwish,
    HardTanh,
    TanhShrink,
    HardShrink,
    SoftShrink,
)
