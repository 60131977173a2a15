"""``neural version``: the versions a bug report should name."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import click

from neural.version import __version__

_PACKAGES: Final = ("lark", "flask", "plotly", "torch", "tensorflow", "tensorflow-cpu", "keras")


@click.command()
def command() -> None:
    """Show the versions of Neural and of what it works with, importing none of it."""
    click.echo(f"neural {__version__}")
    click.echo(f"python {platform.python_version()} ({platform.system()} {platform.machine()})")
    for package in _PACKAGES:
        try:
            click.echo(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
