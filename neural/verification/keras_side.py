"""A verification job in Keras: what the generated network computes on TensorFlow, in float64."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from neural.lazy import get_module
from neural.verification.allowlist import check
from neural.verification.probing import Probe, Recorder, instrumented, sketch

Array = Any

#: How TensorFlow says that it has an operation on other hardware only: transposed convolutions with gaps, strides that
#: differ in a depthwise one.
_NO_KERNEL = re.compile(r"Current (CPU )?implementations? (do|does|only)")


def load() -> dict[str, str]:
    """Import the framework; return the releases."""
    tensorflow, keras = get_module("tensorflow"), get_module("keras")
    return {"Keras": keras.__version__, "TensorFlow": tensorflow.__version__}


def run(job: Mapping[str, Any], arrays: Mapping[str, Array]) -> dict[str, Any]:
    """Return what the network of a job computes: results, counts and gradients by key."""
    try:
        return _answer(job, arrays)
    except get_module("tensorflow").errors.ResourceExhaustedError:
        return {"error": "memory"}
    except get_module("tensorflow").errors.OpError as error:
        if _NO_KERNEL.search(str(error)):
            return {"error": "kernel"}
        raise


def _answer(job: Mapping[str, Any], arrays: Mapping[str, Array]) -> dict[str, Any]:
    keras, numpy = get_module("keras"), get_module("numpy")
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    _keep_constants_in_double()
    _pool_volumes_by_axes()
    recorder = Recorder([Probe(*each) for each in job["probes"]], lambda tensor, _: tensor)
    model, owned = _model(job["source"], job["probes"], recorder, job["names"], arrays)
    inputs = [arrays[name] for name in job["inputs"]]
    keys = list(recorder.seen)
    watched = keras.Model(model.inputs, [*recorder.seen.values(), *model.outputs])
    values = [numpy.asarray(each) for each in _several(watched(inputs, training=False))]
    answer: dict[str, Any] = {
        "results": {key: sketch(value) for key, value in zip(keys, values, strict=False)},
        "outputs": [sketch(value) for value in values[len(keys) :]],
        "parameters": {key: sum(math.prod(weight.shape) for weight in weights) for key, weights in owned.items()},
    }
    try:
        if job["training"]:
            model, owned = _model(job["training"], [], recorder, job["training_names"], arrays)
            answer |= _step(model, owned, inputs, arrays)
    except (ValueError, TypeError, get_module("tensorflow").errors.InvalidArgumentError) as error:
        if _NO_KERNEL.search(str(error)):
            raise
        answer["failed"] = f"{type(error).__name__}: {error}"
    return answer


def _model(
    source: str, probes: Sequence[Any], recorder: Recorder, names: Mapping[str, str], arrays: Mapping[str, Array]
) -> tuple[Any, dict[str, list[Any]]]:
    """Return the built network with the weights of the job, and the weights that each layer has, by key."""
    tree = instrumented(check(source), [Probe(*each) for each in probes])
    scope: dict[str, Any] = {"__name__": "generated", "_probe": recorder}
    exec(compile(tree, "generated.py", "exec"), scope)
    model = scope["build_model"]()
    owned: dict[str, list[Any]] = {}
    for key, name in names.items():
        layer = model.get_layer(name)
        owned[key] = [weight for weight in layer.weights if "seed" not in weight.path]
        for index, weight in enumerate(owned[key]):  # what does not fit is left, and shows as a difference
            array = arrays.get(f"weight/{key}/{index}")
            if array is not None and array.shape == tuple(weight.shape):
                weight.assign(array)
        for each in (layer, getattr(layer, "layer", None)):
            if each is not None and hasattr(each, "finalize_state"):  # it works out more from its weights
                each.finalize_state()
    return model, owned


def _step(
    model: Any, owned: Mapping[str, Sequence[Any]], inputs: Sequence[Any], arrays: Mapping[str, Array]
) -> dict[str, Any]:
    """Return gradients of a sum over the outputs with fixed weights, and the statistics that training moved."""
    tensorflow = get_module("tensorflow")
    variables = {id(each): each.value for weights in owned.values() for each in weights if each.trainable}
    with tensorflow.GradientTape() as tape:
        results = _several(model(inputs, training=True))
        total = sum(
            tensorflow.reduce_sum(result * arrays[f"cotangent/{index}"]) for index, result in enumerate(results)
        )
    made = tape.gradient(total, list(variables.values()), unconnected_gradients="zero")
    gradients = {name: tensorflow.convert_to_tensor(each).numpy() for name, each in zip(variables, made, strict=True)}
    directed: dict[str, list[tuple[Array, Array]]] = {}
    moved: dict[str, list[tuple[Array, Array]]] = {}
    for key, weights in owned.items():
        for index, weight in enumerate(weights):
            if f"direction/{key}/{index}" not in arrays:
                continue
            if weight.trainable:
                directed.setdefault(key, []).append((gradients[id(weight)], arrays[f"direction/{key}/{index}"]))
            elif f"moved/{key}/{index}" in arrays:
                moved.setdefault(key, []).append((weight.numpy(), arrays[f"moved/{key}/{index}"]))
    return {"gradients": _projected(directed), "statistics": _projected(moved)}


def _projected(found: Mapping[str, Sequence[tuple[Array, Array]]]) -> dict[str, list[float]]:
    """Return, by key, the inner product with the directions, and the length."""
    return {
        key: [
            float(sum((array * direction).sum() for array, direction in pairs)),
            float(sum((array * array).sum() for array, _ in pairs)) ** 0.5,
        ]
        for key, pairs in found.items()
    }


def _several(result: Any) -> Sequence[Any]:
    return result if isinstance(result, list | tuple) else (result,)


def _keep_constants_in_double() -> None:
    """Let numbers of Python be float64 where they are cast to it: TensorFlow takes them through float32.

    Without this, a scale or a root would hide differences of a hundred-millionth.
    """
    tensorflow, operations = get_module("tensorflow"), get_module("tensorflow.python.ops.math_ops")
    plain = operations.cast

    def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
        return plain(tensorflow.constant(x, "float64") if isinstance(x, float) else x, dtype, name)

    for module in (operations, tensorflow):
        setattr(module, "cast", cast)  # noqa: B010


def _pool_volumes_by_axes() -> None:
    """Let volumes be pooled in float64: TensorFlow has that for windows over two axes, so it is done in two turns."""
    nn = get_module("tensorflow").nn
    plain, maximum, average = nn.pool, nn.max_pool, nn.avg_pool

    def pool(input: Any, window_shape: Any, pooling_type: str, strides: Any, padding: str, data_format: str) -> Any:
        turn = maximum if pooling_type == "MAX" else average
        if len(input.shape) != 5:
            return plain(input, window_shape, pooling_type, strides, padding, data_format)
        return _in_two_turns(turn)(input, window_shape, strides, padding)

    nn.pool, nn.max_pool, nn.avg_pool = pool, _in_two_turns(maximum), _in_two_turns(average)


def _in_two_turns(pool: Any) -> Any:
    tensorflow = get_module("tensorflow")

    def pooled(x: Any, size: Any, strides: Any, padding: str, data_format: Any = None) -> Any:
        if len(x.shape) != 5:
            return pool(x, size, strides, padding, data_format)
        size, strides = _three(size), _three(strides)
        before = tensorflow.shape(x)
        frames = tensorflow.reshape(x, tensorflow.concat([[-1], before[2:]], 0))
        frames = pool(frames, size[1:], strides[1:], padding)
        after = tensorflow.shape(frames)
        lines = tensorflow.reshape(frames, [before[0], before[1], after[1] * after[2], before[4]])
        lines = pool(lines, (size[0], 1), (strides[0], 1), padding)
        sizes = [before[0], tensorflow.shape(lines)[1], after[1], after[2], before[4]]
        return tensorflow.reshape(lines, sizes)

    return pooled


def _three(sizes: Any) -> tuple[int, int, int]:
    return (sizes,) * 3 if isinstance(sizes, int) else tuple(sizes)
