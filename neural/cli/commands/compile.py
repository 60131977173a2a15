"""``neural compile``: a network as source for a framework."""

from __future__ import annotations

import click

from neural.cli.console import read_source, stop_with, write_output
from neural.cli.options import BACKENDS
from neural.compiler import default_compiler
from neural.errors import NeuralError


@click.command()
@click.argument("file")
@click.option("--backend", type=click.Choice(BACKENDS), required=True, help="tensorflow is Keras 3 code.")
@click.option("-o", "--output", metavar="OUT", help="The file to write; the standard output by default.")
@click.option("--network", help="The network to take; the first by default.")
def command(file: str, backend: str, output: str | None, network: str | None) -> None:
    """Write a network as PyTorch or Keras source."""
    source = read_source(file)
    try:
        code = default_compiler().generate(source, backend=backend, network=network)
    except NeuralError as error:
        stop_with(error.diagnostics, file, source)
    write_output(code, output)
