"""``neural check``: what is wrong with programs."""

from __future__ import annotations

import json

import click

from neural.cli.console import read_source, render_github, show_diagnostics, source_name, write_output
from neural.diagnostics import Diagnostic
from neural.kept import analyze


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--format", "style", type=click.Choice(["text", "json", "github", "sarif"]), default="text", show_default=True
)
@click.option("--fix", is_flag=True, help="Make the first fix of every error that has one, and report what is left.")
@click.pass_context
def command(context: click.Context, files: tuple[str, ...], style: str, fix: bool) -> None:
    """Report what is wrong with programs; exit with 1 when one has an error.

    With --fix files are rewritten in place; the standard input is written to the standard output.
    """
    if fix and style != "text" and "-" in files:
        raise click.UsageError("--fix writes the standard input to the standard output: there is no place for a report")
    found: list[tuple[str, tuple[Diagnostic, ...]]] = []
    for path in files:
        source = _fixed(path, read_source(path)) if fix else read_source(path)
        diagnostics = analyze(source).diagnostics
        found.append((source_name(path), diagnostics))
        if style == "text":
            show_diagnostics(diagnostics, path, source)
    if style == "json":
        click.echo(_as_json(found))
    elif style == "sarif":
        from neural.cli.sarif import sarif

        click.echo(json.dumps(sarif(found), indent=2))
    elif style == "github":
        for name, diagnostics in found:
            for diagnostic in diagnostics:
                click.echo(render_github(diagnostic, name))
    failed = any(each.severity == "error" for _, diagnostics in found for each in diagnostics)
    context.exit(1 if failed else 0)


def _fixed(path: str, source: str) -> str:
    """Make the fixes of a file, say which, and return its text."""
    from neural.fixing import fix_errors

    fixed, made = fix_errors(source, lambda text: analyze(text).diagnostics)
    if path == "-":
        write_output(fixed, None)
    elif fixed != source:
        write_output(fixed, path)
    for diagnostic, each in made:
        click.echo(f"{source_name(path)}: fixed {diagnostic.code} {diagnostic.message}: {each.title}", err=True)
    return fixed


def _as_json(found: list[tuple[str, tuple[Diagnostic, ...]]]) -> str:
    files = [{"file": name, "diagnostics": [each.to_dict() for each in diagnostics]} for name, diagnostics in found]
    return json.dumps({"schema": 1, "files": files}, indent=2)
