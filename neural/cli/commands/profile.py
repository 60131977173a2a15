"""``neural profile``: how long each stage of an analysis takes, and what the caches do."""

from __future__ import annotations

import click

from neural.cli.console import read_source, show_diagnostics
from neural.profiling import profile


@click.command()
@click.argument("file")
@click.pass_context
def command(context: click.Context, file: str) -> None:
    """Show how long each stage of an analysis takes, and how often the caches answer when it is asked for again."""
    source = read_source(file)
    result = profile(source)
    show_diagnostics(result.diagnostics, file, source)
    click.echo(f"{'stage':<22}{'time':>12}")
    for stage, seconds in result.seconds.items():
        click.echo(f"{stage:<22}{seconds * 1e3:>9.3f} ms")
    click.echo(f"\n{'cache':<22}{'hits':>7}{'misses':>8}{'held':>7}{'bytes':>12}{'at most':>13}")
    for name, counts in result.caches.items():
        click.echo(
            f"{name:<22}{counts.hits:>7}{counts.misses:>8}{counts.size:>7}{counts.bytes:>12,}{counts.budget:>13,}"
        )
    context.exit(1 if any(each.severity == "error" for each in result.diagnostics) else 0)
