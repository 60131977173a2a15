"""``neural compile``: a network as source for a framework, in one of several forms, or as an ONNX file."""

from __future__ import annotations

import sys

import click

from neural.cli.console import Refused, read_source, stop_with, write_output
from neural.cli.options import BACKENDS, FORMS, values_option
from neural.compiler import Compiler, default_compiler
from neural.errors import NeuralError

Values = dict[str, int | float]


@click.command()
@click.argument("file")
@click.option("--backend", type=click.Choice((*BACKENDS, "onnx")), required=True, help="tensorflow is Keras 3 code.")
@click.option("--form", type=click.Choice(FORMS), help="Of code: script by default.")
@click.option("-o", "--output", metavar="OUT", help="The file to write; the standard output by default.")
@click.option("--network", help="The network to take; the first by default.")
@values_option
def command(file: str, backend: str, form: str | None, output: str | None, network: str | None, values: Values) -> None:
    """Write a network as PyTorch or Keras source, or as an ONNX file."""
    if backend == "onnx" and form:
        raise Refused("--form is for code: an ONNX file has one form")
    if (backend == "onnx" or form == "project") and output in (None, "-") and sys.stdout.isatty():
        raise Refused("this is no text for a terminal: name a file with -o")
    source = read_source(file)
    try:
        content = _made(default_compiler(), source, backend, form or "script", network, values)
    except NeuralError as error:
        stop_with(error.diagnostics, file, source)
    write_output(content, output)


def _made(compiler: Compiler, source: str, backend: str, form: str, network: str | None, values: Values) -> bytes:
    plan = compiler.plan(source, network=network, values=values).plan
    unknown = values.keys() - plan.network.values.keys() if plan else ()
    if unknown:
        raise Refused(f"--set: the program has no let called {', '.join(sorted(unknown))}")
    if backend == "onnx":
        return _onnx(compiler, source, network, values)
    return compiler.download(source, backend=backend, form=form, network=network, values=values).content


def _onnx(compiler: Compiler, source: str, network: str | None, values: Values) -> bytes:
    try:
        exported = compiler.onnx(source, network=network, values=values)
    except ModuleNotFoundError as error:
        raise Refused(str(error)) from error
    click.echo(f"compared with PyTorch: a relative difference of {exported.difference:.1e}", err=True)
    return exported.content
