"""The training part of a Keras file: ``compile`` and ``fit``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from neural.code_generation.emitter import Refusals, UnsupportedError
from neural.code_generation.keras_layers import keras_device
from neural.code_generation.training import (
    CROSSENTROPIES,
    DATA_NAMES,
    Head,
    Recipe,
    recipe_of,
    write_data,
)
from neural.code_generation.training_options import command_line, signature
from neural.code_generation.training_text import Item, display
from neural.code_generation.writer import Code, Writer, call, literal
from neural.network import Setting
from neural.shape_propagation.plan import Plan

TRAINING_NAMES = (*DATA_NAMES, "Checkpoint", "load_checkpoint", "os", "state_of")

#: The classes behind the names of losses and metrics.
LOSSES: Mapping[str, str] = {
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "categorical_crossentropy": "CategoricalCrossentropy",
    "binary_crossentropy": "BinaryCrossentropy",
    "mean_squared_error": "MeanSquaredError",
    "mean_absolute_error": "MeanAbsoluteError",
    "huber": "Huber",
    "hinge": "Hinge",
    "kl_divergence": "KLDivergence",
    "poisson": "Poisson",
    "cosine_similarity": "CosineSimilarity",
    "log_cosh": "LogCosh",
}
METRICS: Mapping[str, str] = {
    "accuracy": "Accuracy",
    "binary_accuracy": "BinaryAccuracy",
    "categorical_accuracy": "CategoricalAccuracy",
    "sparse_categorical_accuracy": "SparseCategoricalAccuracy",
    "top_k_categorical_accuracy": "TopKCategoricalAccuracy",
    "sparse_top_k_categorical_accuracy": "SparseTopKCategoricalAccuracy",
    "mean_squared_error": "MeanSquaredError",
    "mean_absolute_error": "MeanAbsoluteError",
    "root_mean_squared_error": "RootMeanSquaredError",
    "precision": "Precision",
    "recall": "Recall",
    "auc": "AUC",
}


_BODY, _ARGUMENT = 4, 8
#: Precisions in which the averages that optimizers keep of gradients round to nothing.
_NARROW = ("float16", "bfloat16")


def write_training(writer: Writer, plan: Plan, refusals: Refusals) -> None:
    """Write the data, ``train`` and the command line, or report what cannot be trained."""
    writer.use("import keras")
    with refusals.of(plan.steps[-1]):
        recipe = recipe_of(plan)
        _check_precision(recipe)
        write_data(writer, recipe)
        _write_checkpoints(writer, recipe)
        _write_train(writer, recipe)
        _write_main(writer, recipe)


def _check_precision(recipe: Recipe) -> None:
    if recipe.precision in _NARROW and recipe.optimizer.name != "SGD":
        why = f"{recipe.optimizer.name} in Keras keeps its averages in {recipe.precision}, where they round to nothing"
        raise UnsupportedError(why, f'use precision: "mixed_{recipe.precision}", or the optimizer SGD')


def _write_checkpoints(writer: Writer, recipe: Recipe) -> None:
    """Write what saves and loads all that training goes on from: Keras's own callbacks leave random states out."""
    writer.use("import os")
    writer.section()
    with writer.block("def state_of(model: keras.Model) -> list[keras.Variable]:"):
        writer.line('"""Return what training changes: weights, random states, the optimizer."""')
        writer.line("return [*model.variables, *model.optimizer.variables]")
    writer.section()
    with writer.block("class Checkpoint(keras.callbacks.Callback):"):
        writer.line('"""A file to which a model is saved after each epoch."""')
        writer.blank()
        with writer.block("def __init__(self, path: str) -> None:"):
            writer.line("super().__init__()")
            writer.line("self.path = path")
        writer.blank()
        with writer.block("def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:"):
            writer.line("state = [variable.numpy() for variable in state_of(self.model)]")
            writer.line('np.savez(f"{self.path}.part.npz", epoch + 1, *state)')
            writer.line('os.replace(f"{self.path}.part.npz", self.path)')
    writer.section()
    with writer.block("def load_checkpoint(path: str, model: keras.Model) -> int:"):
        writer.line('"""Load a model, and return after how many epochs it was saved."""')
        with writer.block("with np.load(path) as saved:"):
            writer.line("epochs, *arrays = saved.values()")
        with writer.block("for variable, array in zip(state_of(model), arrays):"):
            # NumPy keeps the bytes of bfloat16 and not its name.
            writer.line(f"variable.assign(array{'.view(variable.dtype)' if recipe.precision == 'bfloat16' else ''})")
        writer.line("return int(epochs)")


def _write_train(writer: Writer, recipe: Recipe) -> None:
    settings = recipe.settings
    with signature(writer, recipe, "keras.Model", {}):
        writer.line("keras.utils.set_random_seed(seed)")
        if recipe.precision not in ("auto", "float32"):
            writer.line(f"keras.config.set_dtype_policy({literal(recipe.precision)})")
        writer.line("x, y = load_data(data) if data else make_data()")
        writer.line("model = build_model()")
        _write_compiled(writer, recipe)
        writer.line("model.optimizer.build(model.trainable_variables)")
        writer.line("first = load_checkpoint(checkpoint, model) if checkpoint and resume else 0")
        writer.line("callbacks = [Checkpoint(checkpoint)] if checkpoint else []")
        named: dict[str, Any] = {name: Code(name) for name in ("batch_size", "epochs")}
        named |= {"validation_split": split} if (split := settings["validation_split"]) else {}
        named |= {} if settings["shuffle"] else {"shuffle": False}
        named |= {"initial_epoch": Code("first"), "callbacks": Code("callbacks")}
        writer.line(call("model.fit", (Code("x"), Code("y")), named))
        writer.line("return model")


def _write_compiled(writer: Writer, recipe: Recipe) -> None:
    losses = [literal(_loss(head)) for head in recipe.heads]
    metrics = [[literal(_metric(head, each)) for each in head.metrics] for head in recipe.heads]
    named = {"optimizer": _called("keras.optimizers", recipe.optimizer), "loss": Code(losses[0])}
    if len(losses) > 1:
        named["loss"] = _listed(writer, "losses", losses, len("loss"))
    if any(metrics):
        named["metrics"] = _listed(writer, "metrics", metrics if len(metrics) > 1 else metrics[0], len("metrics"))
    writer.line(call("model.compile", (), named))


def _listed(writer: Writer, name: str, items: Sequence[Item], label: int) -> Code:
    """Return a list as an argument of ``model.compile``; write it as a statement before where it is too long."""
    (line, *more) = display("[", items, "]", _ARGUMENT + label + len("=,"))
    if not more:
        return Code(line)
    writer.lines(display(f"{name} = [", items, "]", _BODY))
    return Code(name)


def _called(module: str, setting: Setting) -> Code:
    """Return the call of an optimizer or a schedule, with the arguments that were given."""
    arguments = {
        key: _called("keras.optimizers.schedules", value) if isinstance(value, Setting) else value
        for key, value in setting.arguments.items()
    }
    return Code(call(f"{module}.{setting.name}", (), {k: _plain(v) for k, v in arguments.items() if v is not None}))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _loss(head: Head) -> Any:
    """Return a loss by its name, or as an object where it has arguments."""
    arguments = {key: value for key, value in head.loss.arguments.items() if value and key != "from_logits"}
    if head.loss.name in CROSSENTROPIES and head.logits:
        arguments = {"from_logits": True, **arguments}
    return Code(call(f"keras.losses.{LOSSES[head.loss.name]}", (), arguments)) if arguments else head.loss.name


def _metric(head: Head, setting: Setting) -> Any:
    """Return a metric by its name, or as an object where it has arguments or reads logits."""
    name, arguments = setting.name, dict(setting.arguments)
    if head.threshold == 0 and head.metric(setting) in ("binary_accuracy", "precision", "recall"):
        name = head.metric(setting)
        arguments["threshold" if name == "binary_accuracy" else "thresholds"] = 0.0
    elif head.threshold == 0 and name == "auc":
        arguments["from_logits"] = True
    return Code(call(f"keras.metrics.{METRICS[name]}", (), arguments)) if arguments else name


def _write_main(writer: Writer, recipe: Recipe) -> None:
    device = literal(keras_device(recipe.device))
    with command_line(writer, recipe, "cpu, gpu, gpu:1"):
        with writer.block(f'with keras.device(arguments.pop("device", {device})):'):
            writer.line("model = train(**arguments)")
        writer.line("model.summary()")
