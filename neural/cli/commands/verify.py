"""``neural verify``: whether the generated PyTorch and Keras code compute the same network."""

from __future__ import annotations

import json
import sys

import click

from neural.cli.console import Refused, read_source, stop_with
from neural.cli.options import values_option
from neural.compiler import default_compiler
from neural.errors import NeuralError
from neural.verification import RefusalError, UnavailableError, Verification


@click.command()
@click.argument("file")
@click.option("--network", help="The network to take; the first by default.")
@values_option
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(file: str, network: str | None, values: dict[str, int | float], form: str) -> None:
    """Build a network in PyTorch and Keras, and compare what they compute.

    Both get the same weights and input, in float64. Compared are the shape, parameters and result of every layer, the
    outputs, and the gradients of a step of training. Exits with 1 where they differ.
    """
    source = read_source(file)
    try:
        found = default_compiler().verify(source, network=network, values=values, progress=_progress)
    except NeuralError as error:
        stop_with(error.diagnostics, file, source)
    except (RefusalError, UnavailableError) as error:
        raise Refused(f"not verified: {error}") from None
    click.echo(json.dumps(found.to_dict(), indent=2) if form == "json" else _text(found))
    if not found.ok:
        raise SystemExit(1)


def _progress(doing: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"{doing} ...", err=True)


def _text(found: Verification) -> str:
    if not found.ok:
        return f"{found.network}: {found.problem}"
    close = f"outputs within {found.output_difference:.1e}"
    if found.gradient_difference is not None:
        close += f", gradients within {found.gradient_difference:.1e}"
    lines = [
        f"{found.network}: {found.summary()} on {found.date}",
        f"{found.parameters:,} parameters, {found.layers} layers compared, {close}, in {found.seconds:.1f} s",
    ]
    return "\n".join([*lines, *found.notes])
