"""Notebooks: ``%load_ext neural``, then ``%%neural`` above a program shows its report, with what is wrong in it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import click

from neural.cli.console import render
from neural.cli.options import analysis_options, device_option
from neural.compiler import default_compiler
from neural.cost.report import Report
from neural.diagnostics import Diagnostic

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


@dataclass(frozen=True, slots=True, repr=False)
class Problems:
    """What is wrong with a cell, each with its line and a caret below the place."""

    source: str
    diagnostics: tuple[Diagnostic, ...]

    def __repr__(self) -> str:
        lines = self.source.split("\n")
        return "\n".join(click.unstyle(render(each, "cell", lines)) for each in self.diagnostics)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(repr(self))}</pre>"


@click.command("%%neural")
@click.argument("name", required=False)
@device_option
@analysis_options
def _settings(**settings: Any) -> dict[str, Any]:
    """Show the shapes, parameters, FLOPs and memory of the network in the cell, and keep the report as NAME."""
    return settings


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Add ``%%neural`` to a notebook; IPython calls this for ``%load_ext neural``."""
    shell.register_magic_function(lambda line, cell: _run(shell, line, cell), "cell", "neural")


def _run(shell: InteractiveShell, line: str, source: str) -> Report | None:
    """Analyse a cell by the settings on its first line; ``--help`` shows them."""
    from IPython.core.error import UsageError

    try:
        settings = _settings.main(shlex.split(line), standalone_mode=False)
    except (click.ClickException, ValueError) as error:
        message = error.format_message() if isinstance(error, click.ClickException) else error
        raise UsageError(str(message)) from error
    if not isinstance(settings, dict):
        return None
    name = settings.pop("name")
    return _show(shell, default_compiler().analyze(source, **settings), source, name)


def _show(shell: InteractiveShell, report: Report, source: str, name: str | None) -> Report:
    """Show what is wrong, keep the report under a name, and return it for the notebook to show."""
    from IPython.display import display

    if report.diagnostics:
        display(Problems(source, report.diagnostics))
    if name:
        shell.user_ns[name] = report
    return report
