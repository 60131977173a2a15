"""``neural fmt``: programs in the one canonical layout."""

from __future__ import annotations

import click

from neural.cli.console import read_source, show_diagnostics, source_name, write_output
from neural.compiler import default_compiler
from neural.errors import NeuralError


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when a file is laid out otherwise.")
@click.pass_context
def command(context: click.Context, files: tuple[str, ...], check: bool) -> None:
    """Write programs in the one canonical layout.

    Four spaces, one statement a line, comments kept. Exit with 1 when one has syntax errors.

    Files are rewritten in place; the standard input is written to the standard output.
    """
    failed = False
    for path in files:
        source = read_source(path)
        try:
            formatted = default_compiler().format(source)
        except NeuralError as error:
            show_diagnostics(error.diagnostics, path, source)
            failed = True
            continue
        if check:
            if formatted != source:
                click.echo(f"{source_name(path)} would be laid out anew", err=True)
                failed = True
        elif path == "-":
            write_output(formatted, None)
        elif formatted != source:
            write_output(formatted, path)
            click.echo(f"{path} laid out", err=True)
    context.exit(1 if failed else 0)
