"""Options that several commands share."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from neural.cost.devices import DEVICES
from neural.cost.report import DTYPES, FRAMEWORKS
from neural.training_names import OPTIMIZERS

BACKENDS: Final = ("pytorch", "tensorflow")
FORMS: Final = ("model", "script", "notebook", "project")

F = TypeVar("F", bound=Callable[..., Any])


def analysis_options(function: F) -> F:
    """Add the settings of an analysis, by the names that ``Compiler.analyze`` has for them."""
    options = (
        click.option("--framework", type=click.Choice(FRAMEWORKS), default="tensorflow", show_default=True),
        click.option("--batch", type=click.IntRange(min=1), default=1, show_default=True, help="Samples at a time."),
        click.option("--dtype", type=click.Choice(DTYPES), default="float32", show_default=True),
        click.option(
            "--optimizer",
            type=click.Choice(tuple(OPTIMIZERS), case_sensitive=False),
            help="Whose state training memory holds; the program's own by default.",
        ),
        click.option("--network", help="The network to take; the first by default."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def device_option(function: F) -> F:
    """Add ``--device``, for times and for whether training fits."""
    return click.option(
        "--device",
        type=click.Choice(tuple(DEVICES), case_sensitive=False),
        help="Show the least time on a device, and whether training fits in its memory.",
    )(function)


def values_option(function: F) -> F:
    """Add ``--set name=value``, which gives another value to a ``let``."""
    return click.option(
        "--set",
        "values",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_values,
        help="Give a let another value. May be repeated.",
    )(function)


def _values(_: click.Context, __: click.Parameter, pairs: tuple[str, ...]) -> dict[str, int | float]:
    return dict(map(_pair, pairs))


def _pair(text: str) -> tuple[str, int | float]:
    name, equals, value = text.partition("=")
    if not (equals and name.isidentifier()):
        raise click.BadParameter(f"{text!r} is not NAME=VALUE")
    for read in (int, float):
        try:
            number = read(value)
        except ValueError:
            continue
        if math.isfinite(number):
            return name, number
    raise click.BadParameter(f"{value!r} is not a finite number")
