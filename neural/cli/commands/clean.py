"""``neural clean``: remove what was kept between runs."""

from __future__ import annotations

import click

from neural.cachedir import cache_path, remove_cache
from neural.cli.console import Refused
from neural.terminal import shown


@click.command()
def command() -> None:
    """Remove what was kept between runs: the cache directory, if it is one that Neural made."""
    try:
        removed = remove_cache()
    except OSError as error:
        raise Refused(f"cannot remove {shown(str(cache_path()))}: {error.strerror}") from error
    click.echo(f"removed {shown(str(removed))}" if removed else "nothing to remove")
